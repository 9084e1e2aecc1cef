"""Captures to TAK in the machine: a drive, a crash in its middle, a day's capture, the way to the clients."""

import json
import math
import random
import unittest

from case import SensorCase
from sensor import DEADLINE_S, LATITUDE, LONGITUDE

CAPTURES = "/var/lib/stinky/captures"
HEAD = ("WigleWifi-1.6,appRelease=x,model=x,release=x,device=x,display=x,board=x,brand=x,star=Sol,body=3,subBody=0\n"
        "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,"
        "AccuracyMeters,RCOIs,MfgrId,Type\n")
NORTH_M = 111195.0
EAST_M = NORTH_M * math.cos(math.radians(float(LATITUDE)))
# Metres east and north of the start of a road that leads east.
ACCESS_POINTS = {"Bakery": (60, 18), "Post": (140, -12), "School": (230, 25), "Garage": (310, -20), "Cafe": (420, 8)}


def position(east: float, north: float) -> tuple[float, float]:
    return float(LATITUDE) + north / NORTH_M, float(LONGITUDE) + east / EAST_M


def drive(dice: random.Random, begin: int, end: int) -> str:
    """What is heard on a stretch of the road: 4 dB of shadowing, and a receiver that errs by 3 m."""
    rows = []
    for x in range(begin, end, 8):
        for number, (name, (east, north)) in enumerate(ACCESS_POINTS.items(), 1):
            rssi = round(-30 - 27 * math.log10(math.hypot(east - x, north)) + dice.gauss(0, 4))
            if rssi < -88:
                continue
            lat, lon = position(x + dice.gauss(0, 3), dice.gauss(0, 3))
            rows.append(f"00:11:22:33:44:{number:02x},{name},[WPA2-PSK-CCMP][ESS],2026-06-27 12:45:03,6,2437000,{rssi},"
                        f"{lat:.6f},{lon:.6f},545,0,WIFI\n")
    return "".join(rows)


class Tak(SensorCase):
    settings = "TAK_RATE=0\nTAK_BEACON=5\n"

    def append(self, name: str, text: str) -> None:
        self.machine.run(f"cat >> {CAPTURES}/{name}", stdin=text)

    def events_until(self, done) -> dict[str, dict]:
        """The last event of each uid, when `done` holds for all of them."""
        last: dict[str, dict] = {}
        while not done(last):
            event = self.tak.next()
            last[event["uid"]] = event
        return last

    def test_a_drive_with_a_crash_in_its_middle(self) -> None:
        self.machine.run("systemctl start stinky-tak.service", timeout=DEADLINE_S)
        dice = random.Random(20261124)
        self.append("drive.wiglecsv", HEAD + drive(dice, -100, 200))
        names = {f"stinky.stinky-vm.wifi.0011223344{number:02x}": name for number, name in enumerate(ACCESS_POINTS, 1)}
        self.events_until(lambda last: len(names.keys() & last.keys()) >= 3)
        pid = self.machine.run("systemctl show --value -p MainPID stinky-tak.service").stdout.strip()
        self.machine.run(f"kill -9 {pid}")
        self.append("drive.wiglecsv", drive(dice, 200, 560))
        self.machine.wait_until(f"systemctl is-active stinky-tak && test $(systemctl show --value -p MainPID stinky-tak) != {pid}",
                                DEADLINE_S)
        # Restarted once more, it sends what it knows by then: the estimates of the whole drive.
        self.machine.wait_until("grep -q '\"tracks\":5' /run/stinky/status/tak.json", DEADLINE_S)
        while not self.tak_is_quiet():
            pass
        self.machine.run("systemctl restart stinky-tak.service", timeout=DEADLINE_S)
        last = self.events_until(lambda last: names.keys() <= last.keys())
        wifi = {uid for uid in last if ".wifi." in uid}
        self.assertEqual(wifi, set(names), "no track is missing, none is doubled")
        for uid, name in names.items():
            with self.subTest(name=name):
                self.assertEqual(last[uid]["callsign"], name)
                lat, lon = position(*ACCESS_POINTS[name])
                off = math.hypot((float(last[uid]["lat_text"]) - lat) * NORTH_M, (float(last[uid]["lon_text"]) - lon) * EAST_M)
                self.assertLess(off, 30)

    def tak_is_quiet(self) -> bool:
        """Takes an event that is on its way; true when there is none."""
        try:
            self.tak.next(3)
        except Exception as error:
            self.assertIn("no event arrived", str(error))
            return True
        return False

    def test_a_days_capture_at_full_speed(self) -> None:
        count = 100_000
        self.machine.run("python3 -c '\nimport sys\nsys.stdout.write(sys.stdin.read())\nfor i in range(%d):\n"
                         "    print(\"00:22:%%02x:%%02x:00:00,n%%d,[ESS],2026-06-27 12:45:03,6,2437000,-60,48.1,11.5,0,0,WIFI\" "
                         "%% (i %% 800 >> 8, i %% 800 & 255, i %% 800))\n' > /tmp/day.csv" % count, stdin=HEAD, timeout=DEADLINE_S)
        said = self.machine.run("/usr/lib/stinky/stinky-tak --replay /tmp/day.csv --print 2>/tmp/said | wc -l; cat /tmp/said",
                                timeout=DEADLINE_S).stdout
        self.assertEqual(said.split()[0], "800")
        self.assertIn(f"{count} rows, 800 access points, 800 events", said)

    def test_the_sensor_is_on_the_map_and_a_test_marker_arrives(self) -> None:
        self.machine.plug_gps(baud=4800, simulator=self.simulator)
        self.machine.run("systemctl start stinky-tak.service", timeout=DEADLINE_S)
        own = self.tak.wait_for("stinky-vm")
        self.assertEqual((own["uid"], own["lat_text"], own["lon_text"]), ("stinky.stinky-vm", LATITUDE, LONGITUDE))
        said = json.loads(self.machine.run("stinkyctl tak test --json", timeout=DEADLINE_S).stdout)
        self.assertEqual([output["sent"] for output in said["outputs"]], [True, True])
        self.tak.wait_for("stinky-vm test")
        self.machine.run("id visitor2 >/dev/null 2>&1 || useradd visitor2")
        refused = self.machine.run("setpriv --reuid=visitor2 --regid=visitor2 --init-groups stinkyctl tak test", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Permission denied", refused.stderr)

    def test_wigletotak_that_is_not_there_fails_once_with_its_sentence(self) -> None:
        self.machine.run("systemctl stop stinky-tak.service; systemctl start stinky-wigletotak.service", check=False,
                         timeout=DEADLINE_S)
        self.machine.wait_until("systemctl is-failed stinky-wigletotak.service", DEADLINE_S)
        said = self.machine.run("journalctl -b -o cat -t stinky-wigletotak").stdout
        self.assertEqual(said.count("WIGLETOTAK_DIR= is not set"), 1)
        self.assertEqual(self.machine.run("systemctl show --value -p NRestarts stinky-wigletotak.service").stdout.strip(), "0")


if __name__ == "__main__":
    unittest.main()
