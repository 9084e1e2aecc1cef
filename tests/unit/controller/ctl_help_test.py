"""What `stinkyctl --help` names is in the manual page and completed in bash and zsh: ctl_help_test.py STINKYCTL."""

import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = sys.argv.pop()
BASH = ROOT / "controller/ctl/completion/stinkyctl.bash"
ZSH = ROOT / "controller/ctl/completion/_stinkyctl"
MAN = ROOT / "docs/man/stinkyctl.1"


def help_of(*command: str) -> str:
    return subprocess.run([PROGRAM, *command, "--help"], capture_output=True, text=True, check=True).stdout


def subcommands(*command: str) -> list[str]:
    section = help_of(*command).partition("Subcommands:")[2]
    return re.findall(r"^  ([a-z][a-z-]*) ", section, re.MULTILINE)


def options(*command: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]+", help_of(*command).partition("Options:")[2].partition("Subcommands:")[0]))


def command_lines() -> list[list[str]]:
    """Every command that the program has, with those inside it: [], ["status"], ["tak"], ["tak", "test"]."""
    found: list[list[str]] = [[]]
    for command in found:
        found += [[*command, name] for name in subcommands(*command)]
    return found


def completed(line: str) -> list[str]:
    """What bash offers after the line, whose last word is begun."""
    words = line.split(" ")
    script = (f"source {BASH}; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; _stinkyctl; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()


# What the completion asks of zsh is written down in place of being carried out. `_arguments -C` goes on with the command
# where there is one, and then zsh has taken it out of the words.
ZSH_WRITES_DOWN = """
_arguments() {
    print -rl -- "${@%%\\[*}"
    [[ $1 = -C ]] || return 0
    state=command
    (( CURRENT > 2 )) || return 0
    state=argument; shift words; (( --CURRENT ))
}
_describe() { print -rl -- ${${(P)2}%%:*} }
_files() { : }
systemctl() { print 'stinky-tak.service loaded active running x' }
"""


def completed_by_zsh(line: str) -> list[str]:
    words = line.split(" ")
    script = (f"{ZSH_WRITES_DOWN}words=({' '.join(repr(w) for w in words)}); CURRENT={len(words)}; PREFIX={words[-1]!r}; "
              f"source {ZSH}")
    ran = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, check=True)
    if ran.stderr:
        raise AssertionError(ran.stderr)
    return [re.sub(r"^\([^)]*\)", "", word) for word in ran.stdout.splitlines()]


