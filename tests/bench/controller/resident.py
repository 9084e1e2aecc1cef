#!/usr/bin/env python3
"""What the whole controller holds in memory, port 5000 included, when it is busiest: 5,000 access points, 200 clients of the
events that do not read, 1,000 connections that say nothing. Ends with 1 when it is more than is allowed.

    STINKY_BUILD=build /usr/bin/python3 tests/bench/controller/resident.py
"""

import contextlib
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "tests/integration/web"))
from crowd import Crowd  # noqa: E402
from host import BUILD, DEADLINE_S, HEADER, row  # noqa: E402
import urllib.request  # noqa: E402

ACCESS_POINTS, LIVE, IDLE, MOST_MB = 5000, 200, 1000, 16


def resident_mb(pid: int) -> float:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def access_points(port: int) -> tuple[int, int]:
    """How many there are, and how many rows were read."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE_S).read().decode()
    return (int(re.search(r"^stinky_access_points (\d+)$", text, re.MULTILINE)[1]),
            int(re.search(r"^stinky_capture_rows_total (\d+)$", text, re.MULTILINE)[1]))


@contextlib.contextmanager
def controller(root: Path, listening: socket.socket):
    """It, on a bus of its own, with the socket as systemd hands it over."""
    (root / "bus.conf").write_text(
        f"<busconfig><listen>unix:path={root}/bus</listen><auth>EXTERNAL</auth><policy context='default'>"
        "<allow send_destination='*'/><allow receive_sender='*'/><allow own='*'/></policy></busconfig>")
    listening.setblocking(False)
    (root / "stinky.conf").write_text("OPEN_READS=yes\n")
    (root / "share").mkdir()
    (root / "share/page").symlink_to(REPOSITORY / "controller/web/page")
    (root / "share/openapi.yaml").symlink_to(REPOSITORY / "docs/http-api/openapi.yaml")
    for folder in ("status", "captures"):
        (root / folder).mkdir()
    bus = subprocess.Popen(["/usr/bin/dbus-daemon", "--nofork", f"--config-file={root}/bus.conf", "--print-address=1"],
                           stdout=subprocess.PIPE)
    bus.stdout.readline()
    process = subprocess.Popen(
        ["/bin/sh", "-c", f'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&{listening.fileno()}', "sh", BUILD / "bin/stinky-controller",
         f"--status-directory={root}/status", f"--config={root}/stinky.conf", f"--captures={root}/captures", f"--share={root}/share", f"--token={root}/token"],
        pass_fds=[listening.fileno()], env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={root}/bus"}, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        for one in (process, bus):
            one.terminate()
            one.wait(timeout=DEADLINE_S)


def main() -> int:
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0), backlog=1024) as listening, \
            controller(Path(folder), listening) as pid:
        port = listening.getsockname()[1]
        access_points(port)
        empty = resident_mb(pid)

        def hear(turn: int) -> None:
            with Path(folder, "captures/stinky-20261124-10-00-00-1.wiglecsv").open("a") as capture:
                capture.write(HEADER if turn == 1 else "")
                capture.writelines(row(f"02:00:00:00:{i >> 8:02x}:{i & 255:02x}", f"Network number {i}", rssi=-30 - i % 60)
                                   for i in range(ACCESS_POINTS))
            end = time.monotonic() + DEADLINE_S
            while access_points(port) != (ACCESS_POINTS, turn * ACCESS_POINTS):
                if time.monotonic() > end:
                    sys.exit(f"the access points did not come: {access_points(port)}")
                time.sleep(0.05)

        hear(1)
        with contextlib.ExitStack() as clients, Crowd(SimpleNamespace(port=port, token=""), LIVE):
            # What is remembered for those who come back fills up.
            for turn in (2, 3):
                hear(turn)
            for _ in range(IDLE):
                clients.enter_context(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S))
            access_points(port)
            held = resident_mb(pid)
    print(f"resident: {empty:.1f} MB with nobody there, {held:.1f} MB with {ACCESS_POINTS} access points, {LIVE} clients of the events and "
          f"{IDLE} idle ones; the limit is {MOST_MB} MB")
    return 0 if held < MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
