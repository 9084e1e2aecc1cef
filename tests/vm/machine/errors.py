"""What can go wrong with a machine, each with a message that a person can act on."""

from pathlib import Path


class MachineError(Exception):
    """The machine, its image or a device of it could not do what was asked."""


class CommandError(MachineError):
    """A command in the guest ended with another exit code than 0."""

    def __init__(self, command: str, returncode: int, stdout: str, stderr: str):
        self.command = command
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr
        output = "\n".join(part.strip() for part in (stdout, stderr) if part.strip())
        super().__init__(f"in the guest, exit code {returncode}: {command}\n{output}".rstrip())


def tail(path: Path, lines: int = 30) -> str:
    """The last lines of a log, for an error message."""
    try:
        text = path.read_text(errors="replace")
    except OSError as error:
        return f"({error})"
    return "\n".join(text.splitlines()[-lines:])
