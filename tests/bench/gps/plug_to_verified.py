#!/usr/bin/env python3
"""How long the probe needs from plugging in until a receiver and its speed are verified.

Starts sim-gps (an honest UART on a pseudo-terminal, one burst a second) at each speed and probes it at random moments
of the second, with the speed inferred from the burst and, in the same run, by trying the rates one after another.
Prints a table in markdown. No machine needed, about ten minutes with 4 lanes.

    tests/bench/gps/plug_to_verified.py --build build [--runs 20] [--lanes 4] [--rates 9600,4800,38400,57600,115200]
"""

import argparse
import concurrent.futures
import json
import math
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

METHODS = {"one burst": [], "plain order": ["--no-evidence"]}
BURST_PERIOD_S = 1.0
GOAL_MEDIAN_S = BURST_PERIOD_S + 0.5
GOAL_WORST_S = 4.0


class BenchError(Exception):
    """The bench cannot go on; the message says why."""


def one_run(build: Path, rate: int, method: str, rates: str, moment: float) -> float:
    """Seconds from starting the probe to its end; the probe must find `rate`."""
    sim = subprocess.Popen([build / "bin/sim-gps", "--baud", str(rate)], stdout=subprocess.PIPE, text=True)
    try:
        port = sim.stdout.readline().split()[-1]
        # The receiver has long been switched on. Its bursts begin at whole seconds of the clock.
        now = time.time()
        time.sleep(math.floor(now) + 2 + moment - now)
        start = time.monotonic()
        probe = subprocess.run(
            [build / "bin/stinky-gps-probe", "--json", "--no-gpsd", "--state-directory", "", "--bauds", rates]
            + METHODS[method] + [port],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        elapsed = time.monotonic() - start
    finally:
        sim.terminate()
        sim.wait()
    if probe.returncode != 0 or json.loads(probe.stdout)["baud"] != rate:
        raise BenchError(f"{rate} bit/s by {method}: exit {probe.returncode}, {probe.stdout}{probe.stderr}")
    return elapsed


def measure(arguments) -> dict:
    """Seconds of each run by (rate, method). Both methods get the same moments."""
    moments = random.Random(arguments.seed)
    jobs = [(rate, moments.random()) for rate in arguments.rates for _ in range(arguments.runs)]
    order = ",".join(str(rate) for rate in arguments.rates)
    results = {}
    with concurrent.futures.ThreadPoolExecutor(arguments.lanes) as pool:
        running = {pool.submit(one_run, arguments.build, rate, method, order, moment): (rate, method)
                   for rate, moment in jobs for method in METHODS}
        for done, job in enumerate(concurrent.futures.as_completed(running), 1):
            results.setdefault(running[job], []).append(job.result())
            if sys.stderr.isatty():
                print(f"\r{done} of {len(running)} probes", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return results


def table(results: dict, rates: list) -> str:
    lines = ["| bit/s | one burst: median | worst | plain order: median | worst | times faster (median) |",
             "|---:|---:|---:|---:|---:|---:|"]
    for rate in rates:
        clever, plain = results[rate, "one burst"], results[rate, "plain order"]
        factor = statistics.median(plain) / statistics.median(clever)
        lines.append(f"| {rate} | {statistics.median(clever):.2f} s | {max(clever):.2f} s "
                     f"| {statistics.median(plain):.2f} s | {max(plain):.2f} s | {factor:.1f} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build"), help="build folder with bin/")
    parser.add_argument("--runs", type=int, default=20, help="probes for each rate and method")
    parser.add_argument("--lanes", type=int, default=4, help="probes side by side")
    parser.add_argument("--rates", type=lambda text: [int(word) for word in text.split(",")],
                        default=[9600, 4800, 38400, 57600, 115200], help="in the order of the probe")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of plugging in")
    arguments = parser.parse_args()
    try:
        results = measure(arguments)
    except BenchError as error:
        print(f"plug_to_verified: {error}", file=sys.stderr)
        return 1
    print(table(results, arguments.rates))
    slow = [rate for rate in arguments.rates
            if statistics.median(results[rate, "one burst"]) > GOAL_MEDIAN_S
            or max(results[rate, "one burst"]) >= GOAL_WORST_S]
    print(f"\n{arguments.runs} runs each; goal: median within {GOAL_MEDIAN_S} s, worst under {GOAL_WORST_S} s: "
          + (f"missed at {slow}" if slow else "met at every rate"))
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
