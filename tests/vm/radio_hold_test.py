"""The card is held against everybody, given back after whatever end, and costs nothing while nothing happens."""

import json
import unittest

from radio_case import BLOCK, HELPER, LONG, SOFT, RadioCase
from sensor import DEADLINE_S, part

# Somebody who listens, and comes again when the card is set down under his feet.
LISTEN = ("systemd-run --quiet --unit=listener --property=Restart=always --property=RestartSec=200ms "
          "--property=StartLimitIntervalSec=0 tcpdump -i wlan2 -w /dev/null")


class RadioHold(RadioCase):
    settings = "SCANNER=none\nRADIO_SILENCE=4"

    def pid(self) -> str:
        return self.machine.run(f"systemctl show --value -p MainPID {self.unit}").stdout.strip()

    def test_who_takes_it_away_loses_it_again_within_a_second(self) -> None:
        self.start()
        for command, event, words in (
                ("ip link set wlan2 down", "radio-lost", "set down by another program; taken back"),
                ("ip link set wlan2 down; iw dev wlan2 set type managed", "radio-lost", "taken back"),
                (BLOCK, "radio-unblocked", "lifted the soft block")):
            with self.subTest(command=command):
                self.assertLess(self.seconds_until_told(command, event, words), 1.0)
                self.wait_held()

    def test_a_card_that_is_renamed_is_reported_within_a_second_and_given_back(self) -> None:
        before = self.whole_state()
        self.start()
        self.addCleanup(self.machine.run, "ip link set lan7 down; ip link set lan7 name wlan2", False)
        # A card that is up cannot be renamed. The guard sleeps over it until all of it has happened.
        command = (f"kill -STOP {self.pid()}; ip link set wlan2 down; ip link set wlan2 name lan7; kill -CONT {self.pid()}")
        self.assertLess(self.seconds_until_told(command, "radio-renamed", "was renamed to lan7"), 1.0)
        # systemd sees the device of the unit's name go, and ends the unit.
        self.machine.wait_until(f"systemctl is-active {self.unit} | grep -qx inactive", DEADLINE_S)
        self.assertEqual(self.link("lan7")[0], "managed")
        self.machine.run("ip link set lan7 down; ip link set lan7 name wlan2; udevadm settle")
        self.assertEqual(self.whole_state(), before)

    def test_the_guard_gives_up_when_somebody_insists(self) -> None:
        self.start()
        for turn in range(1, 7):
            self.machine.run("ip link set wlan2 down", check=False)
            if turn < 6:
                self.machine.wait_until(f"journalctl -b -u {self.unit} STINKY_EVENT=radio-lost -o cat | "
                                        f"grep -q '{turn} of at most 5'", DEADLINE_S)
        self.machine.wait_until(f"systemctl is-failed {self.unit}", DEADLINE_S)
        self.assertIn("75", self.machine.run(f"systemctl show -p ExecMainStatus {self.unit}").stdout)
        self.assertEqual(self.link()[0], "managed")

    def test_a_guard_that_is_killed_gives_the_card_back_and_takes_it_again(self) -> None:
        for up in (True, False):
            self.machine.run(f"ip link set wlan2 {'up' if up else 'down'}")
            before = self.whole_state()
            self.start()
            old = self.pid()
            since = self.now()
            self.machine.run(f"kill -9 {old}")
            self.wait_record("radio-restored", f"managed, {'up' if up else 'down'} again", since)
            self.machine.wait_until(f"systemctl is-active {self.unit} && "
                                    f"test $(systemctl show --value -p MainPID {self.unit}) != {old}", DEADLINE_S)
            self.wait_held()
            self.stop()
            self.assertEqual(self.whole_state(), before)

    def test_it_costs_no_wake_up_while_nothing_happens(self) -> None:
        since = self.now()
        self.start()
        self.wait_record("radio-frames", "", since)
        # What the start itself set off, like udev's look at the interface that changed, is over.
        self.machine.run("udevadm settle")
        seconds = 60 if LONG else 12
        self.machine.run(f"timeout --signal=INT {seconds} strace -f -tt -o /tmp/idle -p {self.pid()}", check=False,
                         timeout=seconds + 60)
        calls = self.machine.run("cat /tmp/idle").stdout.splitlines()
        # The one it sleeps in.
        self.assertEqual(len(calls), 1, calls)
        self.assertRegex(calls[0], r"epoll_wait\(.*<detached")
        self.assertEqual(part(self.machine, "radio@wlan2")["state"], "ok")

    def test_silence_is_mended_and_then_reported(self) -> None:
        self.start()
        since = self.now()
        self.addCleanup(self.machine.run, "systemctl stop listener", False)
        self.machine.run(LISTEN)
        first = self.wait_record("radio-silent", "heard nothing for 4 s: set down and up", since)
        second = self.wait_record("radio-silent", "given its type anew", since)
        last = self.wait_record("radio-silent", "neither setting it down and up nor a new type helped", since)
        times = [int(r["__MONOTONIC_TIMESTAMP"]) / 1e6 for r in (first, second, last)]
        self.assertGreater(times[1] - times[0], 3.5)
        self.assertGreater(times[2] - times[1], 3.5)
        self.machine.wait_until("grep -q '\"state\":\"fault\"' /run/stinky/status/radio@wlan2.json", DEADLINE_S)
        report = part(self.machine, "radio@wlan2")
        self.assertEqual((report["state"], report["counters"]["silence_relinks"], report["counters"]["silence_retypes"]),
                         ("fault", 1, 1))
        self.assertEqual(self.link(), ("monitor", True))
        # An access point: it hears again, and says so.
        self.machine.run("iw dev wlan2 set channel 6")
        self.machine.add_access_point("HomeNet", "wlan0", 6)
        self.addCleanup(self.machine.remove_access_point, "wlan0")
        self.machine.wait_until("grep -q '\"state\":\"ok\"' /run/stinky/status/radio@wlan2.json", DEADLINE_S)

    def test_a_power_cut_is_mended_at_boot_without_a_start(self) -> None:
        self.machine.run(f"ip link set wlan2 down; {BLOCK}")
        self.start()
        self.assertEqual(self.machine.run(f"cat {SOFT}").stdout.strip(), "0")
        self.machine.run("sync")
        self.machine.reboot_cold()
        self.machine.wait_until(f"test $(cat {SOFT}) = 1 && test -z \"$(ls -A /var/lib/stinky/radio)\"", DEADLINE_S)
        self.assertEqual(self.link(), ("managed", False))
        self.assertEqual(self.machine.run(f"systemctl is-active {self.unit}", check=False).stdout.strip(), "inactive")
        self.machine.run("rfkill unblock wifi")

    def test_what_cannot_be_taken_is_refused_and_says_why(self) -> None:
        for interface, code, words in (("eth0", 69, "not a wireless interface"),
                                       ("wlan9", 69, "there is none of this name"),
                                       ("mac:02:00:00:00:77:00", 69, "no card is that")):
            with self.subTest(interface=interface):
                said = self.machine.run(f"{HELPER} hold {interface}", check=False)
                self.assertEqual(said.returncode, code, said.stderr)
                self.assertIn(words, said.stderr)
        self.machine.run("ip link set wlan2 up && ip route add default dev wlan2 metric 9999")
        said = self.machine.run(f"{HELPER} hold wlan2", check=False)
        self.assertEqual(said.returncode, 78)
        self.assertIn("default route", said.stderr)
        self.machine.run(f"systemctl start {self.unit}", check=False)
        self.assertEqual(self.link(), ("managed", True))
        self.machine.run("ip route del default dev wlan2 metric 9999")
        self.machine.run("ip link set wlan2 down && iw dev wlan2 set type __ap")
        said = self.machine.run(f"{HELPER} hold wlan2", check=False)
        self.machine.run("iw dev wlan2 set type managed && ip link set wlan2 up")
        self.assertEqual(said.returncode, 78)
        self.assertIn("it is an access point", said.stderr)

    def test_a_card_without_a_monitor_mode_is_refused_and_left_alone(self) -> None:
        self.machine.run("modprobe nomon && udevadm settle")
        self.addCleanup(self.machine.run, "modprobe -r nomon", False)
        card = self.machine.run("ls /sys/bus/platform/devices/nomon/net").stdout.strip()
        state = (f"iw dev {card} info; ip -o link show {card}; find /var/lib/stinky/radio /run/stinky/radio -type f; "
                 "rfkill --output device,soft,hard")
        before = self.machine.run(state, check=False).stdout
        self.assertIn("type managed", before)
        listed = {radio["interface"]: radio for radio in json.loads(self.machine.run(f"{HELPER} list --json").stdout)}
        self.assertEqual((listed[card]["monitor"], listed[card]["modes"]), (False, ["managed"]))
        self.assertTrue(listed["wlan2"]["monitor"])
        why = "the driver nomon offers no monitor mode on it"
        for word in (card, "driver:nomon"):
            with self.subTest(card=word):
                said = self.machine.run(f"{HELPER} hold {word}", check=False)
                self.assertEqual(said.returncode, 78, said.stderr)
                self.assertRegex(said.stderr, rf"take {card} \(phy\d+, nomon\): {why}; choose another card "
                                              r"\(`stinky-radio list`\)")
        with self.subTest(card="its unit"):
            unit = f"stinky-radio@{card}"
            self.addCleanup(self.machine.run, f"systemctl stop {unit}; systemctl reset-failed {unit}", False)
            self.assertNotEqual(self.machine.run(f"systemctl start {unit}", check=False, timeout=DEADLINE_S).returncode, 0)
            shown = self.machine.run(f"systemctl show -p ActiveState,ExecMainStatus,NRestarts {unit}").stdout.split()
            self.assertEqual(sorted(shown), ["ActiveState=failed", "ExecMainStatus=78", "NRestarts=0"])
            self.assertIn(why, self.machine.run(f"systemctl status {unit}", check=False).stdout)
        with self.subTest(card="auto"):
            # With the others no choice, it says of each why not, and does not make do with this one.
            others = [name for name in listed if name != card]
            for other in others:
                self.addCleanup(self.machine.run, f"iw dev {other} set type managed", False)
                self.machine.run(f"ip link set {other} down; iw dev {other} set type __ap")
            said = self.machine.run(f"{HELPER} hold auto", check=False)
            self.assertEqual(said.returncode, 69, said.stderr)
            for words in (f"{card}: {why}", *(f"{other}: it is an access point" for other in others)):
                self.assertIn(words, said.stderr)
        self.assertEqual(self.machine.run(state, check=False).stdout, before)
        self.machine.run("modprobe -r nomon")
        self.assertNotIn(card, self.machine.run(f"{HELPER} list").stdout)

    def test_a_second_guard_is_refused(self) -> None:
        self.start()
        for card in ("wlan2", "phy:phy2"):
            said = self.machine.run(f"{HELPER} hold {card}", check=False)
            self.assertNotEqual(said.returncode, 0)
            self.assertIn("another stinky-radio holds this card", said.stderr)
        self.assertEqual(self.link(), ("monitor", True))
        self.machine.run(f"systemctl is-active {self.unit}")


if __name__ == "__main__":
    unittest.main()
