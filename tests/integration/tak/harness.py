"""stinky-tak as a process, and the peers that it meets."""

import json
import os
import queue
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("STINKY_BUILD", REPOSITORY / "build"))
DEADLINE_S = 60
# No output waits for another; a busy machine may stand still meanwhile.
AT_ONCE_S = 20

HEAD = ("WigleWifi-1.6,appRelease=x,model=x,release=x,device=x,display=x,board=x,brand=x,star=Sol,body=3,subBody=0\n"
        "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,"
        "AccuracyMeters,RCOIs,MfgrId,Type\n")


def row(number: int, ssid: str = "", rssi: int = -50, lat: float = 48.1, lon: float = 11.5) -> str:
    mac = ":".join(f"{octet:02x}" for octet in number.to_bytes(6, "big"))
    return (f"{mac},{ssid or f'net{number}'},[WPA2-PSK-CCMP][ESS],2026-06-27 12:45:03,6,2437,{rssi},{lat:.6f},{lon:.6f},"
            "0,5,,,WIFI\n")


def events_of(stream: bytes) -> list[ElementTree.Element]:
    """The events of a stream, each parsed by itself; a last one that is not whole is left out."""
    return [ElementTree.fromstring(text) for text in re.findall(rb"<event .*?</event>", stream, re.DOTALL)]


def callsigns(stream: bytes) -> list[str]:
    return [event.find("detail/contact").get("callsign") for event in events_of(stream)]


class UdpClient:
    """A TAK client on loopback."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"udp://127.0.0.1:{self.socket.getsockname()[1]}"

    def next(self, deadline_s: float = DEADLINE_S) -> str:
        """The callsign of the next event."""
        self.socket.settimeout(deadline_s)
        datagram = self.socket.recv(65536)
        (name,) = callsigns(datagram)
        return name


class Server:
    """A TAK server: everything that each connection brings, in the order of the connections."""

    def __init__(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.context = context
        self.received: list[bytearray] = []
        self.problems: queue.Queue[str] = queue.Queue()
        self.connections: list[socket.socket] = []
        self.changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with self.changed:
                self.connections.append(connection)
                self.received.append(bytearray())
                stream = self.received[-1]
                self.changed.notify_all()
            while data := connection.recv(65536):
                with self.changed:
                    stream += data
                    self.changed.notify_all()
        except OSError as error:
            self.problems.put(str(error))
        finally:
            connection.close()

    def wait_for(self, names: set[str], connection: int = -1, deadline_s: float = DEADLINE_S) -> bytes:
        """What one connection brought, when all these names are in it."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.received) > (connection if connection >= 0 else 0) and
                                         names <= set(callsigns(bytes(self.received[connection]))), deadline_s):
                got = callsigns(bytes(self.received[connection])) if self.received else "no connection"
                raise AssertionError(f"{names} did not arrive, but {got}")
            return bytes(self.received[connection])

    def wait_for_connection(self, count: int, deadline_s: float = DEADLINE_S) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.received) >= count, deadline_s):
                raise AssertionError(f"{len(self.received)} connections, not {count}")

    def reset_connections(self) -> None:
        """By RST, as a crashed peer's machine does it."""
        for connection in self.connections:
            try:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.shutdown(socket.SHUT_RD)
                connection.close()
            except OSError:
                pass

    def close(self) -> None:
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        except OSError:
            pass  # closed by the test itself
        self.listener.close()
        self.reset_connections()


class TakCase(unittest.TestCase):
    """A directory, and a stinky-tak that follows the captures in it."""

    def setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="stinky-tak-test-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.captures = self.directory / "captures"
        for name in ("captures", "status", "state"):
            (self.directory / name).mkdir()
        self.process: subprocess.Popen | None = None

    def append(self, text: str, name: str = "a.wiglecsv") -> None:
        with (self.captures / name).open("a") as file:
            file.write(text)

    def start(self, *outputs: str, settings: str = "", prefix: tuple[str, ...] = ()) -> None:
        (self.directory / "stinky.conf").write_text(
            f'NODE=test\nTAK_BEACON=0\nTAK_OUTPUTS="{" ".join(outputs)}"\n{settings}\n')
        log = (self.directory / "log").open("ab")
        self.process = subprocess.Popen(
            [*prefix, BUILD / "bin/stinky-tak", "--config", self.directory / "stinky.conf", "--captures", self.captures,
             "--status-directory", self.directory / "status", "--state-directory", self.directory / "state",
             "--control", self.directory / "control"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        log.close()
        self.addCleanup(self.stop)

    def stop(self, kill: bool = False) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        if self.process:
            self.process.wait(DEADLINE_S)

    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")

    def status(self) -> dict:
        return json.loads((self.directory / "status/tak.json").read_text())

    def wait_for_status(self, good, what: str, deadline_s: float = DEADLINE_S) -> dict:
        """The first report for which `good(report)` holds. The file is written a second after a change at the latest."""
        end = time.monotonic() + deadline_s
        report: dict = {}
        while time.monotonic() < end:
            try:
                report = self.status()
                if good(report):
                    return report
            # The first report is written before its outputs are there.
            except (FileNotFoundError, json.JSONDecodeError, IndexError):
                pass
            time.sleep(0.05)
        raise AssertionError(f"{what} did not come; the last report: {report}\n{self.log()}")

    def wait_for_problem(self, text: str, output: int = 0) -> dict:
        return self.wait_for_status(
            lambda report: text in report["counters"]["outputs"][output]["last_error"], f"the problem \"{text}\"")