class Help(unittest.TestCase):
    def test_every_command_and_option_is_everywhere(self) -> None:
        lines = command_lines()
        for one in ([], ["doctor"], ["tak", "test"]):
            self.assertIn(one, lines)
        man = MAN.read_text().replace("\\-", "-")
        for line in lines:
            command = " ".join(line)
            typed = " ".join(["stinkyctl", *line])
            with self.subTest(command=command):
                if line and not subcommands(*line):
                    self.assertRegex(man, rf"(?m)^\.(TP|BR|B|RB|BI).*\n?.*\b{command}\b")
                self.assertGreater(options(*line), {"--help"} if line != ["tak"] else set())
                self.assertLessEqual(options(*line), set(re.findall(r"--[a-z][a-z-]+", man)))
                self.assertLessEqual(options(*line), set(completed(f"{typed} --")))
                self.assertLessEqual(options(*line), set(completed_by_zsh(f"{typed} --")))
                self.assertLessEqual(set(subcommands(*line)), set(completed(f"{typed} ")))
                self.assertLessEqual(set(subcommands(*line)), set(completed_by_zsh(f"{typed} ")))

    def test_bash_completes_what_is_begun(self) -> None:
        self.assertEqual(completed("stinkyctl st"), ["status", "start", "stop"])
        self.assertEqual(completed("stinkyctl -H pi@host che"), ["check-config"])
        self.assertEqual(completed("stinkyctl logs -p 3"), ["3"])
        self.assertEqual(completed("stinkyctl -H pi@host tak te"), ["test"])

    def test_scripts_are_well_formed(self) -> None:
        subprocess.run(["bash", "-n", BASH], check=True)
        subprocess.run(["zsh", "-n", ZSH], check=True)

    def test_a_wrong_command_line_is_exit_code_2(self) -> None:
        for arguments in (["nonsense"], ["status", "--nonsense"], ["start", "--timeout", "-1"], ["logs", "-p", "9"]):
            self.assertEqual(subprocess.run([PROGRAM, *arguments], capture_output=True, check=False).returncode, 2, arguments)

    def test_the_doctor_tries_no_output_that_it_is_not_to_try(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
            settings.write("TAK_OUTPUTS=udp://127.0.0.1:9\nGPSD=127.0.0.1:1\n")
            settings.flush()
            for arguments, result in (([], "ok"), (["--no-connect"], "skipped")):
                ran = subprocess.run([PROGRAM, "--bus-address", "unix:path=/nowhere", "doctor", "--json", "--config",
                                      settings.name, *arguments], capture_output=True, text=True, check=False)
                checks = {check["check"]: check["result"] for check in json.loads(ran.stdout)["checks"]}
                self.assertEqual(checks["tak-outputs"], result, arguments)

    def test_what_looks_at_its_own_machine_refuses_another(self) -> None:
        for command in (["logs"], ["kismet"], ["token"], ["token", "--new"], ["tak", "test"], ["check-config"], ["doctor"],
                        ["report"], ["gps", "--watch"]):
            ran = subprocess.run([PROGRAM, "-H", "pi@nowhere.invalid", *command], capture_output=True, text=True, check=False)
            self.assertEqual(ran.returncode, 1, command)
            self.assertIn("ssh pi@nowhere.invalid stinkyctl " + command[0], ran.stderr)
            self.assertEqual(ran.stdout, "")

    def test_json_is_a_command_line_without_a_command_too(self) -> None:
        ran = subprocess.run([PROGRAM, "--bus-address", "unix:path=/nowhere", "--json"], capture_output=True, text=True,
                             check=False)
        self.assertEqual(ran.returncode, 4, ran.stderr)

    def test_a_request_that_cannot_be_made_is_json_too(self) -> None:
        for arguments in (["start"], ["stop", "--no-wait"], ["restart", "tak"]):
            ran = subprocess.run([PROGRAM, "--bus-address", "unix:path=/nowhere", *arguments, "--json"], capture_output=True,
                                 text=True, check=False)
            self.assertEqual(ran.returncode, 1, arguments)
            said = json.loads(ran.stdout)
            self.assertIs(said["ok"], False)
            self.assertIn("/nowhere", said["error"])

    def test_the_gps_is_watched_as_an_object_a_line(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
            settings.write("GPSD=127.0.0.1:1\n")
            settings.flush()
            with subprocess.Popen([PROGRAM, "gps", "--watch", "--json", "--config", settings.name], stdout=subprocess.PIPE,
                                  text=True) as watch:
                try:
                    said = json.loads(watch.stdout.readline())
                finally:
                    watch.terminate()
            self.assertIs(said["answered"], False)

    def test_a_pipe_is_not_cleared_and_a_terminal_is(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
            settings.write("GPSD=127.0.0.1:1\n")
            settings.flush()
            command = [PROGRAM, "gps", "--watch", "--config", settings.name]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as watch:
                try:
                    self.assertTrue(watch.stdout.readline().startswith("● no position".encode()))
                finally:
                    watch.terminate()
            master, terminal = pty.openpty()
            with subprocess.Popen(command, stdout=terminal, env=os.environ | {"TERM": "xterm"}) as watch:
                try:
                    self.assertEqual(os.read(master, 7), b"\033[H\033[2J")
                finally:
                    watch.terminate()
            os.close(terminal)
            os.close(master)

    def test_nobody_there_is_exit_code_4_and_1_for_a_request(self) -> None:
        nowhere = ["--bus-address", "unix:path=/nowhere"]
        for command, code in (("status", 4), ("radios", 4), ("aps", 4), ("start", 1), ("stop", 1)):
            ran = subprocess.run([PROGRAM, *nowhere, command], capture_output=True, text=True, check=False)
            self.assertEqual(ran.returncode, code, command)
            self.assertIn("connect to unix:path=/nowhere", ran.stderr)


if __name__ == "__main__":
    unittest.main()
