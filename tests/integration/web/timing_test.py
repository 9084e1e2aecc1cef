"""How soon two hundred clients hear an event. The limit is for a machine that does nothing else."""

import statistics
import time
import unittest

from crowd import Crowd
from host import Host, description

CLIENTS = 200
EVENTS = 50
MOST_MS = 20
# What changes sooner than this after the last event is told with what comes next: see publishEvery in web.cpp.
PACE_S = 0.25


class Timing(unittest.TestCase):
    def test_each_event_reaches_two_hundred_clients_at_once(self) -> None:
        last, spread = [], []
        with Host() as host, Crowd(host, CLIENTS) as crowd:
            for i in range(EVENTS):
                time.sleep(PACE_S)
                heard = crowd.hear(f"event {i}!", describe=description("running", f"event {i}!"))
                self.assertEqual(len(heard), CLIENTS)
                last.append(heard[-1] * 1000)
                spread.append((heard[-1] - heard[0]) * 1000)
        print(f"{CLIENTS} clients, {EVENTS} events: from the change to the last client {statistics.median(last):.1f} ms in the "
              f"median, {max(last):.1f} ms at worst; from the first client to the last {statistics.median(spread):.1f} ms and "
              f"{max(spread):.1f} ms")
        self.assertLess(statistics.quantiles(last, n=20)[-1], MOST_MS, "19 of 20")


if __name__ == "__main__":
    unittest.main()
