"""What `stinkyctl --help` names is in the manual page and completed in bash and zsh: ctl_help_test.py STINKYCTL."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = sys.argv.pop()
BASH = ROOT / "controller/ctl/completion/stinkyctl.bash"
ZSH = ROOT / "controller/ctl/completion/_stinkyctl"
MAN = ROOT / "docs/man/stinkyctl.1"


def help_of(*command: str) -> str:
    return subprocess.run([PROGRAM, *command, "--help"], capture_output=True, text=True, check=True).stdout


def commands() -> list[str]:
    section = help_of().partition("Subcommands:")[2]
    return re.findall(r"^  ([a-z][a-z-]*) ", section, re.MULTILINE)


def options(command: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]+", help_of(command).partition("Options:")[2])) - {"--help"}


def completed(line: str) -> list[str]:
    """What bash offers after the line, whose last word is begun."""
    words = line.split(" ")
    script = (f"source {BASH}; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; _stinkyctl; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()


class Help(unittest.TestCase):
    def test_every_command_and_option_is_everywhere(self) -> None:
        self.assertIn("doctor", commands())
        man = MAN.read_text().replace("\\-", "-")
        zsh = ZSH.read_text()
        self.assertLessEqual(set(commands()), set(completed("stinkyctl ")) | {"tak", "kismet", "token"})
        for command in set(commands()) - {"tak", "kismet", "token"}:
            self.assertIn(f"'{command}:", zsh)
            self.assertRegex(man, rf"(?m)^\.(TP|BR|B|RB|BI).*\n?.*\b{command}\b")
            offered = completed(f"stinkyctl {command} --")
            for option in options(command):
                self.assertIn(option, offered, command)
                self.assertIn(option, zsh, command)
                self.assertIn(option, man, command)

    def test_bash_completes_what_is_begun(self) -> None:
        self.assertEqual(completed("stinkyctl st"), ["status", "start", "stop"])
        self.assertEqual(completed("stinkyctl -H pi@host che"), ["check-config"])
        self.assertEqual(completed("stinkyctl logs -p 3"), ["3"])

    def test_scripts_are_well_formed(self) -> None:
        subprocess.run(["bash", "-n", BASH], check=True)

    def test_a_wrong_command_line_is_exit_code_2(self) -> None:
        for arguments in (["nonsense"], ["status", "--nonsense"], ["start", "--timeout", "-1"], ["logs", "-p", "9"]):
            self.assertEqual(subprocess.run([PROGRAM, *arguments], capture_output=True, check=False).returncode, 2, arguments)

    def test_nobody_there_is_exit_code_4_and_1_for_a_request(self) -> None:
        nowhere = ["--bus-address", "unix:path=/nowhere"]
        for command, code in (("status", 4), ("radios", 4), ("aps", 4), ("start", 1), ("stop", 1)):
            ran = subprocess.run([PROGRAM, *nowhere, command], capture_output=True, text=True, check=False)
            self.assertEqual(ran.returncode, code, command)
            self.assertIn("connect to unix:path=/nowhere", ran.stderr)


if __name__ == "__main__":
    unittest.main()
