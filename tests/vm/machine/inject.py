"""Runs in the guest: sends beacons that it reads, one in hexadecimal a line, on a monitor interface, again and again.

    inject.py INTERFACE SECONDS < beacons
"""

import socket
import sys
import time

# The shortest radiotap header: no fields, the driver decides how it is sent.
RADIOTAP = bytes([0, 0, 8, 0, 0, 0, 0, 0])


def main() -> None:
    interface, seconds = sys.argv[1], float(sys.argv[2])
    beacons = [RADIOTAP + bytes.fromhex(line) for line in sys.stdin]
    air = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    air.bind((interface, 0))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for beacon in beacons:
            air.send(beacon)
        time.sleep(0.05)  # beacons are periodic


if __name__ == "__main__":
    main()
