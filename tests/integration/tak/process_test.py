"""stinky-tak as a process: restarts, hostile captures, the command line, what it costs."""

import json
import random
import socket
import subprocess
import time
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from harness import BUILD, DEADLINE_S, HEAD, TakCase, UdpClient, callsigns, row


class Restart(TakCase):
    def test_kill_in_the_middle_leaves_no_track_out_and_doubles_none(self) -> None:
        client = UdpClient()
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.append(HEAD)
        self.start(client.url, settings="TAK_RATE=0")
        numbers = list(range(1, 2001))
        for begin in range(0, len(numbers), 100):
            self.append("".join(row(number) for number in numbers[begin:begin + 100]))
            if begin in (500, 1300):
                client.next()
                self.stop(kill=True)
                self.start(client.url, settings="TAK_RATE=0")
        self.wait_for_status(lambda r: r["counters"]["tracks"] == 2000, "2000 tracks")
        uids = {}
        try:
            while True:
                # One that a busy machine is late with is waited for; what comes after the last is none of them.
                client.socket.settimeout(DEADLINE_S if len(uids) < 2000 else 1)
                event = ElementTree.fromstring(client.socket.recv(65536))
                uids.setdefault(event.get("uid"), set()).add(event.find("detail/contact").get("callsign"))
        except TimeoutError:
            pass
        # The first few were taken off the socket above; they are current and were sent again.
        self.assertEqual(len(uids), 2000)
        self.assertTrue(all(len(names) == 1 for names in uids.values()))

    def test_rows_of_before_are_not_read_as_new_ones(self) -> None:
        client = UdpClient()
        self.append(HEAD + row(1) * 100)
        self.start(client.url)
        self.assertEqual(client.next(), "net1")
        self.wait_for_status(lambda r: r["counters"]["rows"] == 100, "100 rows")
        self.stop()
        self.append(row(2))
        self.start(client.url)
        self.assertEqual({client.next(), client.next()}, {"net1", "net2"})
        report = self.wait_for_status(lambda r: r["counters"]["rows"] >= 1 and r["counters"]["tracks"] == 2, "two tracks")
        self.assertEqual(report["counters"]["rows"], 1)


class HostileAir(TakCase):
    """What the air or a broken disk can put into a capture. The listener holds every datagram to the rules of sim-tak."""

    def test_the_listener_never_sees_anything_but_our_events(self) -> None:
        dice = random.Random(20261124)
        listener = subprocess.Popen([BUILD / "bin/sim-tak", "--udp", "0", "--bind", "127.0.0.1", "--json", "--tolerate"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(listener.stderr.close)
        self.addCleanup(listener.stdout.close)
        self.addCleanup(listener.wait)
        self.addCleanup(listener.kill)
        port = listener.stderr.readline().split()[1].rpartition(":")[2]
        names = ([bytes([byte]) * 3 for byte in range(256)] + [b"&" * 32, b'"' * 32, b"<" * 32, b"\xff" * 32, b"]]>" * 10]
                 + [b"\x1b[2J\x1b[31m", "a\u202eb\u2066c".encode(), b"stinky.test", b"ANDROID-359975090666199"]
                 + [b'"/><event uid="x"/>', b"x,02:00:00:00:00:01,injected", b"a\n02:00:00:00:00:02,b,[ESS],x,1,1,-5,1,2,0,0,,,WIFI"]
                 + [dice.randbytes(32) for _ in range(300)])
        lines = [HEAD.encode()]
        for number, name in enumerate(names, 1):
            raw = dice.random() < 0.5 and not set(name) & set(b'\n\r,"\0')
            text = name if raw else b"".join(b"\\%03o" % byte for byte in name)
            mac = b":".join(b"%02x" % octet for octet in number.to_bytes(6, "big"))
            lines.append(mac + b"," + text + b",[ESS],x,6,2437,-50,48.1,11.5,0,5,,,WIFI\n")
            if number % 10 == 0:
                lines.append(dice.choice((dice.randbytes(80).replace(b"\n", b"") + b"\n", b"\0" * 512, b"x" * 20000 + b"\n", b",\n",
                                          b'"' * 41 + b"\n", HEAD.encode(), b"02:00\r\n")))
        lines.append(b"00:00:00:00:ff:ff,end,[ESS],x,6,2437,-50,48.1,11.5,0,5,,,WIFI\n")
        (self.captures / "a.wiglecsv").write_bytes(b"".join(lines))
        self.start(f"udp://127.0.0.1:{port}", settings="TAK_RATE=0\nTAK_CLIENTS=yes")
        uids = set()
        for line in listener.stdout:
            event = json.loads(line)
            self.assertNotIn("invalid", event)
            self.assertRegex(event["uid"], r"^stinky\.test\.wifi\.[0-9a-f]{12}$")
            uids.add(event["uid"])
            if event["callsign"] == "end":
                break
        self.assertEqual(len(uids), len(names) + 1, "each of them, and nobody else")
        report = self.wait_for_status(lambda r: r["counters"]["tracks"] == len(names) + 1, "all tracks")
        self.assertGreater(sum(report["counters"]["rows_rejected"].values()), 20)


class CommandLine(TakCase):
    def tak(self, *arguments, **kwargs) -> subprocess.CompletedProcess:
        (self.directory / "conf").write_text("NODE=golden\n")
        return subprocess.run([BUILD / "bin/stinky-tak", "--config", self.directory / "conf", *arguments],
                              capture_output=True, text=True, timeout=DEADLINE_S, check=False, **kwargs)

    def test_golden_files(self) -> None:
        """Old and new Kismet and the app's export: the same access point, field by field."""
        data = Path(__file__).resolve().parents[2] / "data"
        for name in ("kismet-old.wiglecsv", "kismet-new.wiglecsv", "android.csv"):
            with self.subTest(file=name):
                done = self.tak("--file", data / name, "--once", "--print")
                self.assertEqual(done.returncode, 0, done.stderr)
                events = [ElementTree.fromstring(line) for line in done.stdout.splitlines()]
                self.assertEqual([event.get("uid") for event in events],
                                 ["stinky.golden.wifi.021122334455", "stinky.golden.wifi.001a2b3c4d5e"])
                cafe, quoted = events
                self.assertEqual(dict(cafe.attrib) | {"time": "", "start": "", "stale": ""},
                                 {"version": "2.0", "uid": "stinky.golden.wifi.021122334455", "type": "b-m-p-s-m", "how": "m-g",
                                  "time": "", "start": "", "stale": ""})
                point = cafe.find("point").attrib
                self.assertEqual((point["lat"], point["lon"], point["hae"], point["le"]),
                                 ("47.640000", "-122.330000", "9999999.0", "9999999.0"))
                self.assertGreater(float(point["ce"]), 10)
                self.assertEqual(cafe.find("detail/contact").get("callsign"), "Café , <b>&")
                self.assertTrue(cafe.findtext("detail/remarks").startswith(
                    "02:11:22:33:44:55 ch 6 -61 dBm [WPA2-PSK-CCMP][ESS]"))
                self.assertEqual(quoted.find("detail/contact").get("callsign"), 'a,"b"')

    def test_a_file_is_converted_once(self) -> None:
        client = UdpClient()
        path = self.directory / "x.csv"
        path.write_text(HEAD + row(1) + row(2) + row(1))
        done = self.tak("--file", path, "--once", "--output", client.url)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([client.next(), client.next()], ["net1", "net2"])
        self.assertIn("3 rows, 2 access points, 2 events", done.stderr)

    def test_usage_errors(self) -> None:
        self.assertEqual(self.tak("--once").returncode, 64)
        self.assertEqual(self.tak("--file", "/nowhere").returncode, 64)
        self.assertEqual(self.tak("--speed", "2").returncode, 64)
        path = self.directory / "x.csv"
        path.write_text(HEAD)
        done = self.tak("--replay", path, "--output", "udp://1.2.3.4:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected a port", done.stderr)

    def test_a_test_marker_goes_to_every_output_and_what_happened_is_said(self) -> None:
        client = UdpClient()
        self.append(HEAD)
        self.start(client.url, "tcp://127.0.0.1:1")
        self.wait_for_problem("Connection refused", 1)
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.directory / "control"))
            control.sendall(b"test\n")
            control.settimeout(DEADLINE_S)
            answer = json.loads(control.makefile().readline())
        self.assertEqual(client.next(), "test test")
        self.assertEqual([output["sent"] for output in answer["outputs"]], [True, False])
        self.assertIn("Connection refused", answer["outputs"][1]["problem"])


