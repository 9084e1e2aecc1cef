"""The state of a machine that has just booted, saved once per image: resuming it takes seconds, booting most of a minute.
Beside it that of one in which a build has been installed as well, saved once per build."""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import install, qemu
from .errors import MachineError, tail
from .guest import Guest
from .image import Image, locked
from .process import Process
from .progress import Deadline, Progress

# Three radios, each on its own phy: two for access points, one for the sensor.
RADIOS = "modprobe mac80211_hwsim radios=3 && udevadm settle --timeout=60"
# States with a build in them: this one, and those of other checkouts.
_BUILDS_KEPT = 3


@dataclass(frozen=True)
class Ready:
    directory: Path

    @property
    def disk(self) -> Path:
        return self.directory / "disk.qcow2"

    @property
    def memory(self) -> Path:
        return self.directory / "memory"


def watch(process: Process, directory: Path, what: str, deadline: Deadline, progress: Progress) -> Callable[[], None]:
    """For the tries of a wait: says that we are still at it, and ends it with the console when it is hopeless."""
    def check() -> None:
        if not process.alive():
            logs = f"{tail(directory / 'qemu.log', 10)}\nthe end of its console:\n{tail(directory / 'console.log')}"
            raise MachineError(f"the machine ended while {what}:\n{logs}")
        if deadline.expired():
            raise MachineError(f"{what}: not done after {deadline.seconds:g} s; the end of the console "
                               f"({directory / 'console.log'}):\n{tail(directory / 'console.log')}")
        progress.still(what)
    return check


def settle(guest: Guest, check: Callable[[], None], progress: Progress) -> None:
    """From the first answer of sshd to a machine that has finished booting and has its radios."""
    progress.say("sshd answers; waiting for the end of the boot")
    state = ""
    while state not in ("running", "degraded"):
        check()
        # In pieces, so that we can give a sign of life; a piece that is cut off says nothing.
        state = guest.run("timeout 10 systemctl is-system-running --wait", check=False).stdout.strip()
    if state == "degraded":
        progress.say("degraded: " + guest.run("systemctl --failed --plain --no-legend").stdout.strip())
    guest.run(RADIOS, timeout=120)


def set_clock(guest: Guest) -> None:
    """A resumed guest believes that it is the time at which it was saved."""
    guest.run(f"date --set=@{time.time():.3f}")


def _identity(memory_mb: int) -> str:
    state = json.dumps([qemu.version(), qemu.hardware(memory_mb), RADIOS])
    return hashlib.sha256(state.encode()).hexdigest()[:12]


def _make(image: Image, base: Ready | None, target: Path, memory_mb: int, boot_s: float, progress: Progress,
          prepare: Callable[[Guest, Callable[[], None]], None]) -> None:
    """Saves the state of a machine, booted or resumed from `base`, in which `prepare` has done its work."""
    work = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=image.directory))
    sockets = qemu.make_socket_directory()
    process = None
    try:
        made = Ready(work)
        qemu.make_overlay(made.disk, *((image.disk, "raw") if base is None else (base.disk, "qcow2")))
        deadline = Deadline(boot_s)
        process = qemu.launch(image, made.disk, work, sockets / "qmp", memory_mb, base and base.memory, {})
        with qemu.connect(sockets / "qmp", process, work, deadline) as qmp:
            qmp.wait_running(deadline)
            guest = Guest(qmp.ports()["ssh"], image.key, sockets / "ssh")
            check = watch(process, work, "booting" if base is None else "resuming", deadline, progress)
            guest.connect(check)
            prepare(guest, check)
            # A connection that is open now would be a dead one in each copy.
            guest.disconnect()
            qmp.save(made.memory, Deadline(120))
        process.end(30)
        work.rename(target)
    finally:
        if process is not None:
            process.end()
        shutil.rmtree(sockets, ignore_errors=True)
        shutil.rmtree(work, ignore_errors=True)


def ensure(image: Image, memory_mb: int, boot_s: float, progress: Progress) -> Ready:
    target = image.directory / f"ready-{_identity(memory_mb)}"
    if not target.is_dir():
        with locked(image.directory / "ready.lock", progress, "the first boot"):
            if not target.is_dir():
                progress.say("first boot of this image, to be resumed from later")
                _make(image, None, target, memory_mb, boot_s, progress, lambda guest, check: settle(guest, check, progress))
                progress.say("state saved")
    return Ready(target)


def ensure_installed(image: Image, base: Ready, build_directory: Path, memory_mb: int, boot_s: float,
                     progress: Progress) -> Ready:
    def prepare(guest: Guest, _check: Callable[[], None]) -> None:
        set_clock(guest)
        install.take(guest, stage)
        # A power cut of a copy is not to take what a package manager would have synced.
        guest.run("sync")

    with install.staged(build_directory) as stage:
        target = image.directory / f"installed-{base.directory.name.removeprefix('ready-')}-{install.identity(stage)}"
        with locked(image.directory / "ready.lock", progress, "installing"):
            if not target.is_dir():
                progress.say(f"installing {build_directory}, to be resumed from later")
                _make(image, base, target, memory_mb, boot_s, progress, prepare)
                for old in sorted(image.directory.glob("installed-*"), key=lambda each: each.stat().st_mtime)[:-_BUILDS_KEPT]:
                    shutil.rmtree(old)
    return Ready(target)
