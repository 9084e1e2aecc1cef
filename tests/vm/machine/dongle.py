"""USB GPS dongles: a simulated receiver on a pty, given to the guest as an FTDI serial adapter.

The simulator is a program with this contract: `sim-gps --baud N --link PATH ...` makes a pty, prints `ready <slave>`
as its only line on stdout and runs until SIGTERM.
"""

import os
import select
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import MachineError, tail
from .image import REPOSITORY
from .process import Process
from .progress import Deadline
from .qemu import Qmp

SIMULATOR = REPOSITORY / "build" / "bin" / "sim-gps"
# The emulated USB 1.1 controller has two sockets.
SOCKETS = (0, 1)


@dataclass(frozen=True)
class Dongle:
    socket: int
    baud: int
    simulator: Process
    link: str
    # What the simulator was started with, for a machine that is booted again with the dongle in it.
    program: str = str(SIMULATOR)
    arguments: Sequence[str] = ()

    @property
    def identity(self) -> str:
        return f"gps{self.socket}"

    @property
    def serial(self) -> str:
        return f"STINKY{self.socket}"

    @property
    def guest_link(self) -> str:
        """Where udev in the guest shows this dongle, whatever the number of its ttyUSB."""
        return f"/dev/serial/by-id/*_{self.serial}-if00-port0"

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict) -> "Dongle":
        return cls(**{**stored, "simulator": Process(**stored["simulator"])})


def _ready_line(stream: int, deadline: Deadline) -> str:
    received = b""
    while not received.endswith(b"\n"):
        if not select.select([stream], [], [], deadline.left())[0]:
            raise MachineError(f"it did not say `ready` within {deadline.seconds:g} s")
        chunk = os.read(stream, 4096)
        if not chunk:
            raise MachineError("it ended before it was ready")
        received += chunk
    return received.decode(errors="replace").strip()


def start_simulator(program: Path, arguments: Sequence[str], log: Path) -> tuple[Process, str]:
    """The simulator, and the terminal that stands for its line."""
    with open(log, "wb") as complaints:
        try:
            child = subprocess.Popen([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=complaints, start_new_session=True)
        except OSError as error:
            raise MachineError(f"cannot start the GPS simulator {program} ({error.strerror}); scripts/build makes it"
                               ) from error
    assert child.stdout is not None
    try:
        with child.stdout as stream:
            word, _, slave = _ready_line(stream.fileno(), Deadline(10)).partition(" ")
        if word != "ready" or not slave:
            raise MachineError(f"it said {word!r} instead of `ready <device>`")
        return Process.of(child.pid), slave
    except MachineError as error:
        child.send_signal(signal.SIGKILL)
        child.wait()
        raise MachineError(f"the GPS simulator {program}: {error}\n{tail(log)}".rstrip()) from error


def plug(qmp: Qmp, directory: Path, sockets: Path, socket: int, baud: int, arguments: Sequence[str],
         program: Path) -> Dongle:
    link = sockets / f"gps{socket}"
    simulator, slave = start_simulator(program, ["--baud", str(baud), "--link", str(link), *arguments],
                                        directory / f"gps{socket}.log")
    dongle = Dongle(socket, baud, simulator, str(link), str(program), tuple(arguments))
    try:
        qmp.execute("chardev-add", id=dongle.identity, backend={"type": "serial", "data": {"device": slave}})
        qmp.execute("device_add", driver="usb-serial", id=dongle.identity, chardev=dongle.identity,
                    bus="dongles.0", port=str(socket + 1), serial=dongle.serial)
    except MachineError:
        simulator.end()
        raise
    return dongle


def unplug(qmp: Qmp, dongle: Dongle) -> None:
    # A byte that comes while the emulator (7.2) takes the device away crashes it: it was asked for when there was a bus to wake. So
    # the line ends first, on which the emulator detaches the device, and is read empty while commands are answered.
    dongle.simulator.end()
    for _ in range(3):
        qmp.execute("query-status")
    qmp.execute("device_del", id=dongle.identity)
    qmp.wait_event("DEVICE_DELETED", lambda data: data.get("device") == dongle.identity, Deadline(15))
    qmp.execute("chardev-remove", id=dongle.identity)
