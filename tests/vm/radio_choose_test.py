"""Which card it is, and that it may go and come: with the whole stack around the guard."""

import json
import unittest

from machine.image import REPOSITORY
from radio_case import HELPER, LONG, RadioCase
from sensor import DEADLINE_S, part

MAC = "mac:02:00:00:00:02:00"


class RadioChoose(RadioCase):
    settings = f"RADIO={MAC}"
    unit = f"stinky-radio@{MAC}"
    access_points = [{"ssid": "HomeNet", "radio": "wlan0", "channel": 6, "psk": "correct horse"}]
    # Without a position no row is written.
    receiver = 9600

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.stop_all)

    def stop_all(self) -> None:
        self.machine.run("systemctl stop stinky.target 'stinky-radio@*' stinky-scan stinky-tak", check=False,
                         timeout=DEADLINE_S)

    def start_all(self) -> None:
        self.machine.run("systemctl reset-failed; systemctl start stinky.target", timeout=DEADLINE_S)

    def capturing_on(self, interface: str) -> None:
        self.machine.wait_until("systemctl is-active stinky-scan && "
                                f"grep -q 'capturing on {interface}' /run/stinky/status/scan.json", DEADLINE_S)

    def pid(self, unit: str) -> str:
        return self.machine.run(f"systemctl show --value -p MainPID '{unit}'").stdout.strip()

    def test_a_card_is_named_by_what_stays_with_it(self) -> None:
        for card in ("phy:phy2", "driver:mac80211_hwsim", MAC):
            with self.subTest(card=card):
                unit = f"stinky-radio@{card}"
                interface = "wlan0" if card.startswith("driver") else "wlan2"
                if interface == "wlan0":
                    self.machine.remove_access_point("wlan0")
                    self.addCleanup(self.machine.add_access_point, **self.access_points[0])
                before = self.link(interface)
                self.start(unit)
                self.assertEqual(self.link(interface), ("monitor", True))
                self.assertEqual(self.machine.run(f"cat /run/stinky/radio/{card}.env").stdout.strip(),
                                 f"STINKY_INTERFACE={interface}")
                self.assertEqual(part(self.machine, f"radio@{card}")["counters"]["interface"], interface)
                self.stop(unit)
                self.assertEqual(self.link(interface), before)
                self.machine.run(f"test ! -e /run/stinky/radio/{card}.env")

    def test_names_may_swap(self) -> None:
        """wlan1 and wlan2 as after another order of discovery: the same card is held, under its other name."""
        swap = ("ip link set wlan1 down; ip link set wlan2 down; ip link set wlan1 name x; ip link set wlan2 name wlan1; "
                "ip link set x name wlan2; udevadm settle")
        self.machine.run(swap)
        self.addCleanup(self.machine.run, swap)
        self.start_all()
        self.assertEqual(self.link("wlan1"), ("monitor", True))
        self.assertEqual(self.link("wlan2")[0], "managed")
        self.capturing_on("wlan1")
        self.stop_all()
        self.assertEqual(self.link("wlan1")[0], "managed")

    def test_auto_takes_a_card_that_is_in_nobodys_hands(self) -> None:
        self.machine.run("ip link set wlan1 up; ip route add default dev wlan1 metric 9999")
        self.addCleanup(self.machine.run, "ip route del default dev wlan1; ip link set wlan1 down", False)
        self.start("stinky-radio@auto")
        self.assertEqual(self.link("wlan2"), ("monitor", True))
        self.assertEqual(self.link("wlan0")[0], "AP")
        listed = {radio["interface"]: radio for radio in json.loads(self.machine.run(f"{HELPER} list --json").stdout)}
        self.assertEqual(listed["wlan2"]["held_by"], ["stinky-radio"])
        self.assertTrue(listed["wlan1"]["default_route"])
        said = self.machine.run(f"{HELPER} hold auto", check=False)
        self.assertEqual(said.returncode, 69)
        for words in ("wlan0: it is an access point", "wlan1: it carries the default route",
                      "wlan2: another stinky-radio holds it"):
            self.assertIn(words, said.stderr)
        self.stop("stinky-radio@auto")
        self.assertEqual(self.link("wlan2")[0], "managed")

    def test_a_card_that_is_pulled_while_it_captures_is_taken_again_when_it_is_back(self) -> None:
        self.start_all()
        self.capturing_on("wlan2")
        since = self.now()
        self.machine.remove_radio("wlan2")
        self.machine.wait_until(f"systemctl is-active '{self.unit}' | grep -qx inactive", DEADLINE_S)
        self.machine.wait_until("test -z \"$(ls -A /var/lib/stinky/radio)\"", DEADLINE_S)
        self.assertEqual(self.records("radio-failed", since=since), [])
        self.assertEqual(self.machine.add_radio("02:00:00:00:02:00"), "wlan2")
        self.machine.wait_until(f"systemctl is-active '{self.unit}'", DEADLINE_S)
        self.capturing_on("wlan2")
        # Not while the survey is stopped.
        self.stop_all()
        self.machine.remove_radio("wlan2")
        self.assertEqual(self.machine.add_radio("02:00:00:00:02:00"), "wlan2")
        self.machine.wait_until("systemctl show -p ConditionResult stinky-radio-plugged && "
                                "test -z \"$(systemctl list-jobs --no-legend)\"", DEADLINE_S)
        self.assertEqual(self.link("wlan2")[0], "managed")

    def test_guard_and_scanner_may_be_killed_one_by_one_and_together(self) -> None:
        self.machine.run("ip link set wlan2 down")
        before = self.link()
        self.start_all()
        for units in ([self.unit], ["stinky-scan"], [self.unit, "stinky-scan"]):
            with self.subTest(units=units):
                old = {unit: self.pid(unit) for unit in units}
                self.machine.run(f"kill -9 {' '.join(old.values())}")
                self.machine.wait_until(" && ".join(
                    f"systemctl is-active '{unit}' && test $(systemctl show --value -p MainPID '{unit}') != {pid}"
                    for unit, pid in old.items()), DEADLINE_S)
                self.capturing_on("wlan2")
                self.assertEqual(self.link(), ("monitor", True))
        self.stop_all()
        self.assertEqual(self.link(), before)

    def test_it_is_fast(self) -> None:
        self.machine.copy_to(REPOSITORY / "tests/bench/radio/take.py", to="/root/take.py")
        runs = 21 if LONG else 3
        said = self.machine.run(f"python3 /root/take.py --runs {runs} --json", timeout=600).stdout
        figures = json.loads(said)
        print(f"taking a card, medians of {runs} runs: {figures}")
        self.assertLessEqual(figures["stinky-radio"], 3 * figures["ip and iw"])
        self.assertLess(figures["stinky-radio"], figures["airmon-ng"])


if __name__ == "__main__":
    unittest.main()
