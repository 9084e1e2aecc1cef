"""The machine's disk: Debian 12 from its packages and the files in overlay/, built once for each set of inputs."""

import contextlib
import fcntl
import hashlib
import io
import json
import os
import platform
import select
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import MachineError, tail
from .progress import Deadline, Progress

REPOSITORY = Path(__file__).resolve().parents[3]
OVERLAY = Path(__file__).resolve().parent / "overlay"
MODULE = Path(__file__).resolve().parent / "nomon"

# Raise when the steps below change in a way that the recorded inputs do not show.
RECIPE_VERSION = 1
SUITE = "bookworm"
INSTANCES = "instances"
DISK_SIZE = "6G"

# What the machine itself needs; what the programs under test need comes from scripts/setup.
MACHINE_PACKAGES = """
    systemd-sysv dbus udev kmod linux-image-amd64 openssh-server zstd
    hostapd iw iproute2 rfkill wireless-regdb
    procps strace tcpdump libcap2-bin libexpat1 gpsd-tools python3-minimal
    network-manager wpasupplicant aircrack-ng pciutils
""".split()

# Found by nobody in a machine without a screen, and a third of the disk.
UNWANTED_PATHS = [
    "/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*",
    *(f"/lib/modules/*/kernel/{part}/*" for part in (
        "sound", "drivers/gpu", "drivers/media", "drivers/infiniband", "drivers/net/ethernet", "drivers/scsi")),
]

# Housekeeping that would run under a test's feet, and a login prompt on a console that nobody types at. The managers of
# Wi-Fi cards are there for the tests of the radio, which unmask them; in every other test the cards are nobody's.
MASKED_UNITS = """
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
    systemd-networkd-wait-online.service serial-getty@ttyS0.service
    NetworkManager.service NetworkManager-wait-online.service NetworkManager-dispatcher.service wpa_supplicant.service
""".split()

# They find nothing here, and each is a process more in every daemon-reload, of which the tests have many.
MASKED_GENERATORS = """
    systemd-bless-boot-generator systemd-cryptsetup-generator systemd-debug-generator systemd-gpt-auto-generator
    systemd-hibernate-resume-generator systemd-integritysetup-generator systemd-rc-local-generator systemd-run-generator
    systemd-system-update-generator systemd-sysv-generator systemd-veritysetup-generator
""".split()

# gpsd-clients depends on GTK and matplotlib, about 1 GB; its gpspipe needs none of it. (cgps is in gpsd-tools.)
GPSPIPE = """
set -eu
work=$(mktemp -d)
cd "$work"
APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -o APT::Sandbox::User=root download gpsd-clients
dpkg-deb --fsys-tarfile gpsd-clients_*.deb | tar -x -C "$1" ./usr/bin/gpspipe
rm -r "$work"
if chroot "$1" ldd /usr/bin/gpspipe | grep 'not found'; then
    echo "E: gpspipe lacks a library" >&2
    exit 1
fi
"""

# The card without a monitor mode, out of its sources in /tmp. The headers are those of the very kernel in the machine, and
# get neither into it nor onto the host: that they are in /usr/src is said by one line of theirs alone.
BUILD_MODULE = """
set -eu
kernel=$(ls "$1/lib/modules")
version=$(chroot "$1" dpkg-query -W -f '${Version}' "linux-image-$kernel")
work=$(mktemp -d)
cd "$work"
set -- "$1" "linux-headers-$kernel=$version" "linux-headers-${kernel%-amd64}-common=$version" linux-kbuild-6.1
(shift && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -o APT::Sandbox::User=root download "$@")
for package in *.deb; do dpkg-deb --extract "$package" .; done
sed -i "s|/usr/src|$work&|" "usr/src/linux-headers-$kernel/Makefile"
mv "$1/tmp/nomon" .
make -C "usr/src/linux-headers-$kernel" M="$work/nomon" modules
strip --strip-debug nomon/nomon.ko
install -D -m 644 -t "$1/lib/modules/$kernel/extra" nomon/nomon.ko
chroot "$1" depmod "$kernel"
cd /
rm -r "$work"
"""

# The kernel is given to the emulator beside the disk. Device nodes are devtmpfs's business and need real root.
MAKE_DISK = """
set -eu
mkdir root
tar -x -f root.tar -C root --exclude='./dev/*'
cp root/boot/vmlinuz-* vmlinuz
cp root/boot/initrd.img-* initrd.img
/sbin/mke2fs -q -t ext4 -L stinky-vm -E lazy_itable_init=0,lazy_journal_init=0 -d root root.img "$1"
rm -r root root.tar
"""


@dataclass(frozen=True)
class Image:
    directory: Path

    @property
    def disk(self) -> Path:
        return self.directory / "root.img"

    @property
    def kernel(self) -> Path:
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.directory / "initrd.img"

    @property
    def key(self) -> Path:
        return self.directory / "ssh-key"


def cache_directory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "stinky" / "vm"


