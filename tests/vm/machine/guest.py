"""The way into the guest: OpenSSH over a forwarded port, one connection shared by all commands."""

import contextlib
import math
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import CommandError, MachineError

# Runs inside the guest, so that a wait costs one call and not a hundred. The command is $1, the seconds are $2. A command costs a
# tenth of a second of an emulated machine, that what is waited for cannot have.
_WAIT = """
up() { read -r seconds rest < /proc/uptime; echo "${seconds%.*}"; }
end=$(($(up) + $2))
pause=0.1
while ! output=$(sh -c "$1" 2>&1); do
    if [ "$(up)" -ge "$end" ]; then
        printf '%s' "$output"
        exit 124
    fi
    sleep $pause
    pause=0.3
done
printf '%s' "$output"
"""


def _line(command: str | Sequence[str]) -> str:
    """A shell line is taken as it is; a list of arguments arrives as exactly those arguments."""
    return command if isinstance(command, str) else shlex.join(command)


class Guest:
    def __init__(self, port: int, key: Path, control: Path):
        self._port = port
        self._control = control
        # A host key would tell nothing: every copy of the image has the same, on ports that change.
        self._options = ["-F", "none", "-i", str(key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
                         "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                         "-o", "LogLevel=ERROR", "-o", f"ControlPath={control}"]

    def _ssh(self, *arguments: str) -> list[str]:
        return ["ssh", *self._options, "-p", str(self._port), *arguments]

    def connect(self, between: Callable[[], None]) -> None:
        """Opens the shared connection, as soon as the guest lets us in. `between` is called between the tries, and
        raises when it is too late for another."""
        # The connection stays in the background: it must not hold our caller's pipes open. The emulator accepts
        # before the guest does, so that each try needs its own bound.
        command = self._ssh("-M", "-N", "-f", "-o", "ConnectTimeout=5", "root@127.0.0.1")
        while True:
            between()
            with contextlib.suppress(subprocess.TimeoutExpired):
                opened = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, check=False, timeout=20)
                if opened.returncode == 0:
                    return
            time.sleep(0.1)

    def disconnect(self) -> None:
        subprocess.run(self._ssh("-O", "exit", "root@127.0.0.1"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False, timeout=10)

    def run(self, command: str | Sequence[str], check: bool = True, timeout: float = 60.0,
            stdin: str | bytes | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command as root. Its output is text; bytes that are none are shown as U+FFFD."""
        line = _line(command)
        given = stdin.encode() if isinstance(stdin, str) else stdin
        source = {"input": given} if given is not None else {"stdin": subprocess.DEVNULL}
        try:
            ran = subprocess.run(self._ssh("-T", "root@127.0.0.1", line), capture_output=True, check=False,
                                 timeout=timeout, **source)
        except subprocess.TimeoutExpired as error:
            so_far = ((error.stdout or b"") + (error.stderr or b"")).decode(errors="replace").strip()
            raise MachineError(f"in the guest, not done within {timeout:g} s: {line}\n{so_far}".rstrip()) from error
        done = subprocess.CompletedProcess(line, ran.returncode, ran.stdout.decode(errors="replace"),
                                           ran.stderr.decode(errors="replace"))
        if check and done.returncode != 0:
            raise CommandError(line, done.returncode, done.stdout, done.stderr)
        return done

    def attach(self, command: str | Sequence[str], terminal: bool = False) -> int:
        """Runs a command on our own stdin, stdout and stderr; no command is a login shell."""
        line = [_line(command)] if command else []
        return subprocess.run(self._ssh("-t" if terminal else "-T", "root@127.0.0.1", *line), check=False).returncode

    def wait_until(self, command: str, deadline_s: float) -> str:
        """Repeats a shell line in the guest until it succeeds; its output then. The last failure's when it is late."""
        line = shlex.join(["sh", "-c", _WAIT, "wait", command, str(math.ceil(deadline_s))])
        waited = self.run(line, check=False, timeout=deadline_s + 60)
        if waited.returncode != 0:
            said = (waited.stdout + waited.stderr).strip()
            raise MachineError(f"in the guest, not true within {deadline_s:g} s: {command}\n{said}".rstrip())
        return waited.stdout

    def _scp(self, sources: Sequence[str], destination: str, timeout: float) -> None:
        command = ["scp", *self._options, "-P", str(self._port), "-q", "-r", "-p", *sources, destination]
        try:
            copied = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                                    check=False, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise MachineError(f"not copied within {timeout:g} s: {' '.join(sources)}") from error
        if copied.returncode != 0:
            raise MachineError(f"not copied: {copied.stderr.strip()}")

    def copy_to(self, *sources: str | Path, to: str, timeout: float = 120.0) -> None:
        # Absolute, because scp takes a name with a colon for another host.
        self._scp([str(Path(source).absolute()) for source in sources], f"root@127.0.0.1:{to}", timeout)

    def copy_from(self, *sources: str, to: str | Path, timeout: float = 120.0) -> None:
        self._scp([f"root@127.0.0.1:{source}" for source in sources], str(Path(to).absolute()), timeout)

    def unpack(self, directory: Path, timeout: float = 120.0) -> None:
        """Lays a staged file tree over the guest's root; its files become root's."""
        pack = subprocess.Popen(["tar", "-C", directory, "--owner=0", "--group=0", "--numeric-owner", "-c", "."],
                                stdout=subprocess.PIPE)
        # The staged ./lib must not replace the guest's symlink /lib, nor the stage's modes those of / and /etc.
        unpack = self._ssh("-T", "root@127.0.0.1", "tar -C / -x --keep-directory-symlink --no-overwrite-dir")
        try:
            unpacked = subprocess.run(unpack, stdin=pack.stdout, capture_output=True, text=True, check=False,
                                      timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise MachineError(f"not unpacked within {timeout:g} s: {directory}") from error
        finally:
            assert pack.stdout is not None
            pack.stdout.close()
            packed = pack.wait()
        if packed != 0 or unpacked.returncode != 0:
            raise MachineError(f"cannot unpack {directory} in the guest: {unpacked.stderr.strip()}")
