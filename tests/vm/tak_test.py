"""Captures to TAK in the machine: a drive, a crash in its middle, a day's capture, the way to the clients."""

import json
import math
import os
import tempfile
import unittest
from pathlib import Path

from beacons import WPA2, Beacon
from case import SensorCase
from sensor import DEADLINE_S, LATITUDE, LONGITUDE

LONG = os.environ.get("STINKY_LONG") == "yes"
DRIVE = Path(__file__).parent / "machine/drive.py"
GUEST_FOLDER = "/usr/local/lib/drive"
HEAD = ("WigleWifi-1.6,appRelease=x,model=x,release=x,device=x,display=x,board=x,brand=x,star=Sol,body=3,subBody=0\n"
        "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,"
        "AccuracyMeters,RCOIs,MfgrId,Type\n")
NORTH_M = 111195.0
EAST_M = NORTH_M * math.cos(math.radians(float(LATITUDE)))
# Metres east and north of the start of a road that leads east.
ACCESS_POINTS = {"Bakery": (60, 18), "Post": (140, -12), "School": (230, 20), "Garage": (310, -20), "Cafe": (420, 8)}
BEACONS = {name: Beacon(number, name.encode(), 6, WPA2) for number, name in enumerate(ACCESS_POINTS, 1)}
UIDS = {f"stinky.stinky-vm.wifi.{beacon.bssid.replace(':', '')}": name for name, beacon in BEACONS.items()}
# The receiver stands still until gpsd has surely found it, and then drives at 8.5 m/s, in the long form at 6.4 m/s. A frame may come before the position of its
# second: what is heard is then a second late, on the capture too.
STANDS_S, DRIVES_S = (60, 80) if LONG else (35, 60)
ROAD = ((-20, 0), (492, 0))


def position(east: float, north: float) -> tuple[float, float]:
    return float(LATITUDE) + north / NORTH_M, float(LONGITUDE) + east / EAST_M


def route() -> str:
    """Of the simulated receiver: seconds, latitude, longitude, altitude."""
    moments = ((0, ROAD[0]), (STANDS_S, ROAD[0]), (STANDS_S + DRIVES_S, ROAD[1]))
    return "".join("{} {:.7f} {:.7f} 545\n".format(seconds, *position(*place)) for seconds, place in moments)


def air() -> str:
    """What stands along the road, for the program that plays it."""
    places = [dict(zip(("latitude", "longitude"), position(*ACCESS_POINTS[name])), frame=beacon.frame().hex())
              for name, beacon in BEACONS.items()]
    return json.dumps({"access_points": places, "end": position(*ROAD[1])})


class Tak(SensorCase):
    settings = "TAK_RATE=0\nTAK_BEACON=5\nWIGLE_THROTTLE=1\n"

    def events_until(self, done) -> dict[str, dict]:
        """The last event of each uid, when `done` holds for all of them."""
        last: dict[str, dict] = {}
        while not done(last):
            event = self.tak.next()
            last[event["uid"]] = event
        return last

    def start_drive(self) -> None:
        """The receiver drives along the road; what a card would hear at each of gpsd's positions goes into the scanner, and so
        into a capture. (On the simulated air everybody is equally loud.)"""
        self.machine.run(f"mkdir -p {GUEST_FOLDER}")
        self.machine.copy_to(DRIVE, to=GUEST_FOLDER)
        self.machine.run(f"cat > {GUEST_FOLDER}/air.json", stdin=air())
        with tempfile.NamedTemporaryFile("w", suffix=".route") as file:
            file.write(route())
            file.flush()
            # It is read before the simulator says that it is ready.
            self.machine.plug_gps("--route", file.name, baud=4800, simulator=self.simulator)
        self.addCleanup(self.machine.unplug_gps)
        self.machine.run("systemd-run --quiet --unit=drive --remain-after-exit --property=User=stinky-scan --property=UMask=0027 "
                         f"sh -c 'gpspipe -w | python3 {GUEST_FOLDER}/drive.py {GUEST_FOLDER}/air.json | "
                         "/usr/lib/stinky/stinky-scan --read -'")
        self.addCleanup(self.machine.run, "systemctl stop drive.service", check=False, timeout=DEADLINE_S)

    def test_a_drive_with_a_crash_in_its_middle(self) -> None:
        self.machine.run("systemctl start stinky-tak.service", timeout=DEADLINE_S)
        self.start_drive()
        # The third one is heard before the middle of the road: two are still to come.
        self.events_until(lambda last: len(UIDS.keys() & last.keys()) >= 3)
        pid = self.machine.run("systemctl show --value -p MainPID stinky-tak.service").stdout.strip()
        self.assertEqual(self.machine.run("systemctl show --value -p SubState drive.service").stdout.strip(), "running")
        self.machine.run(f"kill -9 {pid}")
        self.machine.wait_until(f"systemctl is-active stinky-tak && test $(systemctl show --value -p MainPID stinky-tak) != {pid}",
                                DEADLINE_S)
        self.machine.wait_until("test \"$(systemctl show --value -p SubState drive.service)\" = exited",
                                STANDS_S + DRIVES_S + DEADLINE_S)
        self.assertEqual(self.machine.run("systemctl show --value -p ExecMainStatus drive.service").stdout.strip(), "0")
        # Restarted once more, it sends what it knows by then: the estimates of the whole drive.
        self.machine.wait_until("grep -q '\"tracks\":5,' /run/stinky/status/tak.json", DEADLINE_S)
        while not self.tak_is_quiet():
            pass
        self.machine.run("systemctl restart stinky-tak.service", timeout=DEADLINE_S)
        last = self.events_until(lambda last: UIDS.keys() <= last.keys())
        self.assertEqual({uid for uid in last if ".wifi." in uid}, set(UIDS), "no track is missing, none is doubled")
        self.machine.wait_until("grep -q '\"tracks\":5,' /run/stinky/status/tak.json", DEADLINE_S)
        for uid, name in UIDS.items():
            with self.subTest(name=name):
                self.assertEqual(last[uid]["callsign"], name)
                lat, lon = position(*ACCESS_POINTS[name])
                off = math.hypot((float(last[uid]["lat_text"]) - lat) * NORTH_M, (float(last[uid]["lon_text"]) - lon) * EAST_M)
                print(f"{name} is {off:.0f} m off")
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
        # Where it was before, on the drive.
        while not self.tak_is_quiet():
            pass
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
