"""The built-in scanner: what is on the air is in the capture, whatever it is called, and the disk is never filled."""

import re
import time
import unittest
from pathlib import Path

from beacons import HIGH, LOW
from case import SensorCase
from sensor import DEADLINE_S, part

CAPTURES = "/var/lib/stinky/captures"
INJECT = Path(__file__).parent / "machine/inject.py"


def unescaped(field: str) -> bytes:
    return re.sub(rb"\\([0-3][0-7]{2})", lambda m: bytes([int(m[1], 8)]), field.encode())


class Scan(SensorCase):
    settings = ('SCANNER=builtin\nCOUNTRY=DE\nCHANNELS="6 36"\nCHANNEL_DWELL_MS=100\nWIGLE_THROTTLE=1\n'
                "CAPTURE_ROTATE_SIZE=64K\nCAPTURE_KEEP_FREE=5M\n")

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        machine = cls.machine
        machine.run(f"mount -t tmpfs -o size=20m,mode=2750,uid=$(id -u stinky-scan),gid=$(getent group stinky | cut -d: -f3) "
                    f"captures {CAPTURES}")
        machine.copy_to(INJECT, to="/root/inject.py")
        # Nothing may be sent on 5 GHz before the country is known.
        machine.run("iw reg set DE")
        machine.wait_until("iw reg get | grep -q 'country DE'", DEADLINE_S)
        for radio, channel, beacons in (("wlan0", 6, LOW), ("wlan1", 36, HIGH)):
            machine.run(f"ip link set {radio} down && iw dev {radio} set type monitor && ip link set {radio} up && "
                        f"iw dev {radio} set channel {channel}")
            machine.run(f"cat > /root/{radio}.beacons", stdin="\n".join(b.frame().hex() for b in beacons) + "\n")
            machine.run(f"systemd-run --quiet --unit=inject-{radio} --property=StandardInput=file:/root/{radio}.beacons "
                        f"python3 /root/inject.py {radio} 3600")
        machine.plug_gps(baud=4800, simulator=cls.simulator)
        machine.wait_until("systemctl is-active stinky-gps@ttyUSB0", DEADLINE_S)
        machine.run("systemctl start stinky.target", timeout=DEADLINE_S)

    def rows(self) -> list[list[str]]:
        text = self.machine.run(f"cat {CAPTURES}/*.wiglecsv").stdout
        return [line.split(",") for line in text.splitlines() if line.startswith("04:00:")]

    def test_every_access_point_is_in_the_capture_and_reaches_tak(self) -> None:
        wanted = {beacon.bssid: beacon for beacon in LOW + HIGH}
        self.machine.wait_until(f"test $(cat {CAPTURES}/*.wiglecsv | cut -d, -f1 | grep -c -m1 .) -ge 1 && "
                                f"test $(grep -h '^04:00' {CAPTURES}/*.wiglecsv | cut -d, -f1 | sort -u | wc -l) "
                                f"-ge {len(wanted)}", DEADLINE_S)
        found = {row[0]: row for row in self.rows()}
        self.assertEqual(found.keys(), wanted.keys())
        for bssid, beacon in wanted.items():
            with self.subTest(ssid=beacon.ssid):
                row = found[bssid]
                self.assertEqual(len(row), 14, row)
                self.assertEqual(unescaped(row[1]), b"" if beacon.hidden else beacon.ssid)
                self.assertEqual((row[2], row[4]), (beacon.mode, str(beacon.channel)))
                frequency = 5000 + 5 * beacon.channel if beacon.channel > 14 else 2407 + 5 * beacon.channel
                self.assertEqual(row[5], str(frequency))
                self.assertLess(int(row[6]), 0)
                self.assertEqual((row[7], row[8]), ("48.117300", "11.516667"))
                self.assertGreater(float(row[10]), 0, "gpsd's own estimate of its error")
        missing = {bssid.replace(":", "") for bssid in wanted}
        end = time.monotonic() + DEADLINE_S
        while missing and time.monotonic() < end:
            missing.discard(self.tak.next()["uid"].rpartition(".")[2])
        self.assertEqual(missing, set())

    def test_captures_are_rotated_while_the_scan_goes_on(self) -> None:
        self.machine.wait_until(f"test $(ls {CAPTURES}/*.wiglecsv | wc -l) -ge 2", 2 * DEADLINE_S)
        for name in self.machine.run(f"ls {CAPTURES}/*.wiglecsv").stdout.split():
            text = self.machine.run(f"cat {name}").stdout
            self.assertTrue(text.startswith("WigleWifi-1.6,"), name)
            self.assertTrue(text.endswith("\n"), name)
            self.assertLess(len(text), 70000)
        self.assertEqual(self.machine.run("systemctl show --value -p NRestarts stinky-scan").stdout.strip(), "0")

    def test_z_another_program_fills_the_disk(self) -> None:
        # The one that is written is not the only one: an old capture goes for it.
        self.machine.run(f"cd {CAPTURES} && cp $(ls *.wiglecsv | head -n 1) old && chown stinky-scan: old && "
                         "touch -d '3 days ago' old && mv old old.wiglecsv")
        kept = self.machine.run(f"cat $(ls -t {CAPTURES}/stinky-*.wiglecsv | head -n 1)").stdout
        self.machine.run(f"dd if=/dev/zero of={CAPTURES}/filler bs=64K count=400 2>/dev/null; sync", check=False)
        self.machine.wait_until("grep -q 'nothing is captured' /run/stinky/status/scan.json", DEADLINE_S)
        self.assertEqual(part(self.machine, "scan")["state"], "degraded")
        self.machine.wait_until(f"test ! -e {CAPTURES}/old.wiglecsv", DEADLINE_S)
        newest = self.machine.run(f"cat $(ls -t {CAPTURES}/stinky-*.wiglecsv | head -n 1)").stdout
        self.assertTrue(newest.startswith(kept) and newest.endswith("\n"), "nothing that was written is lost")
        self.machine.run(f"rm {CAPTURES}/filler")
        rows = part(self.machine, "scan")["counters"]["rows"]
        self.machine.wait_until("grep -q '\"state\":\"ok\"' /run/stinky/status/scan.json", DEADLINE_S)
        self.machine.wait_until("python3 -c \"import re;t=open('/run/stinky/status/scan.json').read();"
                                f"exit(int(re.search('.rows.:([0-9]+)',t)[1])<={rows})\"", DEADLINE_S)
        self.assertEqual(self.machine.run("systemctl show --value -p NRestarts stinky-scan").stdout.strip(), "0")


if __name__ == "__main__":
    unittest.main()
