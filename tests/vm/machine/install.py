"""Installing a build into the guest by its own install rules."""

import subprocess
import tempfile
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


def install(guest: Guest, build_directory: Path, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(prefix="stinky-stage-") as stage:
        progress.say(f"installing {build_directory}")
        command = ["cmake", "--install", build_directory, "--strip", "--prefix", "/usr"]
        staged = subprocess.run(["env", f"DESTDIR={stage}", *command], stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, check=False)
        if staged.returncode != 0:
            raise MachineError(f"cmake --install {build_directory} failed:\n{staged.stderr.strip()}")
        guest.unpack(Path(stage))
    guest.run(_TAKE_UP, timeout=120)
    progress.say("installed")
