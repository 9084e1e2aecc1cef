"""stinky-kismet.service under the machine's systemd, with a Kismet that fails as a real one does."""

import unittest

from case import SensorCase
from machine.image import REPOSITORY
from sensor import DEADLINE_S, part

UNIT = "stinky-kismet.service"
STATE = "/run/sim-kismet"
# The unit's own times would make a test of minutes.
DROP_IN = f"""[Service]
Environment=SIM_KISMET_DATA=/opt/sim-kismet SIM_KISMET_STATE={STATE}
WatchdogSec=12
RestartSec=1
"""


class Kismet(SensorCase):
    settings = "SCANNER=auto\n"
    access_points = [{"ssid": "HomeNet", "radio": "wlan0", "channel": 6}]
    parts = ("stinky-radio@wlan2", "stinky-kismet", "stinky-scan", "stinky-tak")

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        machine = cls.machine
        machine.run("mkdir -p /opt/sim-kismet /etc/systemd/system/stinky-kismet.service.d")
        machine.copy_to(*sorted((REPOSITORY / "tests/data/kismet-2026.11").glob("*.json")), to="/opt/sim-kismet/")
        machine.copy_to(cls.build / "bin/sim-kismet", to="/usr/local/bin/kismet")
        machine.run("cat > /etc/systemd/system/stinky-kismet.service.d/90-test.conf", stdin=DROP_IN)

    def setUp(self) -> None:
        super().setUp()
        self.say("ok")
        self.machine.run("systemctl reset-failed 'stinky-*'", check=False)
        self.machine.run("systemctl daemon-reload")
        self.addCleanup(self.stop_target)

    def say(self, state: str) -> None:
        self.machine.run(f"echo {state} > {STATE}.new && mv {STATE}.new {STATE}")

    def show(self, what: str, unit: str = UNIT) -> str:
        return self.machine.run(f"systemctl show --value -p {what} {unit}").stdout.strip()

    def set(self, line: str) -> None:
        self.machine.run("cat >> /etc/stinky/stinky.conf", stdin=line + "\n")
        self.machine.run("systemctl daemon-reload && systemctl restart stinky.target", timeout=DEADLINE_S)

    def only(self, running: str) -> None:
        for unit in ("stinky-kismet", "stinky-scan"):
            self.assertEqual(self.show("ActiveState", unit), "active" if unit == running else "inactive", unit)

    def test_it_is_taken_because_it_is_there_and_its_rows_reach_tak(self) -> None:
        self.start_target()
        self.only("stinky-kismet")
        self.assertEqual(part(self.machine, "kismet")["state"], "ok")
        self.assertEqual(self.show("MainPID"), self.machine.run("pgrep -x kismet").stdout.strip(), "the real program")
        self.tak.wait_for("HomeNet")
        status = self.machine.run("stinkyctl status", check=False).stdout
        self.assertNotIn("stinky-scan is not running", status)
        login = self.machine.run("stinkyctl kismet").stdout
        self.assertIn("http://127.0.0.1:2501/", login)
        self.assertNotIn("admin", login)
        self.assertEqual(self.machine.run("stat -c '%a %U %G' /var/lib/stinky/kismet/login").stdout.split(),
                         ["640", "stinky-scan", "stinky"])
        limits = self.machine.run(f"cat /proc/{self.show('MainPID')}/limits").stdout
        self.assertRegex(limits, r"Max open files +4096 ")
        self.assertRegex(limits, r"Max core file size +unlimited")

    def test_a_wedged_one_is_restarted_by_the_watchdog(self) -> None:
        self.start_target()
        pid = self.show("MainPID")
        self.say("hang")
        self.machine.wait_until(f"test $(systemctl show --value -p NRestarts {UNIT}) -ge 1", DEADLINE_S)
        self.say("ok")
        self.machine.wait_until(f"systemctl is-active {UNIT}", DEADLINE_S)
        self.assertNotEqual(self.show("MainPID"), pid)
        journal = self.machine.run(f"journalctl -b -u {UNIT} -o cat").stdout
        self.assertIn("Watchdog timeout", journal)
        self.assertIn("Kismet does not answer", journal)

    def test_one_that_fails_at_once_ends_in_failed_with_the_reason(self) -> None:
        self.say("die")
        self.machine.run("systemctl start stinky.target", check=False, timeout=DEADLINE_S)
        self.machine.wait_until(f"systemctl is-failed {UNIT}", DEADLINE_S)
        self.machine.wait_until(f"test -z \"$(systemctl list-jobs --no-legend {UNIT})\"", DEADLINE_S)
        self.assertEqual(self.show("ActiveState"), "failed")
        status = self.machine.run(f"systemctl status --no-pager -n 40 {UNIT}", check=False).stdout
        self.assertIn("exit-code", status)
        # It may end before anybody has asked it anything.
        self.assertRegex(status, "kismet ended before it was ready: (kismet is starting|Kismet does not answer on http://127.0.0.1:2501)")
        self.assertIn("Start request repeated too quickly", status)
        self.assertIn("FATAL: told to die", self.machine.run(f"journalctl -b -u {UNIT} -o cat").stdout)

    def test_a_setting_that_kismet_does_not_know_is_said(self) -> None:
        self.machine.run("cat > /etc/stinky/kismet.conf", stdin="log_titel=x\n")
        self.addCleanup(self.machine.run, "rm /etc/stinky/kismet.conf")
        self.machine.run("systemctl start stinky.target", check=False, timeout=DEADLINE_S)
        self.machine.wait_until(f"systemctl is-failed {UNIT}", DEADLINE_S)
        self.assertEqual(self.show("NRestarts"), "0")
        status = self.machine.run(f"systemctl status --no-pager -n 40 {UNIT}", check=False).stdout
        self.assertIn("kismet.conf:1: log_titel: Kismet has no such setting; the nearest that it has is log_title", status)

    def test_too_little_memory_means_the_built_in_scanner(self) -> None:
        self.start_target()
        self.set("SCAN_MIN_MEMORY=1T")
        self.addCleanup(self.machine.run, "sed -i '/^SCAN_MIN_MEMORY/d' /etc/stinky/stinky.conf")
        self.only("stinky-scan")
        self.assertIn("in place of Kismet", self.machine.run("cat /run/stinky/scan/in-place-of-kismet").stdout)

    def test_the_scanner_is_swapped_by_a_reload(self) -> None:
        self.start_target()
        self.only("stinky-kismet")
        self.set("SCANNER=builtin")
        self.addCleanup(self.machine.run, "sed -i '/^SCANNER=builtin/d;/^SCANNER=kismet/d' /etc/stinky/stinky.conf")
        self.only("stinky-scan")
        self.set("SCANNER=kismet")
        self.only("stinky-kismet")


if __name__ == "__main__":
    unittest.main()
