"""A machine of our own: a real kernel, systemd, radios and a USB GPS dongle, with no hardware.

    from machine import Machine
    with Machine.start("test") as machine:
        machine.plug_gps(baud=9600)
        machine.run("systemctl start stinky.target")
"""

from .errors import CommandError, MachineError
from .instance import Machine

__all__ = ["CommandError", "Machine", "MachineError"]
