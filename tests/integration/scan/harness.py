"""stinky-scan as a process that reads recordings, and a gpsd that says what it is told."""

import csv
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from air import Captured, pcap_head

REPOSITORY = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("STINKY_BUILD", REPOSITORY / "build"))
DEADLINE_S = 60
COLUMNS = ("MAC", "SSID", "AuthMode", "FirstSeen", "Channel", "Frequency", "RSSI", "CurrentLatitude", "CurrentLongitude",
           "AltitudeMeters", "AccuracyMeters", "RCOIs", "MfgrId", "Type")


class Gpsd:
    """Answers each client as gpsd does, with the last report that it was given."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._report = {"class": "TPV", "device": "/dev/ttyUSB0", "mode": 1}
        self._client: socket.socket | None = None
        self._lock = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        with self._lock:
            self._client = client
            self._say({"class": "VERSION", "release": "3.22", "rev": "3.22", "proto_major": 3, "proto_minor": 14})
            self._say({"class": "DEVICES", "devices": [{"class": "DEVICE", "path": "/dev/ttyUSB0", "driver": "NMEA0183", "bps": 9600}]})
            self._say(self._report)
        while client.recv(4096):
            pass

    def _say(self, report: dict) -> None:
        if self._client:
            self._client.sendall(json.dumps(report, separators=(",", ":")).encode() + b"\r\n")

    def report(self, **fields) -> None:
        with self._lock:
            self._report = {"class": "TPV", "device": "/dev/ttyUSB0", **fields}
            self._say(self._report)

    def close(self) -> None:
        self._listener.close()
        if self._client:
            self._client.close()


class ScanCase(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="stinky-scan-test-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.captures = self.directory / "captures"
        self.captures.mkdir()
        (self.directory / "status").mkdir()
        self.settings("")

    def settings(self, text: str) -> None:
        (self.directory / "stinky.conf").write_text(f"CAPTURE_KEEP_FREE=0\n{text}\n")

    def command(self, *arguments) -> list:
        return [BUILD / "bin/stinky-scan", "--config", self.directory / "stinky.conf", "--captures", self.captures,
                "--status-directory", self.directory / "status", *arguments]

    def scan(self, *arguments) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=DEADLINE_S, check=False)

    def rows(self) -> list[dict[str, str]]:
        """Of all captures, in their order."""
        found = []
        for path in sorted(self.captures.glob("*.wiglecsv")):
            lines = path.read_text(encoding="ascii").splitlines()
            self.assertTrue(lines[0].startswith("WigleWifi-1.6,"), path)
            self.assertEqual(tuple(lines[1].split(",")), COLUMNS)
            for fields in csv.reader(lines[2:]):
                self.assertEqual(len(fields), len(COLUMNS), fields)
                found.append(dict(zip(COLUMNS, fields)))
        return found


class Air:
    """A stinky-scan that reads a pipe, and the air that is written into it."""

    def __init__(self, case: ScanCase, *arguments) -> None:
        self._case = case
        self._log = (case.directory / "log").open("ab")
        self.process = subprocess.Popen(case.command("--read", "-", *arguments), stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, stderr=self._log)
        case.addCleanup(self.close)
        self.write(pcap_head())

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, *frames: Captured) -> None:
        self.write(b"".join(frame.record() for frame in frames))

    def wait_for(self, good, what: str) -> dict:
        """The first report for which `good(report)` holds: it is written a second after a change at the latest."""
        end = time.monotonic() + DEADLINE_S
        report: dict = {}
        while time.monotonic() < end:
            try:
                report = json.loads((self._case.directory / "status/scan.json").read_text())
                if good(report):
                    return report
            except (FileNotFoundError, json.JSONDecodeError):
                pass
            time.sleep(0.02)
        said = (self._case.directory / "log").read_text()
        raise AssertionError(f"{what} did not come; the last report: {report}\n{said}")

    def proc_status(self, name: str) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name + ":"))

    def end(self) -> int:
        """The air is over: how it ended."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(DEADLINE_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        self._log.close()
