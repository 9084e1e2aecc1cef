"""The base of the machine tests: one machine for each class, its journal shown when a test fails."""

import sys
import unittest

from machine import Machine

from sensor import BUILD, DEADLINE_S, TakListener, configure


class SensorCase(unittest.TestCase):
    """Settings and access points are the class's own; the machine and the listener are shared by its tests."""

    settings = ""
    access_points: list[dict] = []
    # Bit/s of the receiver that is plugged in from the start.
    receiver: int | None = None
    parts = ("stinky-radio@wlan2", "stinky-scan", "stinky-tak")
    build = BUILD
    simulator = BUILD / "bin/sim-gps"
    machine: Machine
    tak: TakListener

    @classmethod
    def setUpClass(cls) -> None:
        cls.tak = TakListener()
        cls.addClassCleanup(cls.tak.close)
        cls.machine = Machine.start(f"test-{cls.__name__.lower()}", build=BUILD)
        cls.addClassCleanup(cls.machine.stop)
        configure(cls.machine, ["udp+multicast://239.2.3.1:6969", f"udp://10.0.2.2:{cls.tak.port}"], cls.settings)
        for access_point in cls.access_points:
            cls.machine.add_access_point(**access_point)
        if cls.receiver is not None:
            cls.machine.plug_gps(baud=cls.receiver, simulator=cls.simulator)

    def setUp(self) -> None:
        self.addCleanup(self._show_journal)
        # Each test starts the parts several times: the limit on starts is of the unit, not of the class.
        self.machine.run("systemctl reset-failed 'stinky*'", check=False)

    def _show_journal(self) -> None:
        outcome = getattr(self, "_outcome", None)
        result = outcome.result if outcome else None
        bad = [*result.failures, *result.errors] if result else []
        # A subtest is an object of its own, which knows the test that it belongs to.
        if any(getattr(test, "test_case", test) is self for test, _ in bad):
            journal = self.machine.run("journalctl -b --no-pager -o short-monotonic -n 120", check=False).stdout
            print(f"--- the journal of {self.id()} ---\n{journal}---", file=sys.stderr)

    def start_target(self) -> None:
        self.machine.run("systemctl start stinky.target", timeout=DEADLINE_S)

    def stop_target(self) -> None:
        self.machine.run("systemctl stop stinky.target", timeout=DEADLINE_S)
        # systemctl waits for the target; its parts stop after it, the card last.
        self.machine.wait_until(f"! systemctl is-active --quiet {' '.join(self.parts)} && "
                                "test -z \"$(systemctl list-jobs --no-legend 'stinky*')\"", DEADLINE_S)

    def now(self) -> str:
        """The guest's time, for journalctl --since. (--after-cursor with a match leaves out the first entry of systemd 252.)"""
        return self.machine.run("date +@%s.%6N").stdout.strip()

    def link(self, interface: str = "wlan2") -> tuple[str, bool]:
        """The type as iw says it, and whether the interface is up."""
        kind = self.machine.run(f"iw dev {interface} info | sed -n 's/.*type //p'").stdout.strip()
        flags = int(self.machine.run(f"cat /sys/class/net/{interface}/flags").stdout, 16)
        return kind, bool(flags & 1)
