"""The card is taken gently, held, and always given back: from whoever has it, after whatever end."""

import os
import unittest

from case import SensorCase
from sensor import DEADLINE_S, part

LONG = os.environ.get("STINKY_LONG") == "yes"
ROUNDS = 50 if LONG else 3
UNIT = "stinky-radio@wlan2"
HELPER = "/usr/lib/stinky/stinky-radio"
# The wire that the test comes by and the cards of the access points are not NetworkManager's in here.
NM_CONFIG = "[keyfile]\nunmanaged-devices=interface-name:eth*;interface-name:wlan0;interface-name:wlan1;interface-name:hwsim*\n"
SOFT = "/sys/class/net/wlan2/phy80211/rfkill*/soft"
BLOCK = "rfkill block $(basename /sys/class/net/wlan2/phy80211/rfkill* | tr -dc 0-9)"
NETWORK = 'ctrl_interface=/run/wpa_supplicant\nnetwork={\n ssid="HomeNet"\n psk="correct horse"\n}\n'


class Radio(SensorCase):
    """Without a scanner: the guard alone, so that its times and its ends are its own."""

    settings = "SCANNER=none"
    access_points = [{"ssid": "HomeNet", "radio": "wlan0", "channel": 6, "psk": "correct horse"}]

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.back_to_the_beginning)

    def back_to_the_beginning(self) -> None:
        self.machine.run(f"systemctl stop {UNIT} NetworkManager wpa_supplicant; systemctl reset-failed; "
                         "systemctl --quiet mask NetworkManager wpa_supplicant; rfkill unblock wifi; "
                         "ip link set wlan2 down && iw dev wlan2 set type managed", check=False, timeout=DEADLINE_S)

    def start(self) -> None:
        # A test that ends the guard often is not what the start limit is for.
        self.machine.run(f"systemctl reset-failed {UNIT}; systemctl start {UNIT}", timeout=DEADLINE_S)
        self.assertEqual(self.link(), ("monitor", True))

    def stop(self) -> None:
        self.machine.run(f"systemctl stop {UNIT}", timeout=DEADLINE_S)

    def whole_state(self) -> str:
        """All that taking the card may change; what programs manage it is asked for by their own tests."""
        return self.machine.run("iw dev wlan2 info | grep -E 'addr|type|ifindex'; ls /sys/class/net; "
                                "ip -o link show wlan2 | grep -o '[<,]UP[,>]'; "
                                f"cat {SOFT}; "
                                "ls -A /var/lib/stinky/radio 2>/dev/null; true").stdout

    def journal_has(self, event: str, words: str) -> None:
        self.machine.wait_until(f"journalctl -b -u {UNIT} STINKY_EVENT={event} -o cat | grep -q '{words}'", 30)

    def use_network_manager(self) -> None:
        self.machine.run("cat > /etc/NetworkManager/conf.d/test.conf", stdin=NM_CONFIG)
        self.machine.run("systemctl --quiet unmask NetworkManager wpa_supplicant && systemctl start NetworkManager",
                         timeout=DEADLINE_S)
        self.machine.wait_until("nmcli -t -f DEVICE,STATE device | grep -q '^wlan2:disconnected'", DEADLINE_S)

    def test_start_and_stop_leave_no_trace(self) -> None:
        for up in (True, False):
            self.machine.run(f"ip link set wlan2 {'up' if up else 'down'}")
            before = self.whole_state()
            for _ in range(ROUNDS):
                self.start()
                self.stop()
                self.assertEqual(self.whole_state(), before)

    def test_a_soft_block_of_this_card_alone_is_lifted_and_put_back(self) -> None:
        self.machine.run(f"ip link set wlan2 down; {BLOCK}; rfkill block $(basename "
                         "/sys/class/net/wlan1/phy80211/rfkill* | tr -dc 0-9)")
        before = self.whole_state()
        others = self.machine.run("rfkill --noheadings --raw --output ID,SOFT list").stdout
        self.assertEqual(self.machine.run(f"cat {SOFT}").stdout.strip(), "1")
        for _ in range(ROUNDS):
            self.start()
            self.machine.run(f"kill -9 $(systemctl show --value -p MainPID {UNIT})")
            self.machine.wait_until(f"systemctl is-active {UNIT}", DEADLINE_S)
            self.stop()
            self.assertEqual(self.whole_state(), before)
        self.assertEqual(self.machine.run("rfkill --noheadings --raw --output ID,SOFT list").stdout, others)

    def test_it_is_taken_from_network_manager_and_given_back(self) -> None:
        self.use_network_manager()
        address = self.machine.run("cat /sys/class/net/wlan0/address").stdout
        for _ in range(ROUNDS):
            self.start()
            self.assertIn("wlan2:unmanaged", self.machine.run("nmcli -t -f DEVICE,STATE device").stdout)
            self.stop()
            self.machine.wait_until("nmcli -t -f DEVICE,STATE device | grep -q '^wlan2:disconnected'", DEADLINE_S)
            self.assertEqual(self.link(), ("managed", True))
        self.assertEqual(self.machine.run("cat /sys/class/net/wlan0/address").stdout, address)
        # After a crash as well.
        self.start()
        self.machine.run(f"systemctl kill --kill-whom=main -s KILL {UNIT}")
        self.machine.wait_until(f"systemctl is-active {UNIT}", DEADLINE_S)
        self.stop()
        self.machine.wait_until("nmcli -t -f DEVICE,STATE device | grep -q '^wlan2:disconnected'", DEADLINE_S)

    def test_a_network_manager_that_is_restarted_does_not_get_it(self) -> None:
        self.use_network_manager()
        self.start()
        self.machine.run("systemctl restart NetworkManager", timeout=DEADLINE_S)
        self.machine.wait_until("nmcli -t -f STATE general | grep -q .", DEADLINE_S)
        self.assertEqual(self.link(), ("monitor", True))
        # A manager that is told to take it is told off again as soon as that shows on the card.
        self.machine.run("nmcli device set wlan2 managed yes; ip link set wlan2 down", check=False)
        self.journal_has("radio-lost", "set down")
        self.machine.wait_until("iw dev wlan2 info | grep -q 'type monitor' && "
                                "grep -q 1 /sys/class/net/wlan2/carrier", DEADLINE_S)

    def test_it_is_taken_from_wpa_supplicant_which_is_back_in_its_network_after(self) -> None:
        self.machine.run("cat > /etc/wpa_supplicant/test.conf", stdin=NETWORK)
        self.machine.run("systemctl --quiet unmask wpa_supplicant && systemctl start wpa_supplicant && "
                         "gdbus() { busctl call fi.w1.wpa_supplicant1 /fi/w1/wpa_supplicant1 fi.w1.wpa_supplicant1 \"$@\"; }; "
                         "gdbus CreateInterface 'a{sv}' 3 Ifname s wlan2 Driver s nl80211 "
                         "ConfigFile s /etc/wpa_supplicant/test.conf", timeout=DEADLINE_S)
        joined = "iw dev wlan2 link | grep -q 'SSID: HomeNet'"
        self.machine.wait_until(joined, DEADLINE_S)
        for _ in range(ROUNDS):
            self.start()
            self.stop()
            self.machine.wait_until(joined, DEADLINE_S)

    def test_who_takes_it_away_loses_it_again(self) -> None:
        self.start()
        for command in ("ip link set wlan2 down", "ip link set wlan2 down; iw dev wlan2 set type managed",
                        BLOCK):
            with self.subTest(command=command):
                self.machine.run(command, check=False)
                self.machine.wait_until("iw dev wlan2 info | grep -q 'type monitor' && "
                                        "ip -o link show wlan2 | grep -q '[<,]UP[,>]'", DEADLINE_S)
        taken = self.machine.run(f"journalctl -b -u {UNIT} STINKY_EVENT=radio-lost -o short-unix | wc -l").stdout
        self.assertGreaterEqual(int(taken), 3)

    def test_what_cannot_be_taken_is_refused_and_says_why(self) -> None:
        for interface, code, words in (("eth0", 69, "not a wireless interface"), ("wlan9", 69, "there is none of this name")):
            with self.subTest(interface=interface):
                said = self.machine.run(f"{HELPER} hold {interface}", check=False)
                self.assertEqual(said.returncode, code, said.stderr)
                self.assertIn(words, said.stderr)
        self.machine.run("ip link set wlan2 up && ip route add default dev wlan2 metric 9999")
        said = self.machine.run(f"{HELPER} hold wlan2", check=False)
        self.assertEqual(said.returncode, 78)
        self.assertIn("default route", said.stderr)
        self.machine.run("ip route del default dev wlan2 metric 9999")

    def test_a_second_guard_is_refused(self) -> None:
        self.start()
        said = self.machine.run(f"{HELPER} hold wlan2", check=False)
        self.assertNotEqual(said.returncode, 0)
        self.assertIn("another stinky-radio holds this card", said.stderr)
        self.assertEqual(self.link(), ("monitor", True))

    def test_a_power_cut_leaves_nothing_that_the_next_stop_does_not_give_back(self) -> None:
        self.machine.run(f"ip link set wlan2 down; {BLOCK}")
        self.start()
        self.machine.run("sync")
        self.machine.reboot_cold()
        self.assertEqual(self.link()[0], "managed")
        self.start()
        self.stop()
        self.assertEqual(self.machine.run(f"cat {SOFT}").stdout.strip(), "1")
        self.assertEqual(self.machine.run("ls -A /var/lib/stinky/radio").stdout, "")

    def test_the_status_tells_what_it_is(self) -> None:
        self.start()
        report = part(self.machine, "radio")
        self.assertEqual(report["state"], "ok")
        self.assertEqual(report["counters"]["interface"], "wlan2")


if __name__ == "__main__":
    unittest.main()
