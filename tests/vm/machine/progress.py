"""Saying what is waited for and for how long, and bounding every wait."""

import sys
import time


class Deadline:
    """A point in time that a wait must not pass."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    def expired(self) -> bool:
        return self.left() == 0.0


class Progress:
    """Lines on stderr with the seconds since the start: stdout belongs to the guest's commands."""

    def __init__(self, label: str, every_s: float = 10.0):
        self._label = label
        self._every_s = every_s
        self._start = time.monotonic()
        self._last = self._start

    def say(self, text: str) -> None:
        self._last = time.monotonic()
        print(f"[{self._last - self._start:6.1f} s] {self._label}: {text}", file=sys.stderr, flush=True)

    def still(self, text: str) -> None:
        """A sign of life in a long wait, not more often than every few seconds."""
        if time.monotonic() - self._last >= self._every_s:
            self.say(f"still {text}")