@contextlib.contextmanager
def locked(path: Path, progress: Progress, what: str, seconds: float = 2400.0) -> Iterator[None]:
    """Holds a lock between processes; the kernel releases it when the holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = Deadline(seconds)
    with open(path, "w", encoding="ascii") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if deadline.expired():
                    raise MachineError(f"another process was busy with {what} for {seconds:g} s") from error
                progress.still(f"waiting for another process that is busy with {what}")
                time.sleep(0.1)
        yield


def packages() -> list[str]:
    command = [REPOSITORY / "scripts" / "setup", "--print-runtime"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode != 0 or not listed.stdout.split():
        raise MachineError(f"{command[0]} --print-runtime did not list the run-time packages:\n{listed.stderr.strip()}")
    return sorted({*MACHINE_PACKAGES, *listed.stdout.split()})


def _files(folder: Path) -> dict[str, Path]:
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _identity(wanted: list[str]) -> str:
    inputs = {
        "recipe": [RECIPE_VERSION, SUITE, DISK_SIZE, GPSPIPE, BUILD_MODULE, MAKE_DISK],
        "packages": wanted,
        "unwanted": UNWANTED_PATHS,
        "masked": [MASKED_UNITS, MASKED_GENERATORS],
        "overlay": {name: [path.read_text(), path.stat().st_mode & 0o111 != 0] for name, path in _files(OVERLAY).items()},
        "module": {name: path.read_text() for name, path in _files(MODULE).items()},
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]


def _write_overlay(target: Path, public_key: bytes) -> None:
    """A tar file, because its owners and modes are then root's whatever the checkout's are."""
    with tarfile.open(target, "w") as archive:
        def add(name: str, content: bytes, mode: int) -> None:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))

        for name, path in _files(OVERLAY).items():
            add(name, path.read_bytes(), 0o755 if path.stat().st_mode & 0o111 else 0o644)
        add("root/.ssh/authorized_keys", public_key, 0o600)


def _logged(command: list, log: Path, progress: Progress, cwd: Path, seconds: float = 1800.0) -> None:
    """Runs one step of the build: its own report lines go to stderr, everything into the log."""
    deadline = Deadline(seconds)
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   cwd=cwd)
    except FileNotFoundError as error:
        raise MachineError(f"{error.filename} is missing; scripts/setup installs it") from error
    assert process.stdout is not None
    with open(log, "ab") as record, process, process.stdout as output:
        line = b""
        while True:
            if deadline.expired():
                process.terminate()
                raise MachineError(f"{command[0]}: not done after {seconds:g} s; the end of {log}:\n{tail(log)}")
            if not select.select([output], [], [], 1.0)[0]:
                progress.still("at it")
                continue
            chunk = os.read(output.fileno(), 65536)
            if not chunk:
                break
            record.write(chunk)
            record.flush()
            *lines, line = (line + chunk).split(b"\n")
            for report in lines:
                if report.startswith(b"I: "):
                    # A hook's line goes on with its whole text.
                    progress.say(report[3:].decode(errors="replace").partition(": sh -c")[0].removesuffix("..."))
    if process.returncode != 0:
        raise MachineError(f"{command[0]} failed with exit code {process.returncode}; the end of {log}:\n{tail(log)}")


def _build(target: Path, wanted: list[str], progress: Progress) -> None:
    log = target.parent / f"{target.name}.log"
    log.unlink(missing_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        image = Image(work)
        _logged(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "stinky-vm", "-f", image.key], log, progress, work)
        _write_overlay(work / "overlay.tar", image.key.with_suffix(".pub").read_bytes())
        # Once before the packages, for the initrd's configuration; once after, over what they and mmdebstrap wrote.
        overlay_in = f"tar-in {work}/overlay.tar /"
        _logged(["mmdebstrap", "--variant=minbase", "--architectures=amd64", f"--include={','.join(wanted)}",
                 *(f"--dpkgopt=path-exclude={path}" for path in UNWANTED_PATHS),
                 f"--essential-hook={overlay_in}",
                 f"--customize-hook={GPSPIPE}",
                 f"--customize-hook=copy-in {MODULE} /tmp",
                 f"--customize-hook={BUILD_MODULE}",
                 f'--customize-hook=chroot "$1" systemctl --quiet mask {" ".join(MASKED_UNITS)}',
                 '--customize-hook=mkdir "$1/etc/systemd/system-generators"',
                 *(f'--customize-hook=ln -s /dev/null "$1/etc/systemd/system-generators/{name}"' for name in MASKED_GENERATORS),
                 '--customize-hook=chroot "$1" systemctl --quiet enable systemd-networkd.service ssh.service',
                 f"--customize-hook={overlay_in}",
                 SUITE, work / "root.tar"], log, progress, work)
        progress.say("making the disk")
        # Owners other than one's own need root, or a user namespace that has them.
        as_root = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--map-auto"]
        _logged([*as_root, "sh", "-c", MAKE_DISK, "make-disk", DISK_SIZE], log, progress, work)
        (work / "overlay.tar").unlink()
        work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def ensure(progress: Progress) -> Image:
    """The image for the present inputs, built where there is none yet."""
    if platform.machine() != "x86_64":
        raise MachineError(f"the emulated machine is x86_64 and is built natively; this host is {platform.machine()}")
    wanted = packages()
    target = cache_directory() / _identity(wanted)
    if not target.is_dir():
        with locked(cache_directory() / "build.lock", progress, "the image"):
            if not target.is_dir():
                progress.say(f"building the image {target}, a few minutes")
                _build(target, wanted, progress)
                progress.say("image ready")
    return Image(target)


def prune(used: set[Path], progress: Progress) -> None:
    """Removes images that neither the present inputs nor a machine's disk needs, each about 1 GB."""
    needed = {directory.name for directory in used} | {_identity(packages())}
    with locked(cache_directory() / "build.lock", progress, "the image"):
        for directory in cache_directory().iterdir():
            if directory.is_dir() and directory.name != INSTANCES and directory.name not in needed:
                progress.say(f"removing {directory}")
                shutil.rmtree(directory)
                directory.with_suffix(".log").unlink(missing_ok=True)
