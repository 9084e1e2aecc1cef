#!/usr/bin/python3
"""How many frames per second the built-in scanner takes, beside tshark on the same file:

    cmake --build build --target scan-bench && tests/bench/scan/frames.py --build build [--frames N] [--check]

The file holds beacons of 5,000 access points, hidden and not, of every kind of security, 2.4 and 5 GHz, with other
management frames and damaged ones between them. --check fails below 20,000 frames/s or above 12 MB.
"""

import argparse
import json
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCESS_POINTS = 5000
RADIOTAP = 127


def element(kind: int, body: bytes) -> bytes:
    return bytes([kind, len(body)]) + body


def rsn(*suites: int) -> bytes:
    keys = b"".join(b"\x00\x0f\xac" + bytes([suite]) for suite in suites)
    return element(48, b"\x01\x00\x00\x0f\xac\x04\x01\x00\x00\x0f\xac\x04" + struct.pack("<H", len(suites)) + keys + b"\0\0")


def frame(dice: random.Random, number: int, flags: int, subtype: int) -> bytes:
    five = number % 3 == 0
    channel = dice.choice((36, 44, 149)) if five else 1 + number % 13
    frequency = 5000 + 5 * channel if five else 2407 + 5 * channel
    radiotap = struct.pack("<BBHIBBHHb", 0, 0, 15, 0x2A, flags, 0, frequency, 0xA0, -30 - number % 60)
    bssid = b"\x02\x00" + struct.pack(">I", number)
    name = b"" if number % 20 == 0 else f"Net {number} é,\"".encode()
    security = (rsn(2), rsn(8), rsn(2, 8), rsn(1), rsn(18), b"")[number % 6]
    elements = element(0, name) + element(1, b"\x82\x84\x8b\x96\x0c\x12\x18\x24")
    elements += element(61, bytes([channel]) + bytes(21)) if five else element(3, bytes([channel]))
    elements += element(7, b"DE \x01\x0d\x14") + security + element(45, bytes(26)) + element(221, b"\x00\x50\xf2\x02" + bytes(20))
    head = bytes([subtype << 4, 0, 0, 0]) + b"\xff" * 6 + bssid + bssid + b"\0\0"
    return radiotap + head + bytes(8) + b"\x64\x00" + struct.pack("<H", 0x0411) + elements


def make(path: Path, frames: int) -> None:
    dice = random.Random(1)
    kinds = [frame(dice, n, 0, 8 if n % 10 else 5) for n in range(ACCESS_POINTS)]
    other = [frame(dice, n, 0, 4) for n in range(100)]
    bad = [frame(dice, n, 0x40, 8) for n in range(100)]
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RADIOTAP))
        heard = 0
        for n in range(frames):
            if n % 50 == 0:
                packet = bad[n // 50 % 100]
            elif n % 7 == 0:
                packet = other[n // 7 % 100]
            else:
                packet = kinds[heard % ACCESS_POINTS]
                heard += 1
            file.write(struct.pack("<IIII", 1795521600 + n // 1000, n % 1000 * 1000, len(packet), len(packet)) + packet)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--frames", type=int, default=200000)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pcap = folder / "air.pcap"
        make(pcap, options.frames)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        ran = subprocess.run([options.build / "bin/scan-bench", pcap, folder], capture_output=True, text=True, check=True)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = usage.ru_utime + usage.ru_stime - before
        ours = json.loads(ran.stdout)
        # Of the processor rather than the clock: the machine has others to serve.
        ours["frames_per_cpu_s"] = round(ours["frames"] / cpu)
        print("stinky-scan's way", json.dumps(ours))
        if not options.check and shutil.which("tshark"):
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            start, begin = usage.ru_utime + usage.ru_stime, time.monotonic()
            subprocess.run(["tshark", "-n", "-r", pcap, "-Y", "wlan.fc.type_subtype in {5, 8}", "-T", "fields", "-e",
                            "wlan.bssid", "-e", "wlan.ssid", "-e", "radiotap.dbm_antsignal", "-e", "wlan.ds.current_channel",
                            "-e", "wlan.rsn.akms.type"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = usage.ru_utime + usage.ru_stime - start
            print("tshark", json.dumps({"seconds": round(time.monotonic() - begin, 2),
                                        "frames_per_cpu_s": round(options.frames / cpu), "rss_kb": usage.ru_maxrss}))
        wrong = [text for bad, text in (
            (ours["access_points"] != ACCESS_POINTS, "not every access point was found"),
            (ours["frames_per_cpu_s"] < 20000, "fewer than 20,000 frames in a second of one core"),
            (ours["rss_kb"] > 12 * 1024, "more than 12 MB resident")) if bad]
        if options.check and wrong:
            sys.exit("; ".join(wrong))


if __name__ == "__main__":
    main()
