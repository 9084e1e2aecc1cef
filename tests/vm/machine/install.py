"""Installing a build into the guest by its own install rules."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import MachineError
from .guest import Guest
from .progress import Progress

# What a package's triggers and a reboot would do. gpsd's socket is restarted only for a drop-in of ours, and its
# service first, as systemd refuses to start a socket whose service runs.
_TAKE_UP = """
set -eu
systemd-sysusers
systemd-tmpfiles --create
systemctl daemon-reload
if [ ! -e /etc/stinky/token ] && command -v stinkyctl >/dev/null; then stinkyctl token --new >/dev/null; fi
udevadm control --reload
# The rule for /dev/rfkill, which is there since the boot.
udevadm trigger --settle --subsystem-match=misc --sysname-match=rfkill
# ... and the names of the Wi-Fi cards.
udevadm trigger --settle --subsystem-match=net
systemctl reload dbus
systemctl try-restart polkit
if [ -d /usr/lib/systemd/system/gpsd.socket.d ] || [ -d /etc/systemd/system/gpsd.socket.d ]; then
    systemctl stop gpsd.service gpsd.socket
    systemctl start gpsd.socket
fi
"""


@contextmanager
def staged(build_directory: Path) -> Iterator[Path]:
    """A folder with what a package of that build would have in it."""
    with tempfile.TemporaryDirectory(prefix="stinky-stage-") as stage:
        command = ["cmake", "--install", build_directory, "--strip", "--prefix", "/usr"]
        done = subprocess.run(["env", f"DESTDIR={stage}", *command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise MachineError(f"cmake --install {build_directory} failed:\n{done.stderr.strip()}")
        yield Path(stage)


def identity(stage: Path) -> str:
    """The same for the same files with the same rights, and for how they are taken up."""
    told = hashlib.sha256(_TAKE_UP.encode())
    for path in sorted(stage.rglob("*")):
        told.update(f"{path.relative_to(stage)}\0{path.lstat().st_mode}\0".encode())
        if path.is_symlink():
            told.update(os.readlink(path).encode())
        elif path.is_file():
            told.update(hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()[:12]


def take(guest: Guest, stage: Path) -> None:
    """Puts what is staged into the guest, and makes the running parts take it up."""
    guest.unpack(stage)
    guest.run(_TAKE_UP, timeout=120)


def install(guest: Guest, build_directory: Path, progress: Progress) -> None:
    progress.say(f"installing {build_directory}")
    with staged(build_directory) as stage:
        take(guest, stage)
    progress.say("installed")
