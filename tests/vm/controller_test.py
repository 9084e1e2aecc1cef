"""The controller and stinkyctl against the real systemd: one truth, whatever happens to the parts, the bus or itself."""

import json
import os
import unittest

from case import SensorCase
from sensor import DEADLINE_S, status

LONG = os.environ.get("STINKY_LONG") == "yes"
ROUNDS = 50 if LONG else 3
DROP_IN = "/run/systemd/system/stinky-tak.service.d/90-test.conf"
AS = "setpriv --reuid={0} --regid={0} --init-groups "
# The state, asked again until it is the wanted one; prints the milliseconds that it took.
TRUTH = """
begin=$(date +%s%N)
until [ "$(busctl --timeout=5 get-property org.stinky.Controller1 /org/stinky/Controller1 org.stinky.Controller1 State \
        2>/dev/null)" = 's "{state}"' ]; do sleep 0.02; done
echo $((($(date +%s%N) - begin) / 1000000))
"""
# What is done to stinky-tak, how it is undone, and what must then be said: state of the part, reason, next step.
BREAKS = {
    "without its program": (
        "mv /usr/lib/stinky/stinky-tak /usr/lib/stinky/away", "mv /usr/lib/stinky/away /usr/lib/stinky/stinky-tak",
        "failed", "its program cannot be run", "install stinky again"),
    "without its user": (
        "[Service]\nUser=nobody-there", "", "failed", "its user does not exist", "systemd-sysusers"),
    "out of memory": (
        "[Service]\nMemoryMax=400K\nMemorySwapMax=0", "", "failed", "it ran out of memory", "MemoryMax="),
    "masked": (
        "systemctl mask --runtime stinky-tak.service", "systemctl unmask --runtime stinky-tak.service",
        "inactive", "it is masked", "systemctl unmask stinky-tak.service"),
    "with a broken unit file": (
        "[Service]\nExecStart=\nExecStart=relative/path", "", "inactive", "its unit file is broken", "systemd-analyze verify"),
    "with settings that are refused": (
        "[Service]\nExecStart=\nExecStart=/bin/sh -c 'exit 78'", "", "failed", "its settings are not usable",
        "stinkyctl check-config"),
}


