"""Server-Sent Events, many clients, TLS, Prometheus: what goes on for longer than one request."""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import unittest
from pathlib import Path

import contract
from crowd import Crowd
from host import DEADLINE_S, RUNNING, SANITIZED, TOOLS, Host, description, part, row, unit
from journal import write_journal, write_systemd


# Of the data of each event.
SCHEMAS = {"status": "Status", "gps": "Gps", "aps": "AccessPointsEvent", "log": "LogRecord", "reset": None, "beat": None}


class Events:
    """A client of an event stream. `next()` gives (kind, data, id)."""

    def __init__(self, host: Host, path: str = "/api/v1/events", last: str | None = None):
        self._socket = socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S)
        fields = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{host.port}", f"Authorization: Bearer {host.token}"]
        if last is not None:
            fields.append(f"Last-Event-ID: {last}")
        self._socket.sendall(("\r\n".join(fields) + "\r\n\r\n").encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers = {}
        while (line := self._file.readline().strip()):
            name, _, value = line.decode().partition(": ")
            self.headers[name.lower()] = value
        self._text = b""

    def _more(self) -> None:
        size = int(self._file.readline().strip() or b"0", 16)
        if size == 0:
            raise EOFError
        self._text += self._file.read(size)
        self._file.readline()

    def next(self) -> tuple[str, dict, str]:
        """What comes next: on a busy machine that may be a beat."""
        while True:
            while b"\n\n" not in self._text:
                self._more()
            block, self._text = self._text.split(b"\n\n", 1)
            fields = dict(line.partition(": ")[::2] for line in block.decode().splitlines() if not line.startswith(":"))
            if fields:
                data = json.loads(fields["data"])
                if schema := SCHEMAS[fields["event"]]:
                    contract.check_schema(schema, data)
                else:
                    assert data == {}, data
                return fields["event"], data, fields.get("id", "")

    def until(self, kind: str, wanted=lambda data: True) -> tuple[dict, str]:
        while True:
            got, data, number = self.next()
            if got == kind and wanted(data):
                return data, number

    def close(self) -> None:
        # The connection ends with the last of the two.
        self._file.close()
        self._socket.close()


class Live(unittest.TestCase):
    def setUp(self) -> None:
        self.host = Host()
        self.addCleanup(self.host.close)

    def events(self, *arguments, **more) -> Events:
        events = Events(self.host, *arguments, **more)
        self.addCleanup(events.close)
        return events

    def test_a_client_hears_what_happens(self) -> None:
        events = self.events()
        self.assertEqual((events.status, events.headers["content-type"]), (200, "text/event-stream"))
        self.assertEqual([events.next()[0], events.next()[0]], ["status", "gps"])
        self.host.tell(describe=RUNNING)
        events.until("status", lambda s: s["state"] == "running")
        self.host.tell(gps={"mode": 3, "latitude": 1.5, "longitude": 2.5})
        self.assertEqual(events.until("gps")[0]["latitude"], 1.5)
        self.host.write_rows(row("02:00:00:00:00:01", "Home"))
        data, _ = events.until("aps")
        self.assertEqual(data["changed"][0]["ssid"], "Home")

    def assert_nothing_missed(self, events, number) -> None:
        # The other one shows that the next event was sent.
        other = self.events()
        events.close()
        self.host.tell(describe=description("failed", "because"))
        other.until("status", lambda s: s["state"] == "failed")
        data, _ = self.events(last=number).until("status")
        self.assertEqual(data["state"], "failed")

    def test_who_comes_back_gets_what_was_missed(self) -> None:
        events = self.events()
        self.host.tell(describe=description("starting"))
        _, number = events.until("status", lambda s: s["state"] == "starting")
        self.assert_nothing_missed(events, number)

    def test_who_heard_only_the_greeting_misses_nothing_either(self) -> None:
        events = self.events()
        _, _, number = events.next()
        self.assert_nothing_missed(events, number)

    def test_ids_that_cannot_be_resumed_mean_reset(self) -> None:
        for last in ("other-5", "x", "-", "zzzzzzzz-99999999999999999999999"):
            with self.subTest(last=last):
                events = self.events(last=last)
                self.assertEqual([events.next()[0] for _ in range(3)], ["reset", "status", "gps"])
        events = self.events()
        self.host.tell(describe=description("running"))
        instance = events.until("status", lambda s: s["state"] == "running")[1].rpartition("-")[0]
        # More than is remembered: 2 MB of rows.
        self.host.tell(describe=description("running", parts=[part("x", text="y" * 60000)]))
        for i in range(40):
            self.host.tell(describe=description("running", str(i), parts=[part("x", text="y" * 60000)]))
            events.until("status", lambda s, i=i: s["reason"] == str(i))
        late = self.events(last=f"{instance}-1")
        self.assertEqual(late.next()[0], "reset")
        # What was missed may have been the last word on how things stand.
        self.assertEqual(late.next()[1]["reason"], "39")
        self.assertEqual(late.next()[0], "gps")

    def test_a_client_that_does_not_read_costs_a_bounded_amount(self) -> None:
        deaf = self.events()
        self.addCleanup(deaf.close)
        for i in range(100):
            self.host.tell(describe=description("running", str(i), parts=[part("x", text="y" * 60000)]))
            time.sleep(0.02)
        resident = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.host.pid}/status").read())[1])
        if not SANITIZED:
            self.assertLess(resident, 16000)

    def test_the_heart_beats(self) -> None:
        for path in ("/api/v1/events", "/api/v1/logs?follow=yes"):
            events = self.events(path)
            self.host.tell(beat_ms=50)
            events.until("beat")
            events.until("beat")

    def test_clients_that_come_do_not_put_the_heart_beat_off(self) -> None:
        self.host.tell(beat_ms=1000)
        for path in ("/api/v1/events", "/api/v1/logs?follow=yes"):
            events = self.events(path)
            heard = threading.Event()
            listening = threading.Thread(target=lambda events=events, heard=heard: (events.until("beat"), heard.set()), daemon=True)
            listening.start()
            end = time.monotonic() + DEADLINE_S
            while not heard.wait(0.2):
                self.assertLess(time.monotonic(), end)
                Events(self.host, path).close()

    def test_streams_end_when_the_token_changes(self) -> None:
        events = self.events()
        self.host.write_token("n" * 43)
        with self.assertRaises(EOFError):
            while True:
                events.next()

    def test_two_hundred_clients_hear_each_event_at_once(self) -> None:
        with Crowd(self.host, 200) as crowd:
            worst = []
            for i in range(10):
                heard = crowd.hear(f"event {i}!", describe=description("running", f"event {i}!"))
                self.assertEqual(len(heard), 200)
                worst.append(heard[-1])
            # On any machine, with the pace of events that follow each other; timing_test.py has the limit of a quiet one.
            self.assertLess(min(worst), 1.0)
            self.assertEqual(self.host.get("/script-status").status, 200)
            # The 257th is told to wait.
            more = [self.events() for _ in range(57)]
            self.assertEqual([m.status for m in more][-1], 503)

    def test_idle_and_half_open_clients_cost_nothing_and_keep_nobody_out(self) -> None:
        def spent() -> float:
            fields = open(f"/proc/{self.host.pid}/stat").read().rpartition(") ")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        idle = []
        for i in range(1000):
            one = socket.create_connection(("127.0.0.1", self.host.port), timeout=DEADLINE_S)
            self.addCleanup(one.close)
            if i % 2:
                one.sendall(b"GET /script-status HTTP/1.1\r\nHost: loc")
            idle.append(one)
        self.assertEqual(self.host.get("/script-status").status, 200)
        before = spent()
        time.sleep(3)
        self.assertLess(spent() - before, 0.5 if SANITIZED else 0.15)
        self.assertEqual(self.host.get("/script-status").status, 200)
        # All of them are cut in the end, and the port is open as before.
        for one in idle:
            self.assertEqual(one.recv(1000), b"")
        self.assertEqual(self.host.get("/script-status").status, 200)

    def test_at_the_limit_of_connections_it_comes_back(self) -> None:
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        many = [socket.create_connection(("127.0.0.1", self.host.port), timeout=DEADLINE_S) for _ in range(1600)]
        for one in many:
            one.close()
        self.assertEqual(self.host.get("/script-status").status, 200)


