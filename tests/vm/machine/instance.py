"""A machine by name: what a test or the command line holds in its hands."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from . import air, dongle, image, install, qemu, ready
from .errors import MachineError, tail
from .guest import Guest
from .image import Image
from .process import Process
from .progress import Deadline, Progress

DEFAULT_MEMORY_MB = 2048
DEFAULT_BOOT_S = 180.0


def instances_directory() -> Path:
    return image.cache_directory() / image.INSTANCES


def _check_name(name: str) -> None:
    if not name or not all(letter.isalnum() or letter in "-_" for letter in name):
        raise MachineError(f"a machine's name has letters, digits, - and _ only, not {name!r}")


class Machine:
    """Use `with Machine.start("name") as machine:`; at its end the machine and its disk are gone.

    A machine outlives the process that started it unless it is stopped; Machine.find(name) takes it up again.
    """

    def __init__(self, name: str, progress: Progress | None = None):
        _check_name(name)
        self.name = name
        self.directory = instances_directory() / name
        self._progress = progress or Progress(name)
        self._state: dict = {}

    # Life and death

    @classmethod
    def start(cls, name: str, *, memory_mb: int = DEFAULT_MEMORY_MB, cold: bool = False, keep_changes: bool = False,
              build: str | Path | None = None, boot_s: float = DEFAULT_BOOT_S, progress: Progress | None = None) -> "Machine":
        """Resumes the image's saved state under a new name, in seconds. `cold` boots it instead; `keep_changes` boots
        the disk that this name had when it was killed or shut down. With `build` that build is installed, which is saved
        too: not for a cold one."""
        machine = cls(name, progress)
        with machine._locked():
            machine._load()
            if machine.running():
                raise MachineError(f"{name} is running already; stop it first, or choose another name")
            # It may have ended by itself, and its simulators not.
            machine._quit()
            if keep_changes:
                machine._boot_kept(boot_s)
            else:
                machine._discard()
                machine._start_fresh(memory_mb, cold, build, boot_s)
        return machine

    @classmethod
    def find(cls, name: str) -> "Machine":
        """A machine that was started before, by whatever process."""
        machine = cls(name)
        machine._load()
        if not machine.running():
            raise MachineError(f"{name} is not running; scripts/vm --name {name} start")
        return machine

    @classmethod
    def all(cls) -> list["Machine"]:
        """Every machine that has a disk, running or not."""
        found = []
        for state in sorted(instances_directory().glob("*/state.json")):
            machine = cls(state.parent.name)
            machine._load()
            found.append(machine)
        return found

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def running(self) -> bool:
        return "qemu" in self._state and self._process.alive()

    def stop(self) -> None:
        """Ends the machine at once and throws its disk away."""
        with self._locked():
            self._load()
            self._quit()
            self._discard()

    def kill(self) -> None:
        """A power cut. The disk stays as the guest had written it: reboot_cold() boots it."""
        with self._locked():
            self._load()
            self._quit()

    def shut_down(self, deadline_s: float = 90.0) -> None:
        """An orderly power-off by the guest's systemd. The disk stays."""
        with self._locked():
            # The connection dies under this command; whether it worked is seen by the emulator's end.
            self.guest.run("systemctl --no-block poweroff", check=False)
            if not self._process.wait(deadline_s):
                raise MachineError(f"{self.name} is not off after {deadline_s:g} s; the end of its console:\n"
                                   f"{self.console_tail()}")
            self._quit()

    def reboot_cold(self, boot_s: float = DEFAULT_BOOT_S, *, kernel_arguments: str = "", uart: Sequence[str] | None = None,
                    simulator: str | Path = dongle.SIMULATOR) -> None:
        """Boots the same disk again, at the same host ports, after a power cut where it still runs. Dongles stay plugged
        in. `kernel_arguments` are added for this boot. `uart`: arguments of a simulated receiver at /dev/ttyS1, which is
        no USB device and stays for this boot."""
        with self._locked():
            self._load()
            self._quit()
            terminal = ""
            if uart is not None:
                receiver, terminal = dongle.start_simulator(Path(simulator), uart, self.directory / "uart.log")
                self._state["uart"] = asdict(receiver)
                self._save()
            self._boot_kept(boot_s, kernel_arguments, terminal)

    # The guest

    def run(self, command: str | Sequence[str], check: bool = True, timeout: float = 60.0,
            stdin: str | bytes | None = None) -> subprocess.CompletedProcess[str]:
        return self.guest.run(command, check, timeout, stdin)

    def wait_until(self, command: str, deadline_s: float) -> str:
        return self.guest.wait_until(command, deadline_s)

    def copy_to(self, *sources: str | Path, to: str) -> None:
        self.guest.copy_to(*sources, to=to)

    def copy_from(self, *sources: str, to: str | Path) -> None:
        self.guest.copy_from(*sources, to=to)

    def install(self, build_directory: str | Path = image.REPOSITORY / "build") -> None:
        """Puts a build in place as `cmake --install` does on a real machine, and makes the running parts take it up."""
        install.install(self.guest, Path(build_directory), self._progress)

    # What is plugged in

    def plug_gps(self, *arguments: str, baud: int = 4800, socket: int = 0, deadline_s: float = 20.0,
                 simulator: str | Path = dongle.SIMULATOR) -> str:
        """Plugs a receiver in, with more arguments for the simulator where given; its device in the guest."""
        with self._locked():
            self._load()
            if socket not in dongle.SOCKETS:
                raise MachineError(f"the machine has the USB sockets {dongle.SOCKETS}, not {socket}")
            if str(socket) in self._state["dongles"]:
                raise MachineError(f"USB socket {socket} has a dongle already; unplug it first")
            with self._qmp() as qmp:
                plugged = dongle.plug(qmp, self.directory, self._sockets, socket, baud, arguments, Path(simulator))
            self._state["dongles"][str(socket)] = plugged.to_json()
            self._save()
        return self.wait_until(f"readlink -e {plugged.guest_link}", deadline_s).strip()

    def unplug_gps(self, socket: int = 0) -> None:
        with self._locked():
            self._load()
            if str(socket) not in self._state["dongles"]:
                raise MachineError(f"USB socket {socket} has no dongle")
            with self._qmp() as qmp:
                dongle.unplug(qmp, dongle.Dongle.from_json(self._state["dongles"][str(socket)]))
            del self._state["dongles"][str(socket)]
            self._save()

    def add_access_point(self, ssid: str | bytes, radio: str = "wlan0", channel: int = 6, psk: str | None = None,
                         hidden: bool = False, bssid: str | None = None) -> None:
        """Returns when it beacons."""
        name = ssid.encode() if isinstance(ssid, str) else ssid
        air.add_access_point(self.guest, air.AccessPoint(name, radio, channel, psk, hidden, bssid))

    def remove_access_point(self, radio: str = "wlan0") -> None:
        air.remove_access_point(self.guest, radio)

    def add_radio(self, mac: str | None = None) -> str:
        """Plugs a Wi-Fi card in; the name of its interface. It takes the lowest free wlanN."""
        return air.add_radio(self.guest, mac)

    def remove_radio(self, interface: str) -> None:
        air.remove_radio(self.guest, interface)

    # Looking at it

    @property
    def guest(self) -> Guest:
        return Guest(self._state["ports"]["ssh"], Path(self._state["key"]), self._sockets / "ssh")

    @property
    def web_url(self) -> str:
        """The controller's port, seen from the host."""
        return f"http://127.0.0.1:{self._state['ports']['web']}/"

    @property
    def console(self) -> Path:
        return self.directory / "console.log"

    def console_tail(self, lines: int = 30) -> str:
        return tail(self.console, lines)

    @property
    def image(self) -> Path:
        """The directory of the image that the machine's disk is made on."""
        return Path(self._state["image"])

    def status(self) -> dict:
        running = self.running()
        facts = {"name": self.name, "running": running, "memory_mb": self._state["memory_mb"],
                 "disk": str(self.directory / "disk.qcow2"), "console": str(self.console)}
        if running:
            plugged = [dongle.Dongle.from_json(stored) for stored in self._state["dongles"].values()]
            facts |= {"pid": self._process.pid, "ports": self._state["ports"], "web": self.web_url,
                      "up_s": round(time.time() - self._state["started"]),
                      "dongles": [{"socket": each.socket, "baud": each.baud, "serial": each.serial, "pty": each.link,
                                   "simulator": each.simulator.pid if each.simulator.alive() else None}
                                  for each in plugged]}
        return facts

    # Inside

    @property
    def _process(self) -> Process:
        return Process(**self._state["qemu"])

    @property
    def _sockets(self) -> Path:
        return Path(self._state["sockets"])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with image.locked(instances_directory() / f"{self.name}.lock", self._progress, f"the machine {self.name}"):
            yield

    def _qmp(self) -> qemu.Qmp:
        return qemu.Qmp(self._sockets / "qmp", Deadline(15))

    def _load(self) -> None:
        try:
            self._state = json.loads((self.directory / "state.json").read_text())
        except FileNotFoundError:
            self._state = {}

    def _save(self) -> None:
        temporary = self.directory / "state.json.new"
        temporary.write_text(json.dumps(self._state, indent=2) + "\n")
        temporary.rename(self.directory / "state.json")

    def _start_fresh(self, memory_mb: int, cold: bool, build: str | Path | None, boot_s: float) -> None:
        built = image.ensure(self._progress)
        saved = None if cold else ready.ensure(built, memory_mb, boot_s, self._progress)
        if saved is not None and build is not None:
            saved = ready.ensure_installed(built, saved, Path(build), memory_mb, boot_s, self._progress)
        self.directory.mkdir(parents=True)
        backing, backing_format = (built.disk, "raw") if saved is None else (saved.disk, "qcow2")
        qemu.make_overlay(self.directory / "disk.qcow2", backing, backing_format)
        self._state = {"image": str(built.directory), "key": str(built.key), "memory_mb": memory_mb, "ports": {}}
        self._launch(saved, boot_s)

    def _boot_kept(self, boot_s: float, kernel_arguments: str = "", uart: str = "") -> None:
        if not (self.directory / "disk.qcow2").exists():
            raise MachineError(f"{self.name} has no disk from an earlier run")
        self._launch(None, boot_s, kernel_arguments, uart)

    def _launch(self, saved: ready.Ready | None, boot_s: float, kernel_arguments: str = "", uart: str = "") -> None:
        deadline = Deadline(boot_s)
        # What was plugged in when it went off is there when it comes up.
        left_in = [dongle.Dongle.from_json(stored) for stored in self._state.get("dongles", {}).values()]
        self._state |= {"sockets": str(qemu.make_socket_directory()), "dongles": {}, "started": time.time()}
        process = qemu.launch(Image(self.image), self.directory / "disk.qcow2", self.directory,
                              self._sockets / "qmp", self._state["memory_mb"], saved.memory if saved else None,
                              self._state["ports"], kernel_arguments, uart)
        # Recorded at once, so that it is not lost when we are killed.
        self._state["qemu"] = asdict(process)
        self._save()
        what = "booting" if saved is None else "resuming"
        self._progress.say(what)
        try:
            with qemu.connect(self._sockets / "qmp", process, self.directory, deadline) as qmp:
                self._state["ports"] = qmp.ports()
                qmp.wait_running(deadline)
                for each in left_in:
                    again = dongle.plug(qmp, self.directory, self._sockets, each.socket, each.baud, each.arguments,
                                        Path(each.program))
                    self._state["dongles"][str(each.socket)] = again.to_json()
                    self._save()
            self._save()
            check = ready.watch(process, self.directory, what, deadline, self._progress)
            self.guest.connect(check)
            ready.set_clock(self.guest)
            if saved is None:
                ready.settle(self.guest, check, self._progress)
        except BaseException:  # Ctrl-C too must not leave a machine that nobody knows to be half up
            self._quit()
            raise
        self._progress.say(f"up: web on {self.web_url}, ssh on port {self._state['ports']['ssh']}")

    def _quit(self) -> None:
        """Ends the emulator and all that belongs to this run of it; the disk and the console's log stay."""
        if not self._state:
            return
        if self.running():
            # SIGTERM ends the emulator, not the guest: the guest learns nothing, its disk keeps what it had written.
            self._process.end(15)
        for stored in self._state["dongles"].values():
            dongle.Dongle.from_json(stored).simulator.end()
        if uart := self._state.pop("uart", None):
            Process(**uart).end()
        self._save()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _discard(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
        self._state = {}
