"""The base of the controller's machine tests: a receiver, an access point, and a part that can be broken."""

from case import SensorCase
from sensor import DEADLINE_S, status

DROP_IN = "/run/systemd/system/stinky-tak.service.d/90-test.conf"


class ControllerCase(SensorCase):
    access_points = [{"ssid": "GardenShed", "radio": "wlan0", "channel": 6}]
    receiver = 9600

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.mend)

    def mend(self) -> None:
        self.machine.run(f"test ! -e {DROP_IN} || {{ rm -rf {DROP_IN} && systemctl daemon-reload; }}; "
                         "systemctl reset-failed 'stinky*'", check=False, timeout=DEADLINE_S)
        self.stop_target()

    def drop_in(self, text: str) -> None:
        self.machine.run(f"mkdir -p $(dirname {DROP_IN}) && cat > {DROP_IN} && systemctl daemon-reload", stdin=text,
                         timeout=DEADLINE_S)

    def wait_state(self, *states: str) -> None:
        pattern = "|".join(states)
        self.machine.wait_until("busctl get-property org.stinky.Controller1 /org/stinky/Controller1 org.stinky.Controller1 "
                                f"State | grep -qE '\"({pattern})\"'", DEADLINE_S)

    def unit(self, name: str) -> dict:
        return next(u for u in status(self.machine)["units"] if u["name"] == name)

    def pid(self, unit: str) -> str:
        return self.machine.run(f"systemctl show --value -p MainPID {unit}").stdout.strip()
