"""What the machine tests of GPS share: receivers that are plugged in, and what must come of it."""

import json
import os

from case import SensorCase
from sensor import DEADLINE_S

LONG = os.environ.get("STINKY_LONG") == "yes"
RATES = (9600, 4800, 38400, 57600, 115200)
SETTINGS = "/etc/stinky/stinky.conf"
# A report with a position, of that device.
GREP_TPV = "grep -q -m 1 '\"class\":\"TPV\",\"device\":\"{device}\".*\"lat\":'"
NOTHING_LEFT = ("! ls /dev/ttyUSB* && ! pgrep -f '[s]tinky-gps-probe' && test -z \"$(systemctl list-units --no-legend --all "
                "--state=active,activating,deactivating,failed 'stinky-gps@*' 'stinky-gps-free@*')\" && "
                "! timeout 5 gpspipe -w -n 2 | grep -q ttyUSB")


class ReceiverCase(SensorCase):
    settings = "SCANNER=none\nTAK_PART=none\nGPS_WAIT=3"
    parts = ("stinky-gps",)

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.back_to_the_start)

    def back_to_the_start(self) -> None:
        for dongle in self.machine.status()["dongles"]:
            self.machine.unplug_gps(dongle["socket"])
        self.machine.run("systemctl stop stinky.target stinky-gps.service", timeout=DEADLINE_S)
        self.machine.wait_until("! ls /dev/ttyUSB*", DEADLINE_S)

    def set(self, *lines: str) -> None:
        """More settings, for this test."""
        self.machine.run(f"cp {SETTINGS} {SETTINGS}.before; cat >> {SETTINGS}; systemctl daemon-reload",
                         stdin="\n".join(lines) + "\n", timeout=DEADLINE_S)
        self.addCleanup(self.machine.run, f"mv {SETTINGS}.before {SETTINGS} && systemctl daemon-reload", timeout=DEADLINE_S)

    def plug(self, *arguments: str, baud: int = 9600, socket: int = 0) -> str:
        device = self.machine.plug_gps(*arguments, baud=baud, socket=socket, simulator=self.simulator)
        return device.removeprefix("/dev/")

    def plug_unseen(self, *arguments: str, baud: int = 9600) -> str:
        """Plugs in what stinky does not look at before it is told to: `systemctl start stinky-gps@ttyUSB0`."""
        self.machine.run("systemctl mask --quiet --runtime stinky-gps@ttyUSB0")
        try:
            return self.plug(*arguments, baud=baud)
        finally:
            self.machine.run("systemctl unmask --quiet --runtime stinky-gps@ttyUSB0")

    def wait_handed_over(self, port: str) -> None:
        self.machine.wait_until(f"systemctl is-active stinky-gps@{port}", DEADLINE_S)

    def wait_state(self, state: str) -> None:
        self.machine.wait_until(f"grep -q '\"state\":\"{state}\"' /run/stinky/status/gps.json", DEADLINE_S)

    def wait_journal(self, unit: str, words: str) -> None:
        self.machine.wait_until(f"journalctl -b --no-pager -o cat -u {unit} | grep -q '{words}'", DEADLINE_S)

    def assert_position(self, port: str) -> None:
        self.machine.run(f"timeout {DEADLINE_S} gpspipe -w | {GREP_TPV.format(device=f'/dev/{port}')}", timeout=DEADLINE_S + 10)

    def assert_nothing_left(self) -> None:
        self.machine.wait_until(NOTHING_LEFT, DEADLINE_S)

    def assert_no_failed_unit(self) -> None:
        self.assertEqual(self.machine.run("systemctl --failed --no-legend").stdout, "")

    def journal(self, unit: str) -> str:
        return self.machine.run(f"journalctl -b --no-pager -o cat -u {unit}").stdout

    def events(self, since: str) -> list[tuple[str, str]]:
        """The journal of GPS as (event, message)."""
        lines = self.machine.run(f"journalctl -b --no-pager -o json --since={since} STINKY_PART=gps").stdout.splitlines()
        return [(entry.get("STINKY_EVENT", ""), entry["MESSAGE"]) for entry in map(json.loads, lines)]

    def wait_event(self, event: str, since: str) -> None:
        self.machine.wait_until(f"journalctl -b -o cat --since={since} STINKY_EVENT={event} | grep -q .", DEADLINE_S)
