"""The card is taken gently from whoever has it, and given back: the state before and after is the same."""

import unittest

from radio_case import BLOCK, HELPER, LONG, ROUNDS, SLOW_ROUNDS, SOFT, RadioCase
from sensor import DEADLINE_S, part

# The wire that the test comes by and the cards of the access points are not NetworkManager's in here.
NM_CONFIG = "[keyfile]\nunmanaged-devices=interface-name:eth*;interface-name:wlan0;interface-name:wlan1;interface-name:hwsim*\n"
NETWORK = 'ctrl_interface=/run/wpa_supplicant\nnetwork={\n ssid="HomeNet"\n psk="correct horse"\n}\n'
JOINED = "iw dev wlan2 link | grep -q 'SSID: HomeNet'"
# What a card was before does not depend on the mode, only on what both of them do first.
IN_PLACE_IS_ENOUGH = ("test_of_a_card_that_is_in_a_network", "test_of_a_card_that_network_manager_has",
                      "test_of_a_card_that_was_soft_blocked")
NM_HAS_IT = "nmcli -t -f DEVICE,STATE device | grep -q '^wlan2:disconnected'"


class RoundsOfStartAndStop(RadioCase):
    """In place; the same is asked of a monitor interface beside the card's own, below."""

    mode = "auto"
    monitor = "wlan2"
    access_points = [{"ssid": "HomeNet", "radio": "wlan0", "channel": 6, "psk": "correct horse"}]

    @classmethod
    def setUpClass(cls) -> None:
        cls.settings = f"SCANNER=none\nRADIO_MODE={cls.mode}"
        super().setUpClass()

    def round(self) -> None:
        self.start()
        self.assertEqual(self.link(self.monitor), ("monitor", True))
        self.stop()

    def use_network_manager(self) -> None:
        self.machine.run("cat > /etc/NetworkManager/conf.d/test.conf", stdin=NM_CONFIG)
        self.machine.run("systemctl --quiet unmask NetworkManager wpa_supplicant && systemctl start NetworkManager",
                         timeout=DEADLINE_S)
        self.machine.wait_until(NM_HAS_IT, DEADLINE_S)

    def join(self) -> None:
        self.machine.run("cat > /etc/wpa_supplicant/test.conf", stdin=NETWORK)
        self.machine.run("systemctl --quiet unmask wpa_supplicant && systemctl start wpa_supplicant && "
                         "busctl call fi.w1.wpa_supplicant1 /fi/w1/wpa_supplicant1 fi.w1.wpa_supplicant1 "
                         "CreateInterface 'a{sv}' 3 Ifname s wlan2 Driver s nl80211 "
                         "ConfigFile s /etc/wpa_supplicant/test.conf", timeout=DEADLINE_S)
        self.machine.wait_until(JOINED, DEADLINE_S)

    def test_of_a_card_that_was_up_or_down(self) -> None:
        for up in (True, False):
            self.machine.run(f"ip link set wlan2 {'up' if up else 'down'}")
            before = self.whole_state()
            for _ in range(ROUNDS):
                self.round()
                self.assertEqual(self.whole_state(), before)

    def test_of_a_card_with_another_interface_beside_it(self) -> None:
        self.machine.run("ip link set wlan2 down; iw dev wlan2 interface add wlan2ap type __ap")
        self.addCleanup(self.machine.run, "iw dev wlan2ap del", False)
        before = self.whole_state()
        for _ in range(ROUNDS):
            self.round()
            self.assertEqual(self.whole_state(), before)

    def test_of_a_card_that_was_soft_blocked(self) -> None:
        self.machine.run(f"ip link set wlan2 down; {BLOCK}; rfkill block $(basename "
                         "/sys/class/net/wlan1/phy80211/rfkill* | tr -dc 0-9)")
        before = self.whole_state()
        others = self.machine.run("rfkill --noheadings --raw --output ID,SOFT list").stdout
        self.assertEqual(self.machine.run(f"cat {SOFT}").stdout.strip(), "1")
        for _ in range(ROUNDS):
            self.round()
            self.assertEqual(self.whole_state(), before)
        self.assertEqual(self.machine.run("rfkill --noheadings --raw --output ID,SOFT list").stdout, others)

    def test_of_a_card_that_network_manager_has(self) -> None:
        self.use_network_manager()
        permanent = self.machine.run("iw phy phy2 info >/dev/null; cat /sys/class/ieee80211/phy2/macaddress").stdout
        wire = self.machine.run("nmcli -t -f DEVICE,STATE device | grep -v '^wlan2'").stdout
        for _ in range(SLOW_ROUNDS):
            self.start()
            self.assertIn("wlan2:unmanaged", self.machine.run("nmcli -t -f DEVICE,STATE device").stdout)
            self.assertIn("stinky-radio", self.machine.run(f"{HELPER} list").stdout)
            self.stop()
            self.machine.wait_until(NM_HAS_IT, DEADLINE_S)
            self.assertEqual(self.link(), ("managed", True))
        self.assertIn("NetworkManager", self.machine.run(f"{HELPER} list | grep wlan2").stdout)
        self.assertEqual(self.machine.run("cat /sys/class/ieee80211/phy2/macaddress").stdout, permanent)
        self.assertEqual(self.machine.run("nmcli -t -f DEVICE,STATE device | grep -v '^wlan2'").stdout, wire)
        # After a crash as well.
        self.start()
        since = self.now()
        self.machine.run(f"systemctl kill --kill-whom=main -s KILL {self.unit}")
        self.wait_record("radio-taken", "in monitor mode", since)
        self.stop()
        self.machine.wait_until(NM_HAS_IT, DEADLINE_S)

    def test_of_a_card_that_is_in_a_network(self) -> None:
        self.join()
        before = self.whole_state()
        for _ in range(SLOW_ROUNDS):
            self.round()
            self.machine.wait_until(JOINED, DEADLINE_S)
            self.assertEqual(self.whole_state(), before)