class Tls(unittest.TestCase):
    def test_with_a_certificate_of_its_own_that_is_kept(self) -> None:
        with Host("WEB_TLS=self\n") as host:
            context = ssl.create_default_context(cafile=str(host.root / "state/tls.crt"))
            with socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S) as plain, \
                    context.wrap_socket(plain, server_hostname=socket.gethostname().lower()) as secure:
                secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                self.assertTrue(secure.recv(1000).startswith(b"HTTP/1.1 503"))
            self.assertEqual((host.root / "state/tls.key").stat().st_mode & 0o777, 0o600)
            # A plain request on it is no way in.
            with socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S) as plain:
                plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertNotIn(b"HTTP/1.1 ", plain.recv(1000))


    def test_it_is_for_every_name_that_leads_here(self) -> None:
        with Host("WEB_TLS=self\nWEB_HOSTS=sensor.lan\n") as host:
            context = ssl.create_default_context(cafile=str(host.root / "state/tls.crt"))
            for name in ("localhost", "127.0.0.1", "::1", "sensor.lan", socket.gethostname().lower()):
                with self.subTest(name=name), socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S) as plain, \
                        context.wrap_socket(plain, server_hostname=name) as secure:
                    secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    self.assertTrue(secure.recv(1000).startswith(b"HTTP/1.1 503"))

    def test_with_a_certificate_of_the_settings_a_session_is_bound_to_it(self) -> None:
        def make(folder: Path) -> None:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                            "-subj", "/CN=configured", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "tls.key",
                            "-out", folder / "tls.crt"], check=True, capture_output=True)

        with Host("WEB_TLS=/etc/ssl/sensor.crt\n", prepare_credentials=make) as host:
            context = ssl.create_default_context(cafile=str(host.root / "etc/tls.crt"))

            def call(method: str, path: str, body: str | None = None, **headers: str) -> http.client.HTTPResponse:
                connection = http.client.HTTPSConnection("127.0.0.1", host.port, timeout=DEADLINE_S, context=context)
                self.addCleanup(connection.close)
                connection.request(method, path, body, {"Content-Type": "application/json", **headers})
                return connection.getresponse()

            answer = call("POST", "/api/v1/session", json.dumps({"token": host.token}))
            self.assertEqual(answer.status, 200)
            cookie = answer.headers["Set-Cookie"]
            self.assertIn("Secure", cookie.split("; "))
            value = cookie.split(";")[0]
            self.assertEqual(call("POST", "/api/v1/stop", Cookie=value, Origin=f"https://127.0.0.1:{host.port}").status, 202)
            self.assertEqual(call("POST", "/api/v1/stop", Cookie=value, Origin=f"http://127.0.0.1:{host.port}").status, 403)
            self.assertFalse((host.root / "state/tls.crt").exists())


