"""stinky-scan over recordings: frames as drivers deliver them in, WigleWifi rows out, field by field."""

import sys
import unittest
from dataclasses import dataclass
from pathlib import Path

import air
from air import BEACON, ESS, IBSS, PRIVACY, PROBE_RESPONSE, Captured, management, rsn
from harness import Air, Gpsd, ScanCase

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/scan"))

START = 1795521600  # 2026-11-24 12:00:00 UTC
HERE = ("--position", "48.1173,11.516667,545.4")
WPA2 = "[WPA2-PSK-CCMP][ESS]"


@dataclass(frozen=True)
class Heard:
    """A frame, and the fields of its row."""
    packet: bytes
    ssid: str
    mode: str
    channel: int
    frequency: int
    rssi: int


def beacon(number: int, header: bytes, ssid: bytes, *elements: bytes, **more) -> bytes:
    return header + management(number, ssid, *elements, **more)


SECURED = {"capabilities": ESS | PRIVACY}
HEARD = (
    Heard(beacon(0, air.rt2800usb(2437, -61), b"HomeNet", air.ds(6), rsn(2), air.WMM, **SECURED), "HomeNet", WPA2, 6, 2437, -61),
    # The header's own clock and the checksum: what looks like a DS parameter behind the elements is the latter.
    Heard(beacon(1, air.ath9k_htc(2412, -48), "Café Zürich".encode(), air.ds(1), rsn(2), **SECURED) + b"\x03\x01\x0b\x0b",
          r"Caf\303\251 Z\303\274rich", WPA2, 1, 2412, -48),
    # Heard beside its channel, and the stronger of two antennas.
    Heard(beacon(2, air.ath9k(2442, -72, -70, -83), b"comma, inside", air.ds(6), air.WPA, **SECURED),
          r"comma\054 inside", "[WPA-PSK-TKIP][ESS]", 6, 2437, -70),
    Heard(beacon(3, air.mt76(5180, -55, -57, -56), b'quote "inside"', air.ht(36), air.vht(42), rsn(2, 8), **SECURED),
          r"quote \042inside\042", "[WPA2-PSK-CCMP][WPA3-SAE-CCMP][ESS]", 36, 5180, -55),
    Heard(beacon(4, air.mt76(6135, -66, -66, -71, he=True), b"six", air.he(37), rsn(8, 24, capabilities=0x00C0), **SECURED),
          "six", "[WPA3-SAE-CCMP][ESS]", 37, 6135, -66),
    Heard(beacon(5, air.mt76(5975, -67, -67), b"six with more", air.he(5, vht_info=True, cohosted=True), rsn(18), **SECURED),
          "six with more", "[WPA3-OWE-CCMP][ESS]", 5, 5975, -67),
    Heard(beacon(6, air.hwsim(2437, -30), b"", air.ds(6), rsn(2), **SECURED), "", WPA2, 6, 2437, -30),
    Heard(beacon(7, air.hwsim(2437, -30), bytes(9), air.ds(6), rsn(2), **SECURED), "", WPA2, 6, 2437, -30),
    Heard(beacon(8, air.iwlwifi(5745, -80), b"office", air.ht(149), rsn(1), **SECURED), "office", "[WPA2-EAP-CCMP][ESS]", 149, 5745, -80),
    Heard(beacon(9, air.rt2800usb(2462, -90), b"192 bit", air.ds(11), rsn(12, pairwise=(9,), group=9), **SECURED),
          "192 bit", "[WPA3-EAP-SUITE-B-192-GCMP256][ESS]", 11, 2462, -90),
    Heard(beacon(10, air.rt2800usb(2462, -90), b"old", air.ds(11), **SECURED), "old", "[WEP][ESS]", 11, 2462, -90),
    Heard(beacon(11, air.rt2800usb(2462, -40), b"open", air.ds(11), air.OWE_TRANSITION), "open", "[ESS]", 11, 2462, -40),
    Heard(beacon(12, air.rt2800usb(2472, -41), b"both", air.ds(13), air.WPA, rsn(2, pairwise=(4, 2), group=2), air.WPS, **SECURED),
          "both", "[WPA-PSK-TKIP][WPA2-PSK-CCMP+TKIP][WPS][ESS]", 13, 2472, -41),
    Heard(beacon(13, air.rt2800usb(2484, -41), b"ad hoc", air.ds(14), capabilities=IBSS), "ad hoc", "[IBSS]", 14, 2484, -41),
    Heard(beacon(14, air.rt2800usb(2412, -50), b"fast", air.ds(1), rsn(2, 4), **SECURED),
          "fast", "[WPA2-PSK+FT/PSK-CCMP][ESS]", 1, 2412, -50),
    # Names no channel: the one that was listened on.
    Heard(beacon(15, air.rt2800usb(5500, -50), b"nothing said"), "nothing said", "[ESS]", 100, 5500, -50),
    Heard(beacon(16, air.silent(2437), b"no signal told", air.ds(6)), "no signal told", "[ESS]", 6, 2437, 0),
    Heard(beacon(17, air.rt2800usb(2437, -50), b"back\\slash \\101", air.ds(6)), r"back\134slash \134101", "[ESS]", 6, 2437, -50),
    Heard(beacon(18, air.rt2800usb(2437, -50), bytes(range(0xF0, 0x100)) + b"\n\r\t\0 end", air.ds(6)),
          "".join(rf"\{byte:03o}" for byte in (*range(0xF0, 0x100), 10, 13, 9, 0)) + " end", "[ESS]", 6, 2437, -50),
    Heard(beacon(19, air.rt2800usb(2437, -50), b"with HT Control", air.ds(6), ht_control=True), "with HT Control", "[ESS]", 6, 2437, -50),
    Heard(beacon(20, air.rt2800usb(2437, -50), b"WigleWifi-1.6", air.ds(6), control=PROBE_RESPONSE), "WigleWifi-1.6", "[ESS]", 6, 2437, -50),
    Heard(beacon(21, air.rt2800usb(2437, -50), b"first", air.element(0, b"second"), air.ds(6)), "first", "[ESS]", 6, 2437, -50),
)
# Captured only up to the middle of its RSN: what stands before the cut counts.
CUT = beacon(40, air.rt2800usb(2437, -50), b"cut", air.ds(6), rsn(2), **SECURED)[:-10]
REJECTED = {
    "bad checksum": beacon(50, air.rt2800usb(2437, -50, flags=air.BAD_FCS), b"damaged", air.ds(6)),
    "truncated": beacon(51, air.ath9k_htc(2437, -50, flags=0), b"cut inside its name")[:26 + 24 + 12 + 6],
    "bad BSSID": air.rt2800usb(2437, -50) + management(52, b"x")[:16] + b"\xff" * 6 + management(52, b"x")[22:],
    "other frame": beacon(53, air.rt2800usb(2437, -50), b"a probe request", control=0x40),
}