class Cost(TakCase):
    def test_ten_thousand_tracks_take_less_than_ten_megabytes(self) -> None:
        client = UdpClient()
        self.append(HEAD + "".join(row(number) for number in range(1, 10001)))
        self.start(client.url, settings="TAK_RATE=0")
        self.wait_for_status(lambda r: r["counters"]["tracks"] == 10000, "10,000 tracks")
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                resident = int(line.split()[1])
        print(f"resident with 10,000 tracks: {resident} kB")
        # Shared libraries included; the sanitizers' own memory is not ours.
        self.assertLess(resident, 10 * 1024)

    def test_it_sleeps_while_nothing_happens(self) -> None:
        self.append(HEAD + row(1))
        self.start(UdpClient().url)
        self.wait_for_status(lambda r: r["counters"]["tracks"] == 1, "a track")
        time.sleep(1.5)  # the last report of the counters
        def wakeups() -> int:
            text = Path(f"/proc/{self.process.pid}/status").read_text()
            return int(text.split("voluntary_ctxt_switches:")[1].split()[0])
        before = wakeups()
        time.sleep(8)
        # The report that is due every 10 s, and nothing else.
        self.assertLessEqual(wakeups() - before, 4)


class Latency(TakCase):
    def echo_times(self) -> list[float]:
        """What a line through cat(1) and back takes: the machine's own share, with two processes to wake."""
        times = []
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as cat:
            for _ in range(300):
                begin = time.monotonic()
                cat.stdin.write(b"x\n")
                cat.stdout.readline()
                times.append(time.monotonic() - begin)
        return sorted(times)

    def test_an_event_leaves_within_milliseconds(self) -> None:
        client = UdpClient()
        self.append(HEAD)
        self.start(client.url, settings="TAK_RATE=0")
        self.wait_for_status(lambda r: True, "a report")
        times = []
        with (self.captures / "a.wiglecsv").open("a") as file:
            for number in range(1, 301):
                begin = time.monotonic()
                file.write(row(number))
                file.flush()
                client.next()
                times.append(time.monotonic() - begin)
        times.sort()
        machine = self.echo_times()[297]
        print(f"flush to datagram: median {times[150] * 1e3:.2f} ms, p99 {times[297] * 1e3:.2f} ms; "
              f"p99 of an echo through cat: {machine * 1e3:.2f} ms")
        self.assertLess(times[297], 0.005 + machine)


if __name__ == "__main__":
    unittest.main()
