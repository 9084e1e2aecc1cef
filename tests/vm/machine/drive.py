"""Runs in the guest: what a card would hear on a drive, as a recording on standard output for `stinky-scan --read -`.

    gpspipe -w | drive.py AIR > recording

AIR is a JSON file: {"access_points": [{"latitude", "longitude", "frame"}], "end": [latitude, longitude]}, `frame` a beacon in
hexadecimal. Each position of gpsd is a second of the drive, in which each access point that is near enough is heard once, fainter
with the distance. It ends where the drive ends.
"""

import json
import math
import random
import struct
import sys
import time

METRES = 111195.0  # in a degree of latitude
RADIOTAP = 127
FAINTEST_DBM = -88
FLAGS_CHANNEL_SIGNAL = 1 << 1 | 1 << 3 | 1 << 5


def metres_between(latitude1: float, longitude1: float, latitude2: float, longitude2: float) -> float:
    east = (longitude2 - longitude1) * METRES * math.cos(math.radians(latitude1))
    return math.hypot((latitude2 - latitude1) * METRES, east)


def strength(metres: float, dice: random.Random) -> int:
    """Log-distance path loss with 4 dB of shadowing."""
    return round(-30 - 27 * math.log10(max(metres, 1)) + dice.gauss(0, 4))


def record(frame: bytes, dbm: int, second: int) -> bytes:
    packet = struct.pack("<BBHIBBHHb", 0, 0, 15, FLAGS_CHANNEL_SIGNAL, 0, 0, 2437, 0x00A0, max(dbm, -127)) + frame
    return struct.pack("<IIII", second, 0, len(packet), len(packet)) + packet


def main() -> None:
    with open(sys.argv[1], encoding="ascii") as file:
        air = json.load(file)
    dice = random.Random(20261124)
    out = sys.stdout.buffer
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RADIOTAP))
    out.flush()
    # Whole seconds: reports come now and then a little less than one apart.
    second = int(time.time())
    for line in sys.stdin:
        report = json.loads(line)
        if report.get("class") != "TPV" or "lat" not in report:
            continue
        here = report["lat"], report["lon"]
        second += 1
        for access_point in air["access_points"]:
            dbm = strength(metres_between(*here, access_point["latitude"], access_point["longitude"]), dice)
            if dbm >= FAINTEST_DBM:
                out.write(record(bytes.fromhex(access_point["frame"]), dbm, second))
        out.flush()
        if metres_between(*here, *air["end"]) < 1:
            return


if __name__ == "__main__":
    main()
