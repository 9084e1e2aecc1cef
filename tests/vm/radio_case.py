"""The base of the radio's machine tests: the guard alone, without a scanner, so that its times and ends are its own."""

import json
import os

from case import SensorCase
from sensor import DEADLINE_S

LONG = os.environ.get("STINKY_LONG") == "yes"
# The long form takes and gives a card fifty times in each mode: ten times each that is up, down, blocked, and with another
# interface beside it; five times each that NetworkManager has or that is in a network.
ROUNDS, SLOW_ROUNDS = (10, 5) if LONG else (2, 1)
UNIT = "stinky-radio@wlan2"
HELPER = "/usr/lib/stinky/stinky-radio"
SOFT = "/sys/class/net/wlan2/phy80211/rfkill*/soft"
BLOCK = "rfkill block $(basename /sys/class/net/wlan2/phy80211/rfkill* | tr -dc 0-9)"

# Runs a command in the guest and prints CLOCK_MONOTONIC, which the journal has as well, before it.
_TIMED = "import subprocess, sys, time; print(time.monotonic(), flush=True); subprocess.run(sys.argv[1], shell=True)"


class RadioCase(SensorCase):
    settings = "SCANNER=none"
    unit = UNIT

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.back_to_the_beginning)

    def back_to_the_beginning(self) -> None:
        self.machine.run(f"systemctl stop {self.unit} {UNIT} NetworkManager wpa_supplicant; systemctl reset-failed; "
                         "systemctl --quiet mask NetworkManager wpa_supplicant; rfkill unblock wifi; "
                         "ip link set wlan2 down && iw dev wlan2 set type managed", check=False, timeout=DEADLINE_S)

    def start(self, unit: str = "") -> None:
        unit = unit or self.unit
        # A test that ends the guard often is not what the start limit is for.
        self.machine.run(f"systemctl reset-failed '{unit}'; systemctl start '{unit}'", timeout=DEADLINE_S)

    def stop(self, unit: str = "") -> None:
        self.machine.run(f"systemctl stop '{unit or self.unit}'", timeout=DEADLINE_S)

    def whole_state(self) -> str:
        """All that taking the card may change; what programs manage it is asked for by their own tests."""
        return self.machine.run("iw dev wlan2 info | grep -E 'addr|type|ifindex'; ls /sys/class/net; "
                                "ip -o link show wlan2 | grep -o '[<,]UP[,>]'; cat /sys/class/net/wlan2/address; "
                                f"cat {SOFT}; find /var/lib/stinky/radio /run/stinky/radio -type f; true").stdout

    def records(self, event: str, unit: str = "", since: str = "@0") -> list[dict]:
        lines = self.machine.run(f"journalctl -b -u '{unit or self.unit}' STINKY_EVENT={event} -o json --since={since}").stdout
        return [json.loads(line) for line in lines.splitlines()]

    def wait_record(self, event: str, words: str, since: str, unit: str = "") -> dict:
        unit = unit or self.unit
        line = self.machine.wait_until(f"journalctl -b -u '{unit}' STINKY_EVENT={event} -o json --since={since} "
                                       f"| grep -m 1 '{words}'", DEADLINE_S)
        return json.loads(line.splitlines()[0])

    def seconds_until_told(self, command: str, event: str, words: str) -> float:
        """From the command to the journal's record of what the guard did about it, on the guest's own clock."""
        since = self.now()
        began = float(self.machine.run(["python3", "-c", _TIMED, command], timeout=DEADLINE_S).stdout.split()[0])
        record = self.wait_record(event, words, since)
        return int(record["__MONOTONIC_TIMESTAMP"]) / 1e6 - began

    def wait_held(self) -> None:
        self.machine.wait_until("iw dev wlan2 info | grep -q 'type monitor' && "
                                "ip -o link show wlan2 | grep -q '[<,]UP[,>]'", DEADLINE_S)
