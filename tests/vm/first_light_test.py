"""The main job, end to end: a dongle, two access points, a TAK client."""

import unittest

from case import SensorCase
from sensor import DEADLINE_S, LATITUDE, LONGITUDE, part, status

CAFE = 'Cafe, Bar & "Grill" <1>'


class FirstLight(SensorCase):
    access_points = [{"ssid": CAFE, "radio": "wlan0", "channel": 1},
                     {"ssid": "HomeNet", "radio": "wlan1", "channel": 6, "psk": "correct horse"}]

    def test_access_points_reach_tak_at_the_position_of_the_receiver(self) -> None:
        self.machine.plug_gps(baud=4800, simulator=self.simulator)
        self.machine.wait_until("systemctl is-active stinky-gps@ttyUSB0", DEADLINE_S)
        self.start_target()
        for event in self.tak.wait_for_each([CAFE, "HomeNet"]).values():
            self.assertEqual((event["lat_text"], event["lon_text"]), (LATITUDE, LONGITUDE))
            self.assertRegex(event["uid"], r"^stinky\.stinky-vm\.wifi\.0200000[0-9a-f]{5}$")

        self.machine.wait_until("stinkyctl status --json | grep -q '\"running\"'", DEADLINE_S)
        self.assertEqual(status(self.machine)["state"], "running")
        for name in ("radio@wlan2", "scan", "tak"):
            self.assertEqual(part(self.machine, name)["state"], "ok", name)

    def test_events_go_to_the_multicast_group_too(self) -> None:
        self.machine.copy_to(self.build / "bin/sim-tak", to="/root/sim-tak")
        self.start_target()
        # A restart of the converter sends every access point again.
        self.machine.run("systemd-run --quiet --unit=listener --service-type=exec --property=StandardOutput=null "
                         f"/root/sim-tak --multicast 239.2.3.1:6969 --count 2 --timeout {DEADLINE_S}")
        self.machine.run("systemctl restart stinky-tak.service", timeout=DEADLINE_S)
        self.machine.wait_until("! systemctl is-active --quiet listener", DEADLINE_S)
        self.assertNotEqual(self.machine.run("systemctl is-failed listener", check=False).stdout.strip(), "failed")

    def test_stop_gives_everything_back(self) -> None:
        for up in (True, False):
            with self.subTest(up=up):
                self.stop_target()
                self.machine.run(f"ip link set wlan2 {'up' if up else 'down'}")
                before = self.link()
                self.assertEqual(before, ("managed", up))
                self.start_target()
                self.assertEqual(self.link(), ("monitor", True))
                self.stop_target()
                self.assertEqual(self.link(), before)
                left = self.machine.run("cat /sys/fs/cgroup/stinky.slice/cgroup.procs "
                                        "/sys/fs/cgroup/stinky.slice/*/cgroup.procs 2>/dev/null", check=False).stdout
                self.assertEqual(left.strip(), "", "no process of the stack is left")
                heard = self.machine.run("timeout 30 gpspipe -w -n 1").stdout
                self.assertIn('"class":"VERSION"', heard, "gpsd answers on 2947")

    def test_a_part_that_is_killed_comes_back_and_the_card_with_it(self) -> None:
        self.start_target()
        for unit in self.parts:
            with self.subTest(unit=unit):
                pid = self.machine.run(f"systemctl show --value -p MainPID {unit}").stdout.strip()
                self.machine.run(f"kill -9 {pid}")
                # One call for each: is-active is content with any one of several.
                every = " && ".join(f"systemctl is-active {u}" for u in self.parts)
                self.machine.wait_until(f"{every} && test $(systemctl show --value -p MainPID {unit}) != {pid}",
                                        DEADLINE_S)
                self.assertEqual(self.link(), ("monitor", True))
        self.stop_target()
        self.assertEqual(self.link()[0], "managed")

    def test_every_record_of_a_start_is_in_the_journal_with_its_part(self) -> None:
        self.start_target()
        events = self.machine.run("journalctl -b -o cat --output-fields=STINKY_EVENT -t stinky-scan -t stinky-tak "
                                  "-t stinky-radio -t stinky-gps").stdout.split()
        for event in ("scan-started", "capture-opened", "capture-followed", "gps-found", "gps-handed-over"):
            self.assertIn(event, events)

    def test_units_stand_the_look_of_systemd(self) -> None:
        said = self.machine.run("systemd-analyze verify --man=no stinky.target stinky-controller.service "
                                "stinky-scan.service stinky-tak.service stinky-radio@wlan2.service "
                                "stinky-gps@ttyUSB0.service stinky.slice")
        self.assertEqual(said.stdout + said.stderr, "")

    def test_reading_is_free_and_changing_is_not(self) -> None:
        self.machine.run("id visitor >/dev/null 2>&1 || useradd visitor; id operator1 >/dev/null 2>&1 || "
                         "useradd -G stinky operator1")
        self.start_target()
        as_visitor = "setpriv --reuid=visitor --regid=visitor --init-groups "
        as_operator = "setpriv --reuid=operator1 --regid=operator1 --init-groups "
        self.assertEqual(self.machine.run(as_visitor + "stinkyctl status", check=False).returncode, 0)
        self.assertNotEqual(self.machine.run(as_visitor + "stinkyctl stop", check=False, timeout=DEADLINE_S).returncode, 0)
        self.machine.run("systemctl is-active stinky.target")
        self.machine.run(as_operator + "stinkyctl stop", timeout=DEADLINE_S)
        self.machine.run("! systemctl is-active stinky.target")
        self.machine.run(as_operator + "stinkyctl start", timeout=DEADLINE_S)
        self.machine.run("systemctl is-active stinky.target")


if __name__ == "__main__":
    unittest.main()
