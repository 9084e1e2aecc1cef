#!/usr/bin/env python3
"""How long a card takes to become a monitor: stinky-radio, ip and iw by hand, airmon-ng, in turns. As root, on a machine
whose card may be taken: take.py [--runs N] [--interface wlan2] [--json]

stinky-radio: from exec to READY=1, which comes after the state was read back. ip and iw: down, type, up, and reading
it back. airmon-ng start: the whole program; it kills nothing without `check kill`.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HELPER = "/usr/lib/stinky/stinky-radio"


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def by_hand(interface: str) -> float:
    began = time.monotonic()
    run("ip", "link", "set", interface, "down")
    run("iw", "dev", interface, "set", "type", "monitor")
    run("ip", "link", "set", interface, "up")
    run("iw", "dev", interface, "info")
    took = time.monotonic() - began
    run("ip", "link", "set", interface, "down")
    run("iw", "dev", interface, "set", "type", "managed")
    return took


def by_stinky(interface: str) -> float:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        path = os.path.join(folder, "notify")
        notify.bind(path)
        notify.settimeout(60)
        environment = {**os.environ, "NOTIFY_SOCKET": path, "STATE_DIRECTORY": folder}
        began = time.monotonic()
        guard = subprocess.Popen([HELPER, "hold", interface], env=environment, stderr=subprocess.DEVNULL)
        while b"READY=1" not in notify.recv(4096).split(b"\n"):
            pass
        took = time.monotonic() - began
        guard.send_signal(signal.SIGTERM)
        guard.wait(timeout=60)
        subprocess.run([HELPER, "restore", interface], env=environment, check=True, stderr=subprocess.DEVNULL)
        return took


def by_airmon(interface: str) -> float:
    began = time.monotonic()
    run("airmon-ng", "start", interface)
    took = time.monotonic() - began
    # It names the interface anew where the driver lets it.
    run("airmon-ng", "stop", interface + "mon" if os.path.exists(f"/sys/class/net/{interface}mon") else interface)
    run("ip", "link", "set", interface, "down")
    return took


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=21)
    options.add_argument("--interface", default="wlan2")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    ways = {"stinky-radio": by_stinky, "ip and iw": by_hand, "airmon-ng": by_airmon}
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(chosen.runs):
        for name, way in ways.items():
            took[name].append(way(chosen.interface))
    medians = {name: round(statistics.median(times), 4) for name, times in took.items()}
    if chosen.json:
        json.dump(medians, sys.stdout)
        return
    for name, median in medians.items():
        print(f"{name:13} {median * 1000:7.1f} ms  {median / medians['ip and iw']:5.2f} x")


if __name__ == "__main__":
    main()
