"""Processes that outlive the command that started them: each is known by its id and its start time, as ids are reused."""

import os
import select
import signal
from dataclasses import dataclass

from .errors import MachineError


def _start_time(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            # The command's name may hold spaces and brackets; the fields after its last bracket are plain.
            fields = stat.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, started = fields[0], int(fields[19])
    return None if state in "ZX" else started


@dataclass(frozen=True)
class Process:
    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Process":
        started = _start_time(pid)
        if started is None:
            raise MachineError(f"process {pid} ended at once")
        return cls(pid, started)

    def alive(self) -> bool:
        return _start_time(self.pid) == self.started

    def wait(self, seconds: float) -> bool:
        """True when the process has ended within that time; it need not be a child."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if not self.alive():
                return True
            return bool(select.select([descriptor], [], [], seconds)[0])
        finally:
            os.close(descriptor)

    def end(self, seconds: float = 5.0) -> None:
        """SIGTERM, and SIGKILL where that did not help within the time."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.alive():
                return
            os.kill(self.pid, number)
            if self.wait(seconds):
                return
        raise MachineError(f"process {self.pid} does not end")
