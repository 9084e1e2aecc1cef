#!/usr/bin/env python3
"""Rows per second of processor time: stinky-tak beside WigleToTAK, in one run, on the same 200,000-row files.

    tests/bench/tak/throughput.py --build build [--original DIRECTORY]

DIRECTORY is a copy of github.com/canaryradio/WigleToTAK, whose own reader functions are called as they are; without it, a
reader of the same steps (split by comma, look the address up in a set, fill in a text, sendto) stands for it. Both send to one
UDP socket on loopback. The processor's time, not the clock's, so that a busy machine does not change the ratio. Exit code 1 when
a ratio is missed by more than the noise of a host.
"""

import argparse
import datetime
import importlib
import logging
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 200_000
# A host moves a ratio by that much from run to run; what is lower is a loss.
NOISE = 0.85
REPEATED = 2_000
HEAD = ("WigleWifi-1.4,appRelease=Kismet202509R1,model=Kismet,release=2025.09.R1,device=kismet,display=kismet,board=kismet,"
        "brand=kismet\n"
        "MAC,SSID,AuthMode,FirstSeen,Channel,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,AccuracyMeters,Type\n")


def write_rows(path: Path, addresses: int) -> None:
    """A drive: the position moves on with each row."""
    dice = random.Random(20261124)
    with path.open("w") as file:
        file.write(HEAD)
        for i in range(ROWS):
            n = i % addresses
            mac = ":".join(f"{octet:02x}" for octet in (n << 8 | 2).to_bytes(6, "little"))
            file.write(f"{mac},net-{n},[WPA2-PSK-CCMP][ESS],2026-06-27 12:45:03,{dice.choice((1, 6, 11))},"
                       f"{-dice.randint(40, 90)},{47.64 + i * 1e-6:.6f},{-122.33 + i * 1e-6:.6f},68.700000,0,WIFI\n")


def stand_in(path: Path, port: int) -> None:
    """The steps of the original's real-time mode, for where there is no copy of it."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sent = set()
    with path.open() as file:
        for line in file:
            fields = line.strip().split(",")
            if len(fields) < 10:
                continue
            mac, ssid, auth, first, channel, rssi, lat, lon, alt, accuracy, kind = fields[:11]
            if mac in sent:
                continue
            now = datetime.datetime.utcnow()
            stamps = [moment.strftime("%Y-%m-%dT%H:%M:%S.995Z")
                      for moment in (now, now, now + datetime.timedelta(days=1))]
            text = (f'<event version="2.0" uid="{mac}-{first}" type="b-m-p-s-m" time="{stamps[0]}" start="{stamps[1]}" '
                    f'stale="{stamps[2]}" how="m-g"><point lat="{lat}" lon="{lon}" hae="999999" ce="35.0" le="999999"/>'
                    f'<detail><contact callsign="{ssid}"/><remarks>Channel: {channel}, RSSI: {rssi}, Altitude: {alt}, '
                    f'Accuracy: {accuracy}, Authentication: {auth}, Device: {kind}, MAC: {mac}</remarks></detail></event>')
            sock.sendto(text.encode(), ("127.0.0.1", port))
            sent.add(mac)


class EndOfPass(Exception):
    pass


def original(directory: str):
    """The real-time reader of a copy: it reads the file over and over, so the end of its first pass ends it."""
    logging.disable(logging.CRITICAL)
    sys.path.insert(0, directory)
    module = importlib.import_module("WigletoTAK")
    module.tak_multicast_state = False
    module.tak_server_ip = "127.0.0.1"

    def read(path: Path, port: int) -> None:
        def end_of_pass(_: str) -> int:
            raise EndOfPass
        module.tak_server_port = str(port)
        module.broadcasting = True
        real = module.os.path.getsize
        module.os.path.getsize = end_of_pass
        try:
            module.broadcast_file_realtime(str(path))
        except EndOfPass:
            pass
        finally:
            module.os.path.getsize = real
    return read


def theirs(read, path: Path, port: int) -> float:
    begin = time.process_time()
    read(path, port)
    return ROWS / (time.process_time() - begin)


def ours(binary: Path, settings: Path, path: Path, port: int) -> float:
    said = subprocess.run([binary, "--config", settings, "--replay", path, "--output", f"udp://127.0.0.1:{port}"],
                          capture_output=True, text=True, check=True).stderr
    match = re.search(r"(\d+) rows, .* ([0-9.]+) s of them on the processor", said)
    if match is None or int(match[1]) != ROWS:
        raise RuntimeError(f"unexpected: {said}")
    return ROWS / float(match[2])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--original", help="directory with WigletoTAK.py")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    read = original(arguments.original) if arguments.original else stand_in
    binary = arguments.build / "bin/stinky-tak"
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))
    port = sink.getsockname()[1]
    missed = 0
    with tempfile.TemporaryDirectory() as directory:
        settings = Path(directory) / "stinky.conf"
        settings.write_text("NODE=bench\nTAK_RATE=0\nTAK_BEACON=0\n")
        for name, addresses, wanted in (("each row a new BSSID", ROWS, 4.0), ("2,000 BSSIDs", REPEATED, 1.5)):
            path = Path(directory) / "rows.wiglecsv"
            write_rows(path, addresses)
            # The best of each: what disturbs makes only slower.
            rounds = [(theirs(read, path, port), ours(binary, settings, path, port)) for _ in range(arguments.rounds)]
            their_best, our_best = (max(column) for column in zip(*rounds))
            ratio = our_best / their_best
            print(f"{name}: {their_best:,.0f} rows/s theirs, {our_best:,.0f} ours, {ratio:.1f} times (at least {wanted:g})")
            missed += ratio < wanted * NOISE
            if addresses == ROWS:
                # Its other mode sleeps 0.1 s after every 100 rows.
                print(f"post-collection: 1,000 rows/s theirs at most, {our_best / 1000:.0f} times (at least 100)")
                missed += our_best < 100_000
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
