"""The controller and stinkyctl against the real systemd: one truth, whatever happens to the parts, the bus or itself."""

import json
import os
import unittest

from controller_case import ControllerCase
from sensor import DEADLINE_S, status

LONG = os.environ.get("STINKY_LONG") == "yes"
ROUNDS = 50 if LONG else 2
DENIED = "Access denied|Interactive authentication required"
AS = "setpriv --reuid={0} --regid={0} --init-groups "
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


class Controller(ControllerCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.machine.run("useradd visitor; useradd -G stinky operator1")

    def set(self, line: str) -> None:
        """A line of stinky.conf, for this test."""
        self.machine.run(f"echo {line} >> /etc/stinky/stinky.conf && systemctl daemon-reload", timeout=DEADLINE_S)
        self.addCleanup(self.machine.run, f"sed -i /^{line}$/d /etc/stinky/stinky.conf && systemctl daemon-reload", timeout=DEADLINE_S)

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
                self.assertIn(f"→ {said['next_step']}", shown)
                if active_state == "failed":
                    self.assertIn("the last of the journal of tak:\n", started.stderr)
                    self.assertIn("Failed to start stinky-tak.service", started.stderr)
                journal = self.machine.run("journalctl -b -u stinky-controller -o json --output-fields=STINKY_NEXT_STEP "
                                           "-n 20").stdout
                self.assertIn(step, journal)
                if undo:
                    self.machine.run(undo, timeout=DEADLINE_S)
                self.mend()

    def test_a_part_that_hangs_or_is_killed_comes_back_and_is_counted(self) -> None:
        # Long enough down to be looked at.
        self.drop_in("[Service]\nWatchdogSec=5\nRestartSec=8\n")
        self.start_target()
        self.wait_state("running")
        before = self.unit("stinky-tak.service")["comebacks"]
        for signal, trouble in (("KILL", "killed by signal 9"), ("STOP", "it hung")):
            with self.subTest(signal):
                pid, since = self.pid("stinky-tak"), self.now()
                self.machine.run(f"kill -{signal} {pid}")
                self.wait_state("degraded")
                tak, shown = self.unit("stinky-tak.service"), self.machine.run("stinkyctl status", check=False).stdout
                self.assertEqual((tak["trouble"], tak["next_step"]), (trouble, "look why: stinkyctl logs tak"))
                self.assertIn(trouble, shown)
                self.assertIn("→ look why: stinkyctl logs tak", shown)
                self.machine.wait_until("test $(systemctl show --value -p MainPID stinky-tak) -gt 0 && test $(systemctl show "
                                        f"--value -p MainPID stinky-tak) != {pid} && systemctl is-active stinky-tak", DEADLINE_S)
                self.wait_state("running")
                journal = self.machine.run(f"journalctl -u stinky-controller -o cat --since {since}").stdout
                self.assertIn(f"stinky-tak failed: {trouble}", journal)
        self.assertEqual(self.unit("stinky-tak.service")["comebacks"], before + 2)

    def test_a_part_that_ignores_sigterm_is_killed(self) -> None:
        self.drop_in("[Service]\nExecStart=\nExecStart=/bin/sh -c 'trap \"\" TERM; systemd-notify --ready; sleep infinity & "
                     "while :; do wait; done'\nNotifyAccess=all\nWatchdogSec=0\nTimeoutStopSec=2\n")
        self.start_target()
        self.machine.run("stinkyctl stop", timeout=DEADLINE_S)
        # That is an error of the part, and is said; the next start forgives it.
        tak = self.unit("stinky-tak.service")
        self.assertEqual((tak["active_state"], tak["trouble"]), ("failed", "it took too long"))
        self.machine.run("! test -s /sys/fs/cgroup/stinky.slice/stinky-tak.service/cgroup.procs")

    def test_on_failure_stop_stops_the_rest(self) -> None:
        self.drop_in("[Service]\nRestart=no\n")
        self.set("ON_FAILURE=stop")
        self.start_target()
        self.machine.run(f"kill -9 {self.pid('stinky-tak')}")
        self.wait_state("failed")
        self.machine.wait_until("! systemctl is-active stinky.target stinky-scan", DEADLINE_S)
        self.assertIn("the rest was stopped", status(self.machine)["reason"])

    def test_without_a_scanner_none_is_missed(self) -> None:
        self.set("SCANNER=none")
        self.start_target()
        self.wait_state("running", "degraded")
        said = status(self.machine)
        self.assertNotIn("stinky-scan", said["reason"])
        self.assertNotIn("radio", said["reason"])

    def test_a_card_that_comes_back_is_taken_again(self) -> None:
        self.addCleanup(self.machine.run, "systemctl unmask --runtime stinky-radio-plugged.service", timeout=DEADLINE_S)
        # By stinky-radio-plugged.service, for a machine that has no controller, and by the controller alone.
        for who in ("whoever comes first", "the controller"):
            with self.subTest(who):
                if who == "the controller":
                    self.machine.run("systemctl mask --runtime stinky-radio-plugged.service", timeout=DEADLINE_S)
                self.start_target()
                self.wait_state("running")
                self.machine.remove_radio("wlan2")
                self.wait_state("degraded")
                self.machine.wait_until("stinkyctl status --json | grep -q 'wlan2 is not there'", DEADLINE_S)
                self.assertEqual(self.machine.add_radio("02:00:00:00:02:00"), "wlan2")
                self.wait_state("running")
                self.assertEqual(self.link(), ("monitor", True))

    def test_a_controller_that_dies_during_a_start_sees_its_end(self) -> None:
        since = self.now()
        self.machine.run("stinkyctl start --no-wait && kill -9 $(systemctl show --value -p MainPID stinky-controller)",
                         timeout=DEADLINE_S)
        self.wait_state("running")
        starts = self.machine.run(f"journalctl -b --since {since} -o cat -u 'stinky-scan' -u 'stinky-tak' -u 'stinky-radio@wlan2' "
                                  "| grep -cE '^(Starting|Stopping) '").stdout.strip()
        self.assertEqual(starts, "3", "each part was started once, and none was stopped")

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
            self.assertEqual(refused.returncode, 4, command)
            self.assertIn("org.stinky.manage", refused.stderr)
        self.machine.run(operator + "stinkyctl start", timeout=DEADLINE_S * 2)
        pid = self.pid("stinky-tak")
        self.machine.run(operator + "stinkyctl restart tak", timeout=DEADLINE_S)
        self.assertNotEqual(self.pid("stinky-tak"), pid)
        refused = self.machine.run(operator + "stinkyctl restart ssh", check=False, timeout=DEADLINE_S)
        self.assertIn("no unit of the sensor", refused.stderr)
        self.assertEqual(refused.returncode, 5)
        self.machine.run(operator + "stinkyctl stop", timeout=DEADLINE_S)

    def test_the_controllers_user_can_touch_no_foreign_unit(self) -> None:
        call = AS.format("stinky-controller") + ("busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 "
                                                 "org.freedesktop.systemd1.Manager ")
        unit_of_others = "/run/systemd/system/not-stinky-tak.service"
        self.machine.run(f"printf '[Service]\nExecStart=/bin/true\n' > {unit_of_others} && systemctl daemon-reload", timeout=DEADLINE_S)
        self.addCleanup(self.machine.run, f"rm {unit_of_others} && systemctl daemon-reload", timeout=DEADLINE_S)
        for method, unit in (("StopUnit", "ssh.service"), ("RestartUnit", "polkit.service"), ("StartUnit", "rescue.target"),
                             ("StartUnit", "not-stinky-tak.service"), ("RestartUnit", "dbus.service")):
            refused = self.machine.run(f"{call} {method} ss {unit} replace", check=False)
            self.assertRegex(refused.stderr, DENIED, unit)
        refused = self.machine.run(AS.format("stinky-controller") + "busctl call org.freedesktop.systemd1 "
                                   "/org/freedesktop/systemd1 org.freedesktop.systemd1.Manager Reload", check=False)
        self.assertRegex(refused.stderr, DENIED)
        self.machine.run(f"{call} RestartUnit ss stinky-gps.service replace")

    def test_colours_on_a_terminal_only(self) -> None:
        self.start_target()
        self.assertNotIn("\033", self.machine.run("stinkyctl status", check=False).stdout)
        shown = self.machine.run("TERM=xterm script -qec 'stty cols 80; stinkyctl status' /dev/null").stdout
        self.assertIn("\033[32m", shown)
        self.assertNotIn("\033", self.machine.run("NO_COLOR=1 script -qec 'stinkyctl status' /dev/null").stdout)
        for columns in (36, 60, 80):
            lines = self.machine.run(f"NO_COLOR=1 script -qec 'stty cols {columns}; stinkyctl status' /dev/null").stdout.splitlines()
            self.assertGreater(len(lines), 8)
            self.assertLessEqual(max(map(len, lines)), columns)

    def test_looking_for_faults(self) -> None:
        self.start_target()
        lines = self.machine.run("stinkyctl logs tak --json").stdout.splitlines()
        self.assertIn("stinky-tak.service", {json.loads(line)["unit"] for line in lines})
        lines = self.machine.run("stinkyctl logs radio --json").stdout.splitlines()
        self.assertIn("stinky-radio@wlan2.service", {json.loads(line)["unit"] for line in lines})
        self.assertIn("Started stinky-radio@wlan2", self.machine.run("stinkyctl logs -n 10000").stdout)
        self.wait_state("running")
        doctor = json.loads(self.machine.run("stinkyctl doctor --json", check=False, timeout=DEADLINE_S).stdout)
        faults = [c for c in doctor["checks"] if c["result"] == "fault"]
        self.assertEqual(faults, [])
        held = next(c for c in doctor["checks"] if c["check"] == "radio-held")
        self.assertEqual((held["result"], held["what"]), ("ok", "stinky-radio holds wlan2"))
        self.machine.run("cd /root && stinkyctl report --output /root/report.tar.gz", timeout=DEADLINE_S)
        names = self.machine.run("tar -tzf /root/report.tar.gz").stdout
        for name in ("describe.json", "doctor.json", "journal.txt", "stinky.conf"):
            self.assertIn(name, names)
        report = self.machine.run("tar -xzOf /root/report.tar.gz").stdout
        self.assertIn("stinky-tak", report)
        for secret in ("48.1173", "11.5166", "GardenShed", "02:00:00:00:"):
            self.assertFalse(secret in report, secret)

    def test_the_journal_is_followed_and_so_is_the_state(self) -> None:
        self.start_target()
        self.wait_state("running")
        pid = self.pid("stinky-tak")
        # Each ends with the line that it waits for.
        for command, action, wanted in (("logs tak -f", "systemctl restart stinky-tak", "Started stinky-tak.service"),
                                        ("watch --json", "systemctl stop stinky-tak", '"state":"degraded"')):
            self.machine.run(f"(timeout {DEADLINE_S} stinkyctl {command} | grep -m1 -F '{wanted}' > /root/followed) & sleep infinity & "
                             f"{action}; wait %1; kill %2", timeout=DEADLINE_S)
            self.assertIn(wanted, self.machine.run("cat /root/followed").stdout)
        self.assertNotEqual(self.pid("stinky-tak"), pid)

    def test_another_machine_is_asked_over_ssh(self) -> None:
        self.machine.run("test -f ~/.ssh/id_ed25519 || ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519; cat ~/.ssh/id_ed25519.pub "
                         ">> ~/.ssh/authorized_keys; ssh-keyscan localhost >> ~/.ssh/known_hosts", timeout=DEADLINE_S)
        self.start_target()
        self.wait_state("running")
        far = json.loads(self.machine.run("stinkyctl -H root@localhost status --json", timeout=DEADLINE_S).stdout)
        self.assertEqual(far["state"], "running")

    def test_a_bad_setting_is_found_with_its_line(self) -> None:
        bad = self.machine.run("printf 'RADIOO=wlan1\\n' > /root/bad.conf; stinkyctl check-config --config /root/bad.conf",
                               check=False)
        self.assertEqual(bad.returncode, 1)
        self.assertIn("bad.conf:1:", bad.stdout)
        self.assertIn("RADIO=wlan1", bad.stdout)


if __name__ == "__main__":
    unittest.main()