class Controller(SensorCase):
    access_points = [{"ssid": "HomeNet", "radio": "wlan0", "channel": 6}]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.machine.plug_gps(baud=9600, simulator=cls.simulator)
        cls.machine.run("useradd visitor; useradd -G stinky operator1")

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.mend)

    def mend(self) -> None:
        self.machine.run(f"rm -rf {DROP_IN}; systemctl daemon-reload; systemctl reset-failed 'stinky*'", check=False,
                         timeout=DEADLINE_S)
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

    def truth_within(self, state: str) -> int:
        return int(self.machine.wait_until(TRUTH.format(state=state), DEADLINE_S).split()[-1])

    def test_starts_and_stops_as_often_as_one_likes(self) -> None:
        for _ in range(ROUNDS):
            self.machine.run("stinkyctl start", timeout=DEADLINE_S * 2)
            self.assertIn(status(self.machine)["state"], ("running", "degraded"))
            self.machine.run("stinkyctl stop", timeout=DEADLINE_S * 2)
            self.assertEqual(status(self.machine)["state"], "inactive")
            self.assertEqual(self.machine.run("systemctl list-jobs --no-legend 'stinky*'").stdout, "")
            self.assertEqual(self.link()[0], "managed")

    def test_ten_clients_that_want_different_things_leave_one_state_and_no_job(self) -> None:
        self.machine.run("for i in 1 2 3; do stinkyctl start --no-wait & stinkyctl stop --no-wait & stinkyctl restart "
                         "--no-wait & done; stinkyctl start --no-wait & wait", timeout=DEADLINE_S)
        self.machine.wait_until("test -z \"$(systemctl list-jobs --no-legend 'stinky*')\"", DEADLINE_S)
        self.wait_state("inactive", "running", "degraded")
        up = self.machine.run("systemctl is-active --quiet stinky.target", check=False).returncode == 0
        self.assertEqual(status(self.machine)["state"] != "inactive", up)
        units = [u for u in status(self.machine)["units"] if u["role"] == "member"]
        self.assertEqual({u["active_state"] for u in units}, {"active" if up else "inactive"})

    def test_a_part_that_cannot_start_is_named_with_what_to_do(self) -> None:
        for name, (action, undo, active_state, reason, step) in BREAKS.items():
            with self.subTest(name):
                self.machine.run("stinkyctl stop", timeout=DEADLINE_S)
                if action.startswith("["):
                    self.drop_in(action + "\nRestart=no\n")
                else:
                    self.drop_in("[Service]\nRestart=no\n")
                    self.machine.run(action, timeout=DEADLINE_S)
                started = self.machine.run("stinkyctl start", check=False, timeout=DEADLINE_S * 2)
                self.assertEqual(started.returncode, 1, started.stdout + started.stderr)
                self.assertIn(step, started.stderr)
                said = status(self.machine)
                tak = self.unit("stinky-tak.service")
                self.assertEqual((said["state"], tak["active_state"]), ("degraded", active_state))
                self.assertEqual(tak["trouble"], reason)
                self.assertIn(step, tak["next_step"])
                self.assertIn(step, said["next_step"])
                shown = self.machine.run("stinkyctl status", check=False).stdout
                self.assertIn(reason, shown)
                self.assertIn(step.split()[0], shown)
                journal = self.machine.run("journalctl -b -u stinky-controller -o json --output-fields=STINKY_NEXT_STEP "
                                           "-n 20").stdout
                self.assertIn(step, journal)
                if undo:
                    self.machine.run(undo, timeout=DEADLINE_S)
                self.mend()

    def test_a_part_that_hangs_or_is_killed_comes_back_and_is_counted(self) -> None:
        self.drop_in("[Service]\nWatchdogSec=5\nRestartSec=1\n")
        self.start_target()
        self.wait_state("running")
        before = self.unit("stinky-tak.service")["comebacks"]
        for signal in ("KILL", "STOP"):
            pid = self.pid("stinky-tak")
            self.machine.run(f"kill -{signal} {pid}")
            self.machine.wait_until("test $(systemctl show --value -p MainPID stinky-tak) -gt 0 && test $(systemctl show "
                                    f"--value -p MainPID stinky-tak) != {pid} && systemctl is-active stinky-tak", DEADLINE_S)
        self.wait_state("running")
        self.assertEqual(self.unit("stinky-tak.service")["comebacks"], before + 2)

    def test_on_failure_stop_stops_the_rest(self) -> None:
        self.drop_in("[Service]\nRestart=no\n")
        self.machine.run("echo ON_FAILURE=stop >> /etc/stinky/stinky.conf && systemctl daemon-reload", timeout=DEADLINE_S)
        self.addCleanup(self.machine.run, "sed -i /^ON_FAILURE/d /etc/stinky/stinky.conf && systemctl daemon-reload")
        self.start_target()
        self.machine.run(f"kill -9 {self.pid('stinky-tak')}")
        self.wait_state("failed")
        self.machine.wait_until("! systemctl is-active stinky.target stinky-scan", DEADLINE_S)
        self.assertIn("the rest was stopped", status(self.machine)["reason"])

    def test_without_a_scanner_none_is_missed(self) -> None:
        self.machine.run("echo SCANNER=none >> /etc/stinky/stinky.conf && systemctl daemon-reload", timeout=DEADLINE_S)
        self.addCleanup(self.machine.run, "sed -i /^SCANNER/d /etc/stinky/stinky.conf && systemctl daemon-reload")
        self.start_target()
        self.wait_state("running", "degraded")
        said = status(self.machine)
        self.assertNotIn("stinky-scan", said["reason"])
        self.assertNotIn("radio", said["reason"])

    def test_a_card_that_comes_back_is_taken_again(self) -> None:
        self.start_target()
        self.wait_state("running")
        self.machine.remove_radio("wlan2")
        self.wait_state("degraded")
        self.machine.wait_until("stinkyctl status --json | grep -q 'wlan2 is not there'", DEADLINE_S)
        self.assertEqual(self.machine.add_radio("02:00:00:00:02:00"), "wlan2")
        # By the controller or by stinky-radio-plugged.service, whoever comes first.
        self.wait_state("running")
        self.assertEqual(self.link(), ("monitor", True))

    def test_the_truth_is_found_again_whatever_restarts(self) -> None:
        self.start_target()
        self.wait_state("running")
        parts = {unit: self.pid(unit) for unit in self.parts}
        controller = self.pid("stinky-controller")
        took = {}
        self.machine.run("systemctl daemon-reexec", timeout=DEADLINE_S)
        took["daemon-reexec"] = self.truth_within("running")
        self.machine.run("systemctl restart dbus.service", timeout=DEADLINE_S)
        took["dbus"] = self.truth_within("running")
        self.assertEqual(self.pid("stinky-controller"), controller, "it lives through both")
        self.machine.run(f"kill -9 {controller}")
        took["kill -9"] = self.truth_within("running")
        self.assertNotEqual(self.pid("stinky-controller"), controller)
        self.assertEqual({unit: self.pid(unit) for unit in self.parts}, parts, "the stack is untouched")
        print(f"truth again after, in ms: {took}")
        # The machine is emulated, and its programs start slowly.
        self.assertLess(max(took.values()), 10_000)
        # It still hears and steers.
        self.machine.run("stinkyctl stop", timeout=DEADLINE_S)
        self.wait_state("inactive")

    def test_a_controller_that_dies_during_a_start_sees_its_end(self) -> None:
        self.machine.run("stinkyctl start --no-wait && kill -9 $(systemctl show --value -p MainPID stinky-controller)",
                         timeout=DEADLINE_S)
        self.wait_state("running")

    def test_the_first_question_starts_the_controller(self) -> None:
        self.machine.run("systemctl stop stinky-controller", timeout=DEADLINE_S)
        self.machine.run("busctl get-property org.stinky.Controller1 /org/stinky/Controller1 org.stinky.Controller1 State",
                         timeout=DEADLINE_S)
        self.machine.run("systemctl is-active stinky-controller")

    def test_who_may_what(self) -> None:
        visitor, operator = AS.format("visitor"), AS.format("operator1")
        for command in ("status", "radios", "aps", "gps --json", "check-config"):
            self.assertIn(self.machine.run(visitor + "stinkyctl " + command, check=False, timeout=DEADLINE_S).returncode,
                          (0, 3), command)
        for command in ("start", "stop", "restart", "restart tak"):
            refused = self.machine.run(visitor + "stinkyctl " + command, check=False, timeout=DEADLINE_S)
            self.assertEqual(refused.returncode, 1, command)
            self.assertIn("org.stinky.manage", refused.stderr)
        self.machine.run(operator + "stinkyctl start", timeout=DEADLINE_S * 2)
        pid = self.pid("stinky-tak")
        self.machine.run(operator + "stinkyctl restart tak", timeout=DEADLINE_S)
        self.assertNotEqual(self.pid("stinky-tak"), pid)
        refused = self.machine.run(operator + "stinkyctl restart ssh", check=False, timeout=DEADLINE_S)
        self.assertIn("no unit of the sensor", refused.stderr)
        self.machine.run(operator + "stinkyctl stop", timeout=DEADLINE_S)

    def test_the_controllers_user_can_touch_no_foreign_unit(self) -> None:
        call = AS.format("stinky-controller") + ("busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 "
                                                 "org.freedesktop.systemd1.Manager ")
        for method, unit in (("StopUnit", "ssh.service"), ("RestartUnit", "polkit.service"), ("StartUnit", "rescue.target"),
                             ("StopUnit", "stinky-gps@ttyUSB0.service.d"), ("RestartUnit", "dbus.service")):
            refused = self.machine.run(f"{call} {method} ss {unit} replace", check=False)
            self.assertNotEqual(refused.returncode, 0, unit)
        refused = self.machine.run(AS.format("stinky-controller") + "systemctl --no-ask-password daemon-reload", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.machine.run(f"{call} RestartUnit ss stinky-gps.service replace")

    def test_colours_on_a_terminal_only(self) -> None:
        self.start_target()
        self.assertNotIn("\033", self.machine.run("stinkyctl status", check=False).stdout)
        shown = self.machine.run("TERM=xterm script -qec 'stty cols 80; stinkyctl status' /dev/null").stdout
        self.assertIn("\033[32m", shown)
        self.assertNotIn("\033", self.machine.run("NO_COLOR=1 script -qec 'stinkyctl status' /dev/null").stdout)

    def test_looking_for_faults(self) -> None:
        self.start_target()
        lines = self.machine.run("stinkyctl logs tak --json").stdout.splitlines()
        self.assertIn("stinky-tak.service", {json.loads(line)["unit"] for line in lines})
        self.wait_state("running")
        doctor = json.loads(self.machine.run("stinkyctl doctor --json", check=False, timeout=DEADLINE_S).stdout)
        faults = [c for c in doctor["checks"] if c["result"] == "fault"]
        self.assertEqual(faults, [])
        self.machine.run("cd /root && stinkyctl report --output /root/report.tar.gz", timeout=DEADLINE_S)
        names = self.machine.run("tar -tzf /root/report.tar.gz").stdout
        for name in ("describe.json", "doctor.json", "journal.txt", "stinky.conf"):
            self.assertIn(name, names)

    def test_a_bad_setting_is_found_with_its_line(self) -> None:
        bad = self.machine.run("printf 'RADIOO=wlan1\\n' > /root/bad.conf; stinkyctl check-config --config /root/bad.conf",
                               check=False)
        self.assertEqual(bad.returncode, 1)
        self.assertIn("bad.conf:1:", bad.stdout)
        self.assertIn("RADIO=wlan1", bad.stdout)


if __name__ == "__main__":
    unittest.main()