def row_of(heard: Heard, number: int, time: str) -> dict[str, str]:
    return {"MAC": f"06:00:00:00:00:{number:02x}", "SSID": heard.ssid, "AuthMode": heard.mode, "FirstSeen": f"2026-11-24 {time}",
            "Channel": str(heard.channel), "Frequency": str(heard.frequency), "RSSI": str(heard.rssi),
            "CurrentLatitude": "48.117300", "CurrentLongitude": "11.516667", "AltitudeMeters": "545.4", "AccuracyMeters": "0.0",
            "RCOIs": "", "MfgrId": "", "Type": "WIFI"}


class Recording(ScanCase):
    def test_each_frame_has_its_row(self) -> None:
        frames = [Captured(heard.packet, START + number) for number, heard in enumerate(HEARD)]
        frames.append(Captured(CUT, START + 40, length=len(CUT) + 10))
        frames += [Captured(packet, START + 50) for packet in REJECTED.values()]
        done = self.scan("--read", air.write_pcap(self.directory / "air.pcap", frames), *HERE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{len(frames)} frames, {len(HEARD) + 1} access points, {len(HEARD) + 1} rows", done.stderr)
        rows = self.rows()
        self.assertEqual(len(rows), len(HEARD) + 1)
        for number, heard in enumerate(HEARD):
            with self.subTest(ssid=heard.ssid):
                self.assertEqual(rows[number], row_of(heard, number, f"12:00:{number:02}"))
        # Its security was cut off: all that is known is that there is some.
        self.assertEqual(rows[-1], row_of(Heard(CUT, "cut", "[WEP][ESS]", 6, 2437, -50), 40, "12:00:40"))

    def test_the_recordings_own_clock_spaces_the_rows_out(self) -> None:
        self.settings("WIGLE_THROTTLE=5")
        loud = [Captured(beacon(1, air.rt2800usb(2437, dbm), b"net", air.ds(6)), START + after)
                for after, dbm in ((0, -60), (0.1, -50), (4.9, -40), (5, -30), (86400, -20))]
        self.assertEqual(self.scan("--read", air.write_pcap(self.directory / "air.pcap", loud), *HERE).returncode, 0)
        self.assertEqual([(row["RSSI"], row["FirstSeen"]) for row in self.rows()],
                         [("-60", "2026-11-24 12:00:00"), ("-30", "2026-11-24 12:00:00"), ("-20", "2026-11-24 12:00:00")])

    def test_a_hidden_network_keeps_the_name_of_its_probe_response(self) -> None:
        self.settings("WIGLE_THROTTLE=1")
        frames = [Captured(beacon(1, air.rt2800usb(2437, -60), name, air.ds(6), control=control), START + after)
                  for after, name, control in ((0, bytes(4), BEACON), (2, b"name", PROBE_RESPONSE), (4, b"", BEACON))]
        self.assertEqual(self.scan("--read", air.write_pcap(self.directory / "air.pcap", frames), *HERE).returncode, 0)
        self.assertEqual([row["SSID"] for row in self.rows()], ["", "name", "name"])

    def test_a_file_that_is_cut_gives_what_is_whole(self) -> None:
        path = air.write_pcap(self.directory / "air.pcap", [Captured(heard.packet, START) for heard in HEARD[:3]])
        path.write_bytes(path.read_bytes()[:-5])
        done = self.scan("--read", path, *HERE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("truncated", done.stderr)
        self.assertEqual([row["SSID"] for row in self.rows()], [heard.ssid for heard in HEARD[:2]])

    def test_what_is_no_recording_of_monitor_mode_is_said(self) -> None:
        ethernet = air.write_pcap(self.directory / "ethernet.pcap", [], link=1)
        done = self.scan("--read", ethernet, *HERE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not in monitor mode", done.stderr)
        (self.directory / "text").write_text("not a pcap, " * 10)
        self.assertEqual(self.scan("--read", self.directory / "text", *HERE).returncode, 1)
        self.assertEqual(self.scan("--read", self.directory / "nothing", *HERE).returncode, 1)

    def test_usage_errors(self) -> None:
        path = air.write_pcap(self.directory / "air.pcap", [])
        for arguments in ((), ("--read", path), ("--read", path, "wlan2", *HERE), (*HERE, "wlan2"),
                          ("--read", path, "--position", "91,0"), ("--read", path, "--position", "48")):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.scan(*arguments).returncode, 64)


class Pipe(ScanCase):
    """What another program captures, as it comes, with gpsd's position."""

    def setUp(self) -> None:
        super().setUp()
        self.gpsd = Gpsd()
        self.addCleanup(self.gpsd.close)
        self.settings(f"GPSD={self.gpsd.endpoint}\nWIGLE_THROTTLE=1")

    def test_rows_come_with_the_first_fix_and_its_error(self) -> None:
        pipe = Air(self)
        frame = HEARD[0].packet
        pipe.wait_for(lambda r: "no frame heard yet" in r["reason"], "waiting for a frame")
        pipe.send(Captured(frame, START))
        pipe.wait_for(lambda r: r["state"] == "waiting" and "no position" in r["reason"] and r["counters"]["access_points"] == 1,
                      "a frame without a position")
        self.assertEqual(self.rows(), [])
        self.gpsd.report(mode=3, lat=48.1, lon=11.5, altMSL=500.0, eph=7.5)
        pipe.wait_for(lambda r: r["state"] == "ok", "a position")
        pipe.send(Captured(frame, START + 10))
        pipe.wait_for(lambda r: r["counters"]["rows"] == 1, "a row")
        (row,) = self.rows()
        self.assertEqual((row["CurrentLatitude"], row["CurrentLongitude"], row["AltitudeMeters"], row["AccuracyMeters"]),
                         ("48.100000", "11.500000", "500.0", "7.5"))
        self.assertEqual(row["FirstSeen"], "2026-11-24 12:00:00", "when it was first heard, without a position")
        self.gpsd.report(mode=1)
        pipe.wait_for(lambda r: r["state"] == "waiting", "the fix that is lost")
        self.assertEqual(pipe.end(), 0)

    def test_what_gives_no_row_is_counted_by_its_reason(self) -> None:
        pipe = Air(self, *HERE)
        pipe.send(*[Captured(packet, START) for packet in REJECTED.values() for _ in range(3)])
        # Not even a header.
        pipe.send(Captured(b"\x80\0\0\0" * 20, START), Captured(HEARD[0].packet, START))
        report = pipe.wait_for(lambda r: r["counters"]["rows"] == 1, "the row behind them")
        self.assertEqual({reason: count for reason, count in report["counters"]["frames_rejected"].items() if count},
                         dict.fromkeys(REJECTED, 3) | {"bad radiotap": 1})
        self.assertEqual(report["counters"]["access_points_last_minute"], 1)
        self.assertEqual(pipe.end(), 0)


class Cost(ScanCase):
    """The program itself. Not measured here, for want of a radio: the ring of 1 MB that the kernel shares with it."""

    def test_five_thousand_access_points_take_less_than_twelve_megabytes(self) -> None:
        import frames
        path = self.directory / "air.pcap"
        frames.make(path, 2 * frames.ACCESS_POINTS)
        pipe = Air(self, *HERE)
        with path.open("rb") as recording:
            recording.seek(len(air.pcap_head()))
            pipe.write(recording.read())
        pipe.wait_for(lambda r: r["counters"]["access_points"] == frames.ACCESS_POINTS, "all access points")
        resident = pipe.proc_status("VmRSS")
        print(f"resident with {frames.ACCESS_POINTS} access points: {resident} kB")
        self.assertLess(resident + 1024, 12 * 1024)

    def test_it_sleeps_while_the_air_is_silent(self) -> None:
        pipe = Air(self, *HERE)
        pipe.send(Captured(HEARD[0].packet, START))
        report = pipe.wait_for(lambda r: r["counters"]["rows"] == 1, "a row")
        # The row goes to the disk and its count into a report within a second; the report after that is the one that is due
        # every 10 s.
        while True:
            last, report = report, pipe.wait_for(lambda r, last=report: r["monotonic_s"] != last["monotonic_s"], "another report")
            if report["monotonic_s"] - last["monotonic_s"] > 5:
                break
        before = pipe.proc_status("voluntary_ctxt_switches")
        pipe.wait_for(lambda r: r["monotonic_s"] != report["monotonic_s"], "the report that is due")
        woken = pipe.proc_status("voluntary_ctxt_switches") - before
        print(f"woken {woken} times in 10 s of silence")
        # For that report and for the look after 30 s whether there was anything; writing it may wait for the disk.
        self.assertLessEqual(woken, 3)


if __name__ == "__main__":
    unittest.main()