class Prometheus(unittest.TestCase):
    def test_metrics_pass_the_lint(self) -> None:
        promtool = shutil.which("promtool") or shutil.which("promtool", path=TOOLS)
        self.assertIsNotNone(promtool, "scripts/setup brings it")
        with Host() as host:
            host.tell(describe=description(units=[unit("scan", part="scan")], parts=[part('s"c\\an', x=1, nested={"a b": 2.5})]),
                      gps={"mode": 3, "satellites": [{"prn": 1, "used": True}]})
            answer = host.get("/metrics")
            contract.check("GET", "/metrics", answer)
            said = subprocess.run([promtool, "check", "metrics"], input=answer.body, capture_output=True, check=False)
            self.assertEqual((said.returncode, said.stdout + said.stderr), (0, b""))
            self.assertIn(b'stinky_part_value{part="s\\"c\\\\an",name="nested.a b"} 2.5', answer.body)


class Journal(unittest.TestCase):
    def setUp(self) -> None:
        self.host = Host()
        self.addCleanup(self.host.close)
        self.folder = self.host.root / "journal"

    def messages(self, query: str = "") -> list[str]:
        answer = self.host.get(f"/api/v1/logs?{query}")
        contract.check("GET", "/api/v1/logs", answer)
        self.assertEqual(answer.status, 200)
        return [f"{r['part']}: {r['message']}" for r in answer.json["records"]]

    def follow(self, query: str = "", **more) -> Events:
        events = Events(self.host, f"/api/v1/logs?follow=yes&{query}", **more)
        self.addCleanup(events.close)
        return events

    def heard(self, events: Events, count: int) -> list[str]:
        records = [events.until("log")[0] for _ in range(count)]
        return [f"{r['part']}: {r['message']}" for r in records]

    def test_values_that_cannot_be(self) -> None:
        for query in ("part=a/b", "part=", "priority=8", "priority=x", "since=-1", "since=nan", "limit=0", "limit=1001", "follow=1",
                      "colour=red"):
            self.assertEqual(self.host.get(f"/api/v1/logs?{query}").status, 400, query)
        self.assertEqual(self.messages(), [])

    def test_records_by_part_priority_time_and_number(self) -> None:
        write_journal(self.folder, "scan", "old", at=1700000000)
        write_journal(self.folder, "tak", "late", priority=3, at=1700000100)
        write_journal(self.folder, "scan", "later", "last", priority=4, at=1700000200)
        self.assertEqual(self.messages(), ["scan: old", "tak: late", "scan: later", "scan: last"])
        self.assertEqual(self.messages("part=scan"), ["scan: old", "scan: later", "scan: last"])
        self.assertEqual(self.messages("priority=4"), ["tak: late", "scan: later", "scan: last"])
        self.assertEqual(self.messages("priority=3"), ["tak: late"])
        self.assertEqual(self.messages("since=1700000100"), ["tak: late", "scan: later", "scan: last"])
        self.assertEqual(self.messages("since=1700000100.5&part=scan&priority=4&limit=1"), ["scan: last"])

    def test_what_systemd_says_of_a_unit_is_of_its_part(self) -> None:
        self.host.tell(describe=description(units=[unit("radio@wlan2", part="radio-wlan2")]))
        write_journal(self.folder, "radio", "held")
        write_systemd(self.folder, "stinky-scan.service", "Main process exited", priority=4)
        write_systemd(self.folder, "stinky-radio@wlan2.service", "Started")
        write_systemd(self.folder, "stinky.target", "Reached target")
        write_systemd(self.folder, "ssh.service", "Stopped")
        ours = ["radio: held", "scan: Main process exited", "radio@wlan2: Started", "stinky.target: Reached target"]
        self.assertEqual(self.messages(), ours)
        self.assertEqual(self.messages("part=scan"), ["scan: Main process exited"])
        self.assertEqual(self.messages("part=radio"), ["radio: held", "radio@wlan2: Started"])
        self.assertEqual(self.messages("part=radio@wlan2"), ["radio@wlan2: Started"])
        self.assertEqual(self.messages("part=stinky.target"), ["stinky.target: Reached target"])

    def test_an_old_error_is_found_behind_much_talk(self) -> None:
        write_journal(self.folder, "scan", "the antenna fell off", priority=3)
        write_journal(self.folder, "scan", *(f"frame {i}" for i in range(30000)))
        self.assertEqual(self.messages("priority=3"), ["scan: the antenna fell off"])

    def test_who_follows_a_part_hears_it_and_what_systemd_says_of_it(self) -> None:
        write_journal(self.folder, "scan", "before")
        scan, all_parts, errors = self.follow("part=scan"), self.follow(), self.follow("priority=3")
        self.assertEqual((scan.status, scan.headers["content-type"]), (200, "text/event-stream"))
        self.assertEqual(self.heard(scan, 1) + self.heard(all_parts, 1), ["scan: before"] * 2)
        write_journal(self.folder, "tak", "sent")
        write_systemd(self.folder, "ssh.service", "Stopped")
        write_systemd(self.folder, "stinky-scan.service", "Main process exited", priority=3)
        write_journal(self.folder, "scan", "after")
        self.assertEqual(self.heard(scan, 2), ["scan: Main process exited", "scan: after"])
        self.assertEqual(self.heard(all_parts, 3), ["tak: sent", "scan: Main process exited", "scan: after"])
        self.assertEqual(self.heard(errors, 1), ["scan: Main process exited"])

    def test_who_comes_back_after_nobody_followed_is_told_to_read_anew(self) -> None:
        self.host.tell(beat_ms=100)
        events = self.follow()
        write_journal(self.folder, "scan", "one")
        # Not the next event: on a busy machine that is a beat, which has no id.
        _, number = events.until("log")
        following = self.watches()
        events.close()
        # Before the reader of the greeting closes, which watches too.
        end = time.monotonic() + DEADLINE_S
        while self.watches() >= following or b"stinky_http_live_clients 0" not in self.host.get("/metrics").body:
            self.assertLess(time.monotonic(), end, "it stops to follow when nobody does")
            time.sleep(0.05)
        write_journal(self.folder, "scan", "missed")
        self.assertEqual(self.follow(last=number).next()[0], "reset")

    def watches(self) -> int:
        links = (os.readlink(link) for link in Path(f"/proc/{self.host.pid}/fd").iterdir() if link.is_symlink())
        return sum(link == "anon_inode:inotify" for link in links)


if __name__ == "__main__":
    unittest.main()
