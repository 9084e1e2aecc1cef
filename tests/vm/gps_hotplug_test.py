"""Receivers that are plugged in before the boot, before the start and after it, and pulled out again and again."""

import json
import re
import sys
import threading
import unittest

from receivers import GREP_TPV, LONG, RATES, ReceiverCase
from sensor import DEADLINE_S

# gpsd alone gets no more than this, in seconds.
CAP_S = 30
KNOWN_RATES = "/var/lib/stinky/gps"
STORY = (("gps-found", r"found a GPS receiver on /dev/{port}: NMEA 0183 \(GP\) at {baud} bit/s, after \d+\.\d s"),
         ("gps-handed-over", r"/dev/{port} was handed to gpsd"),
         ("gps-decoded", r"gpsd decodes /dev/{port}: NMEA0183( at {baud} bit/s)?"),
         ("gps-fix", r"first fix: [23]D fix at 48\.117300 11\.516667.*, after \d+ s"))


class GpsHotplug(ReceiverCase):
    def test_a_receiver_that_is_there_before_the_start_is_used_at_once(self) -> None:
        self.wait_handed_over(self.plug(baud=4800))
        self.start_target()
        self.wait_state("ok")

    def test_receivers_that_are_there_before_the_boot_also_without_ipv6(self) -> None:
        self.plug(baud=38400)
        self.set("GPS_DEVICES=/dev/ttyS1")
        self.machine.run("sync")
        self.machine.reboot_cold(kernel_arguments="ipv6.disable=1", uart=["--baud", "4800"], simulator=self.simulator)
        self.assertEqual(self.machine.run("test -e /proc/net/if_inet6", check=False).returncode, 1)
        for port in ("ttyUSB0", "ttyS1"):
            with self.subTest(port=port):
                self.wait_handed_over(port)
                self.assert_position(port)
        # The survey was never started: GPS serves the machine.
        self.assertEqual(self.machine.run("systemctl is-active stinky.target", check=False).stdout.strip(), "inactive")
        self.assert_no_failed_unit()
        self.start_target()
        self.wait_state("ok")
        self.machine.run("systemctl stop stinky-gps@ttyS1", timeout=DEADLINE_S)

    def test_ipv6_switched_off_by_sysctl_leaves_gpsd_its_socket(self) -> None:
        off = "sysctl -q net.ipv6.conf.all.disable_ipv6={0} net.ipv6.conf.lo.disable_ipv6={0}"
        self.machine.run(off.format(1), check=False)
        self.addCleanup(self.machine.run, off.format(0), check=False)
        self.machine.run("systemctl stop gpsd.service gpsd.socket && systemctl start gpsd.socket", timeout=DEADLINE_S)
        port = self.plug()
        self.wait_handed_over(port)
        self.assert_position(port)

    def test_the_journal_of_a_hotplug_is_a_story(self) -> None:
        self.start_target()
        for baud in (57600, 4800):
            begin = self.now()
            port = self.plug(baud=baud)
            self.wait_event("gps-fix", begin)
            events = self.events(begin)
            told = iter(events)
            for event, words in STORY:
                pattern = words.format(port=port, baud=baud)
                self.assertTrue(any(name == event and re.fullmatch(pattern, text) for name, text in told),
                                f"{event} {pattern} is missing, or not in its turn: {events}")
            self.machine.unplug_gps()
            self.wait_event("gps-gone", begin)
        # A chip that is in other things too: since the first time it is known for a receiver.
        port = self.plug(baud=4800)
        self.assertIn("ID_MM_DEVICE_IGNORE=1", self.machine.run(f"udevadm info /dev/{port}").stdout.replace("E: ", ""))
        other = self.plug("--chatter", socket=1)
        self.assertNotIn("ID_MM_DEVICE_IGNORE", self.machine.run(f"udevadm info /dev/{other}").stdout)

    def test_rounds_of_plugging_at_changing_rates_leave_nothing(self) -> None:
        for turn in range(20 if LONG else 2):
            port = self.plug(baud=RATES[(turn + 1) % len(RATES)])
            self.wait_handed_over(port)
            self.assert_position(port)
            self.machine.unplug_gps()
            self.assert_nothing_left()
        self.assert_no_failed_unit()

    def test_a_dongle_pulled_in_the_middle_of_a_probe_leaves_nothing(self) -> None:
        # It says nothing, so that the probe goes on.
        port = self.plug("--silent")
        self.machine.wait_until(f"pgrep -f '[s]tinky-gps-probe.*{port}'", DEADLINE_S)
        self.machine.unplug_gps()
        self.assert_nothing_left()
        self.assert_no_failed_unit()

    def test_two_dongles_serve_side_by_side(self) -> None:
        ports = [self.plug(baud=4800), self.plug(baud=115200, socket=1)]
        for port in ports:
            self.wait_handed_over(port)
            self.assert_position(port)
        self.machine.unplug_gps(0)
        self.machine.wait_until(f"! systemctl is-active stinky-gps@{ports[0]}", DEADLINE_S)
        self.assert_position(ports[1])

    def seconds_to_position(self, baud: int, alone: bool) -> float:
        """From the kernel's word that the dongle is there to the first position at a client that was waiting; CAP_S when it
        takes longer. `alone`: only gpsd, told of the port at once."""
        self.machine.run(f"rm -f {KNOWN_RATES}/*")
        begin = self.now()
        heard: list[str] = []
        line = f"timeout {CAP_S + 10} gpspipe -w | {{ {GREP_TPV.format(device='/dev/ttyUSB0')} && cut -d' ' -f1 /proc/uptime; }}"
        client = threading.Thread(target=lambda: heard.append(self.machine.run(line, check=False).stdout.strip()))
        client.start()
        self.machine.wait_until("pidof gpspipe", DEADLINE_S)
        if alone:
            self.machine.run(f"gpsdctl add /dev/{self.plug_unseen(baud=baud)}")
        else:
            self.plug(baud=baud)
        client.join()
        found = self.machine.run(f"journalctl -k -b -o json --since={begin} | grep 'now attached to ttyUSB0'").stdout
        attached = int(json.loads(found.splitlines()[0])["__MONOTONIC_TIMESTAMP"]) / 1e6
        if alone:
            self.machine.run("gpsdctl remove /dev/ttyUSB0", check=False)
        self.machine.unplug_gps()
        self.assert_nothing_left()
        return min(float(heard[0]) - attached, CAP_S) if heard[0] else CAP_S

    @unittest.skipUnless(LONG, "a measurement")
    def test_the_first_position_comes_long_before_gpsd_alone_has_one(self) -> None:
        """Prints the table of docs/benchmarks.md."""
        rows = []
        for baud in RATES:
            ours = self.seconds_to_position(baud, alone=False)
            alone = self.seconds_to_position(baud, alone=True)
            rows.append(f"| {baud} | {ours:.1f} s | {'over 30' if alone == CAP_S else f'{alone:.1f}'} s |")
            with self.subTest(baud=baud):
                self.assertLess(ours, CAP_S)
                # At 9600 gpsd is right at its first guess, and the probe comes on top.
                self.assertLess(ours, alone if baud != 9600 else CAP_S)
        print("", "| bit/s | stinky | gpsd alone |", *rows, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
