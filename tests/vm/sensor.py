"""A machine with stinky in it, and a TAK client on this side: what the machine tests and the demo share."""

import json
import os
import queue
import subprocess
import threading
import time
from pathlib import Path

from machine import Machine, MachineError
from machine.image import REPOSITORY

BUILD = Path(os.environ.get("STINKY_BUILD", REPOSITORY / "build"))
# What sim-gps sends unless it is told otherwise.
LATITUDE, LONGITUDE = "48.117300", "11.516667"
# An emulated machine on a busy host is slow; no deadline here says anything about speed.
DEADLINE_S = 120


class TakListener:
    """Receives on this host what the guest sends to udp://10.0.2.2:<port>. Every datagram must be a valid event."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [BUILD / "bin/sim-tak", "--udp", "0", "--bind", "127.0.0.1", "--json", "--tolerate"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None and self._process.stderr is not None
        ready = self._process.stderr.readline().split()
        if len(ready) != 2 or ready[0] != "ready":
            raise MachineError(f"sim-tak did not start: {' '.join(ready)}{self._process.stderr.read()}")
        self.port = int(ready[1].rpartition(":")[2])
        self.events: list[dict] = []
        self._arrived: queue.Queue[dict] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        # What it says at its end must not fill the pipe.
        threading.Thread(target=self._process.stderr.read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._arrived.put(json.loads(line))

    def next(self, deadline_s: float = DEADLINE_S) -> dict:
        """The next event that was not taken yet."""
        try:
            event = self._arrived.get(timeout=deadline_s)
        except queue.Empty:
            raise MachineError(f"no event arrived within {deadline_s:g} s") from None
        if "invalid" in event:
            raise MachineError(f"an invalid event arrived: {event}")
        self.events.append(event)
        return event

    def wait_for(self, callsign: str, deadline_s: float = DEADLINE_S) -> dict:
        """The next event of that name."""
        return self.wait_for_each([callsign], deadline_s)[callsign]

    def wait_for_each(self, callsigns: list[str], deadline_s: float = DEADLINE_S) -> dict[str, dict]:
        """The next event of each name; the air decides their order."""
        end = time.monotonic() + deadline_s
        found: dict[str, dict] = {}
        while missing := set(callsigns) - found.keys():
            try:
                event = self.next(max(end - time.monotonic(), 0.01))
            except MachineError as error:
                seen = sorted({e["callsign"] for e in self.events})
                raise MachineError(f"{sorted(missing)} did not arrive: {error}; seen: {seen}") from None
            if event["callsign"] in missing:
                found[event["callsign"]] = event
        return found

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)


def configure(machine: Machine, outputs: list[str], settings: str = "") -> None:
    """Writes the settings, and starts the controller."""
    machine.run("cp /usr/share/stinky/stinky.conf /etc/stinky/stinky.conf && cat >> /etc/stinky/stinky.conf",
                stdin=f'TAK_OUTPUTS="{" ".join(outputs)}"\n{settings}\n')
    machine.run("systemctl daemon-reload && systemctl enable --quiet --now stinky-controller.service", timeout=DEADLINE_S)


def status(machine: Machine) -> dict:
    """What `stinkyctl status --json` says; its exit code tells the state, so that it is not an error here."""
    return json.loads(machine.run("stinkyctl status --json", check=False).stdout)


def part(machine: Machine, name: str) -> dict:
    """A part's own report."""
    return json.loads(machine.run(f"cat /run/stinky/status/{name}.json").stdout)
