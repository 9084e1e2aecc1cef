"""Receivers that come and go while the target runs."""

import unittest

from case import SensorCase
from sensor import DEADLINE_S, LATITUDE, LONGITUDE, part


class Gps(SensorCase):
    access_points = [{"ssid": "HomeNet", "radio": "wlan0", "channel": 6}]

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.pull_every_dongle)

    def pull_every_dongle(self) -> None:
        for dongle in self.machine.status()["dongles"]:
            self.machine.unplug_gps(dongle["socket"])
        self.machine.wait_until("! ls /dev/ttyUSB*", DEADLINE_S)

    def test_without_a_dongle_the_scanner_waits_and_says_so_until_one_is_plugged_in(self) -> None:
        self.start_target()
        self.machine.run("systemctl is-active stinky.target")
        self.machine.wait_until("grep -q 'no GPS receiver' /run/stinky/status/scan.json", DEADLINE_S)
        report = part(self.machine, "scan")
        self.assertEqual(report["state"], "waiting")
        self.assertIn("degraded", self.machine.run("stinkyctl status", check=False).stdout)

        # One that no capture holds yet: what was sent is sent again only later.
        self.machine.add_access_point("LateComer", radio="wlan1", channel=11)
        self.machine.plug_gps(baud=9600, simulator=self.simulator)
        event = self.tak.wait_for("LateComer")
        self.assertEqual((event["lat_text"], event["lon_text"]), (LATITUDE, LONGITUDE))
        self.machine.wait_until("grep -q '\"state\":\"ok\"' /run/stinky/status/scan.json", DEADLINE_S)

    def test_a_receiver_is_found_at_another_rate_after_unplug_and_plug(self) -> None:
        self.start_target()
        for baud, latitude in ((4800, "47.640000"), (57600, "-33.856784")):
            with self.subTest(baud=baud):
                self.machine.plug_gps("--lat", latitude, baud=baud, simulator=self.simulator)
                self.machine.wait_until("systemctl is-active stinky-gps@ttyUSB0", DEADLINE_S)
                self.machine.wait_until("grep -q '\"state\":\"ok\"' /run/stinky/status/scan.json", DEADLINE_S)
                self.machine.wait_until(f"grep -rq ',{latitude},' /var/lib/stinky/captures", DEADLINE_S)
                self.machine.unplug_gps()
                self.machine.wait_until("! systemctl is-active stinky-gps@ttyUSB0", DEADLINE_S)
                self.assertEqual(self.machine.run("systemctl --failed --no-legend").stdout, "")

    def test_what_is_no_gps_is_left_alone_and_no_failure(self) -> None:
        self.machine.plug_gps("--chatter", baud=9600, simulator=self.simulator)
        self.machine.wait_until("test \"$(systemctl show --value -p Result stinky-gps@ttyUSB0)\" = exec-condition",
                                DEADLINE_S)
        self.assertEqual(self.machine.run("systemctl is-active stinky-gps@ttyUSB0", check=False).stdout.strip(), "inactive")
        self.assertNotIn("/dev/ttyUSB0", self.machine.run("timeout 30 gpspipe -w -n 2").stdout)


if __name__ == "__main__":
    unittest.main()