class RadioInPlace(RoundsOfStartAndStop):
    def test_network_manager_that_is_restarted_does_not_get_it(self) -> None:
        self.use_network_manager()
        self.start()
        # 803 is the type of a link with radiotap headers (linux/if_arp.h).
        self.machine.run("systemd-run --quiet --unit=watcher --description=watcher sh -c 'while [ -e /sys/class/net/wlan2 ]; do "
                         "read type < /sys/class/net/wlan2/type; [ $type = 803 ] || echo lost; done'")
        self.addCleanup(self.machine.run, "systemctl stop watcher", False)
        self.machine.run("systemctl restart NetworkManager", timeout=DEADLINE_S)
        self.machine.wait_until("nmcli -t -f STATE general | grep -q . && nmcli -t -f DEVICE device | grep -q wlan0",
                                DEADLINE_S)
        self.assertEqual(self.link(), ("monitor", True))
        self.assertNotIn("lost", self.machine.run("journalctl -b -u watcher -o cat").stdout)
        # One that starts while the card is a monitor does not take it for a card at all.
        self.assertNotIn("wlan2", self.machine.run("nmcli -t -f DEVICE device").stdout)

    def test_the_status_tells_what_it_is(self) -> None:
        self.start()
        report = part(self.machine, "radio@wlan2")
        self.assertEqual(report["state"], "ok")
        self.assertEqual(report["counters"]["interface"], "wlan2")
        self.assertEqual(report["counters"]["monitor_interface"], "wlan2")
        self.stop()
        self.machine.run("test ! -e /run/stinky/status/radio@wlan2.json")


class RadioBeside(RoundsOfStartAndStop):
    mode = "vif"
    monitor = "wlan2mon"

    def setUp(self) -> None:
        if not LONG and self._testMethodName in IN_PLACE_IS_ENOUGH:
            self.skipTest("in place shows it in the short form")
        super().setUp()

    def test_it_is_taken_back_when_its_interface_is_removed_or_the_cards_own_set_up(self) -> None:
        self.start()
        for command, words in (("iw dev wlan2mon del", "deprived of wlan2mon"),
                               ("ip link set wlan2mon down", "set down"),
                               ("ip link set wlan2 up", "up beside wlan2mon")):
            with self.subTest(command=command):
                self.assertLess(self.seconds_until_told(command, "radio-lost", words), 1.0)
                self.assertEqual(self.link("wlan2mon"), ("monitor", True))
                self.assertEqual(self.link("wlan2"), ("managed", False))

    def test_a_crash_leaves_no_interface_behind(self) -> None:
        before = self.whole_state()
        self.start()
        since = self.now()
        self.machine.run(f"systemctl kill --kill-whom=main -s KILL {self.unit}")
        self.wait_record("radio-taken", "on wlan2mon", since)
        self.stop()
        self.assertEqual(self.whole_state(), before)

    def test_a_card_that_refuses_in_place_gets_one_too(self) -> None:
        # An interface for the clients of an access point cannot become anything else.
        self.machine.run("sed -i '/RADIO_MODE/d' /etc/stinky/stinky.conf && ip link set wlan2 down && iw dev wlan2 del && "
                         "iw phy phy2 interface add wlan2 type __ap_vlan", timeout=DEADLINE_S)
        self.addCleanup(self.machine.run, "echo RADIO_MODE=vif >> /etc/stinky/stinky.conf; iw dev wlan2 del; "
                        "iw phy phy2 interface add wlan2 type managed")
        before = self.whole_state()
        self.start()
        self.assertEqual(self.link("wlan2mon"), ("monitor", True))
        self.assertTrue(self.records("radio-beside"))
        self.stop()
        self.assertEqual(self.whole_state(), before)


# Not a test by itself: its two kinds are.
del RoundsOfStartAndStop


if __name__ == "__main__":
    unittest.main()
