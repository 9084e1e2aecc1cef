"""One emulator process: how it is started, its control socket (QMP), and saving its state."""

import json
import os
import re
import shlex
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import MachineError, tail
from .image import Image
from .process import Process
from .progress import Deadline

# Set on each guest port that the host can reach; the emulator picks free host ports itself, so no two can clash.
FORWARDED = {"ssh": 22, "web": 5000}


def acceleration() -> list[str]:
    """KVM only where the processor says it can: /dev/kvm may be there and still not boot a kernel."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as cpuinfo:
        virtual = re.search(r"^flags\s*:.*\b(vmx|svm)\b", cpuinfo.read(), re.MULTILINE)
    if virtual and os.access("/dev/kvm", os.R_OK | os.W_OK):
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi", "-cpu", "max"]


def hardware(memory_mb: int, kernel_arguments: str = "") -> list[str]:
    """All that a saved state depends on: it can be resumed only on the same."""
    arguments = "console=ttyS0 root=/dev/vda rw panic=-1 loglevel=5 mitigations=off net.ifnames=0"
    return [
        *acceleration(), "-m", str(memory_mb), "-smp", "2", "-nodefaults", "-no-user-config",
        "-append", f"{arguments} {kernel_arguments}".rstrip(),
        "-vga", "std", "-usb", "-device", "piix3-usb-uhci,id=dongles",
        "-device", "virtio-rng-pci",
        # Tells a resumed guest that it is a copy, whereupon its kernel reseeds its random numbers.
        "-device", "vmgenid,guid=auto",
    ]


def version() -> str:
    try:
        shown = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise MachineError("qemu-system-x86_64 is missing; scripts/setup installs it") from error
    return shown.stdout.splitlines()[0]


def make_socket_directory() -> Path:
    """Not in the cache: a socket's path has at most 108 characters."""
    return Path(tempfile.mkdtemp(prefix="stinky-vm-", dir="/tmp"))


def make_overlay(target: Path, backing: Path, backing_format: str) -> None:
    made = subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", backing_format, "-b", backing, target],
                          capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise MachineError(f"cannot make the disk {target}: {made.stderr.strip()}")


def launch(image: Image, disk: Path, directory: Path, qmp_path: Path, memory_mb: int,
           resume: Path | None, ports: dict[str, int], kernel_arguments: str = "", uart: str = "") -> Process:
    """Starts the emulator, which outlives us. Its console goes to console.log, its complaints to qemu.log.
    `uart`: the host's terminal behind the guest's second serial port, /dev/ttyS1."""
    forwards = ",".join(f"hostfwd=tcp:127.0.0.1:{ports.get(name, 0)}-:{guest}" for name, guest in FORWARDED.items())
    command = [
        "qemu-system-x86_64", *hardware(memory_mb, kernel_arguments), "-kernel", image.kernel, "-initrd", image.initrd,
        # The guest's flushes need not reach the host's platters: a power cut here is the guest's, not the host's.
        "-drive", f"file={disk},if=virtio,format=qcow2,cache=unsafe",
        "-netdev", f"user,id=wire,{forwards}", "-device", "virtio-net-pci,netdev=wire,romfile=",
        "-chardev", f"file,id=console,path={directory}/console.log,append=on", "-serial", "chardev:console",
        "-qmp", f"unix:{qmp_path},server=on,wait=off", "-display", "none",
        # A reboot ends the emulator; whoever wants the machine back starts it again with the same disk.
        "-no-reboot",
    ]
    if uart:
        command += ["-chardev", f"serial,id=uart,path={uart}", "-serial", "chardev:uart"]
    if resume is not None:
        command += ["-incoming", f"exec:cat {shlex.quote(str(resume))}"]
    with open(directory / "qemu.log", "ab") as log:
        # A process group of its own keeps our Ctrl-C away from it. Not a session of its own: as a leader it would get
        # the first dongle's pty for its controlling terminal, and SIGHUP when the dongle is unplugged.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0)
    return Process.of(child.pid)


class Qmp:
    """A connection to an emulator's control socket. The emulator serves one at a time: keep it short."""

    def __init__(self, path: Path, deadline: Deadline):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(max(0.1, deadline.left()))
        try:
            self._socket.connect(str(path))
            self._stream = self._socket.makefile("rw", encoding="utf-8")
            self._events: list[dict] = []
            self._read()
            self.execute("qmp_capabilities")
        except OSError as error:
            self._socket.close()
            raise MachineError(f"the emulator does not answer on {path}: {error}") from error

    def __enter__(self) -> "Qmp":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def _read(self) -> dict:
        line = self._stream.readline()
        if not line:
            raise ConnectionResetError("it closed the connection")
        return json.loads(line)

    def execute(self, name: str, **arguments: object) -> Any:
        self._stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self._stream.flush()
        while True:
            message = self._read()
            if "return" in message:
                return message["return"]
            if "error" in message:
                raise MachineError(f"the emulator refuses {name}: {message['error']['desc']}")
            self._events.append(message)

    def wait_event(self, name: str, matches: Callable[[dict], bool], deadline: Deadline) -> dict:
        """The data of the first event of that name that matches, of those since the connection was made."""
        while True:
            while self._events:
                event = self._events.pop(0)
                if event.get("event") == name and matches(event.get("data", {})):
                    return event.get("data", {})
            self._socket.settimeout(max(0.1, deadline.left()))
            try:
                self._events.append(self._read())
            except TimeoutError as error:
                raise MachineError(f"no {name} from the emulator within {deadline.seconds:g} s") from error

    def ports(self) -> dict[str, int]:
        """The host ports that the emulator chose."""
        shown = str(self.execute("human-monitor-command", **{"command-line": "info usernet"}))
        found = {int(guest): int(host) for host, guest in
                 re.findall(r"TCP\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)\s+\S+\s+(\d+)", shown)}
        return {name: found[guest] for name, guest in FORWARDED.items()}

    def wait_running(self, deadline: Deadline) -> None:
        """Until a saved state is loaded. What is sent to the guest before is lost, and TCP repeats it only seconds later."""
        self._report_migration()
        if self.execute("query-status")["status"] == "inmigrate":
            self._wait_migrated("load", deadline)
        # It was saved standing still, and so it is loaded.
        if self.execute("query-status")["status"] == "paused":
            self.execute("cont")

    def save(self, target: Path, deadline: Deadline) -> None:
        """Writes the guest's state, to be resumed as often as wanted beside its disk. The guest stands still from here on:
        the memory of one that runs on may come out torn, as an emulator of several threads misses some writes."""
        self._report_migration()
        self.execute("stop")
        self.execute("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        self.execute("migrate", uri=f"exec:cat > {shlex.quote(str(target))}")
        self._wait_migrated("save", deadline)

    def _report_migration(self) -> None:
        self.execute("migrate-set-capabilities", capabilities=[{"capability": "events", "state": True}])

    def _wait_migrated(self, what: str, deadline: Deadline) -> None:
        ended = self.wait_event("MIGRATION", lambda data: data["status"] in ("completed", "failed"), deadline)
        if ended["status"] != "completed":
            raise MachineError(f"the emulator could not {what} the machine's state")


def connect(path: Path, process: Process, directory: Path, deadline: Deadline) -> Qmp:
    """The first connection after a launch: the socket appears when the emulator is through its arguments."""
    while not path.exists():
        if process.wait(0.02):
            raise MachineError(f"the emulator ended at once:\n{tail(directory / 'qemu.log')}")
        if deadline.expired():
            raise MachineError(f"the emulator made no control socket within {deadline.seconds:g} s")
    return Qmp(path, deadline)
