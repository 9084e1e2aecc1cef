"""Every route over HTTP, as its contract says; access_test.py has who may, form_test.py what is no request."""

import json
import os
import socket
import time
import unittest
from pathlib import Path

import contract
from host import DEADLINE_S, HEADER, RUNNING, Host, description, part, row, unit
from web_case import WebCase

FIX = {"mode": 3, "latitude": 48.1173, "longitude": 11.516667, "devices": ["/dev/ttyUSB0"],
       "satellites": [{"prn": 3, "gnss": 0, "elevation": 40, "azimuth": 90, "signal": 33, "used": True}]}
HOSTILE = '<img src=x onerror=alert(1)>'


class Routes(WebCase):
    def setUp(self) -> None:
        self.host.tell(describe=RUNNING, gps=FIX)
        self.host.forget_asked()
        self.host.write_rows(row("02:00:00:00:00:01", "Home"))

    def test_every_answer_is_as_the_contract_says(self) -> None:
        self.host.until("/api/v1/aps", lambda a: a["total"] >= 1)
        places = {"/api/v1/captures/{name}": "/api/v1/captures/stinky-20261124-10-00-00-1.wiglecsv",
                  "/api/v1/parts/{name}/restart": "/api/v1/parts/scan/restart"}
        skipped = {"/api/v1/events", "/api/v1/doctor"}  # live: tests of their own
        done = set()
        for method, template in contract.routes():
            if template in skipped:
                continue
            with self.subTest(method=method, path=template):
                path = places.get(template, template)
                body = json.dumps({"token": self.host.token}) if (method, path) == ("POST", "/api/v1/session") else None
                answer = self.host.request(method, path, body, headers={"Content-Type": "application/json"} if body else {})
                self.assertLess(answer.status, 500)
                contract.check(method, path, answer)
                done.add(answer.status)
        self.assertTrue({200, 202, 204, 409} <= done, done)

    def test_what_the_real_controller_says_is_as_the_contract_says(self) -> None:
        for how in ("well", "broken"):
            self.host.tell(real=how)
            for path in ("/api/v1/status", "/api/v1/parts", "/api/v1/units"):
                answer = self.host.get(path)
                contract.check("GET", path, answer)
            # And what the other tests make up has all that it has.
            made_up, real = self.host_status(RUNNING), self.host_status(None, how)
            self.assertEqual(set(made_up), set(real))
            self.assertEqual(set(made_up["units"][0]), set(real["units"][0]))
            self.assertEqual(set(made_up["parts"][0]), set(real["parts"][0]))

    def host_status(self, describe: dict | None, real: str = "") -> dict:
        self.host.tell(**({"describe": describe} if describe else {"real": real}))
        return self.host.get("/api/v1/status").json

    def test_without_a_token_only_the_open_ones_answer(self) -> None:
        open_routes = {("GET", "/healthz"), ("GET", "/api/v1/session"), ("GET", "/api/v1/openapi.yaml"),
                       ("DELETE", "/api/v1/session"), ("POST", "/api/v1/session")}
        for method, template in contract.routes():
            path = template.replace("{name}", "x")
            with self.subTest(method=method, path=path):
                answer = self.host.request(method, path, token=False)
                contract.check(method, path, answer)
                if (method, template) in open_routes:
                    self.assertNotEqual(answer.status, 401)
                else:
                    self.assertEqual(answer.status, 401)
                    self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
        self.assertNotIn("reason", self.host.get("/healthz", token=False).json)

    def test_methods_that_a_route_has_not(self) -> None:
        known = contract.routes()
        for template in {path for _, path in known}:
            path = template.replace("{name}", "x")
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
                if (method, template) in known:
                    continue
                with self.subTest(method=method, path=path):
                    answer = self.host.request(method, path)
                    self.assertEqual(answer.status, 405)
                    allowed = set(answer.headers["Allow"].split(", "))
                    self.assertEqual(allowed - {"HEAD"}, {m for m, p in known if p == template})

    def test_head_is_get_without_a_body(self) -> None:
        for path in ("/", "/api/v1/gps", "/metrics", "/api/v1/captures/stinky-20261124-10-00-00-1.wiglecsv"):
            with self.subTest(path=path):
                got, head = self.host.get(path), self.host.request("HEAD", path)
                self.assertEqual((head.status, head.body), (200, b""))
                self.assertEqual(head.headers["Content-Length"], str(len(got.body)))

    def test_every_answer_has_the_headers_that_browsers_heed(self) -> None:
        for path, status in (("/", 200), ("/main.js", 200), ("/script-status", 200), ("/nothing", 404)):
            headers = self.host.get(path)
            self.assertEqual(headers.status, status)
            policy = headers.headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(headers.headers["X-Content-Type-Options"], "nosniff")
        page = self.host.get("/")
        self.assertNotRegex(page.body.decode(), r"<script(?![^>]*src=)|\son[a-z]+=|style=")
        self.assertIn("no-store", self.host.get("/api/v1/status").headers["Cache-Control"])

    def test_answers_that_no_route_made_have_them_too(self) -> None:
        for line, fields, status in (("GET /%zz HTTP/1.1", (), 400), ("GET / HTTP/1.1", ("Origin: a", "Origin: b"), 400),
                                     ("POST /run-script HTTP/1.1", ("Content-Length: 16385",), 413),
                                     ("POST /run-script HTTP/1.1", ("Content-Encoding: gzip", "Content-Length: 2"), 415)):
            with self.subTest(line=line):
                head = self.raw(self.head(line, *fields)).split(b"\r\n\r\n")[0].decode().splitlines()
                self.assertEqual(int(head[0].split()[1]), status)
                headers = dict(field.split(": ", 1) for field in head[1:])
                self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
                self.assertEqual((headers["X-Content-Type-Options"], headers["Cache-Control"]), ("nosniff", "no-store"))

    def test_a_file_of_the_page_is_sent_once(self) -> None:
        for path in ("/main.js", "/"):
            first = self.host.get(path)
            again = self.host.get(path, headers={"If-None-Match": first.headers["ETag"]})
            self.assertEqual((again.status, again.body), (304, b""))
            # Browsers take the policy of the 304 for that of the page that they kept.
            self.assertEqual(again.headers["Content-Security-Policy"], first.headers["Content-Security-Policy"])

    def test_start_and_stop_reach_the_controller(self) -> None:
        for path, asked in (("/api/v1/start", "start"), ("/api/v1/stop", "stop"), ("/api/v1/restart", "restart"),
                            ("/api/v1/parts/scan/restart", "restart stinky-scan.service"),
                            ("/api/v1/parts/stinky-tak.service/restart", "restart stinky-tak.service")):
            with self.subTest(path=path):
                self.assertEqual(self.host.request("POST", path).status, 202)
                self.assertEqual(self.host.asked(), asked)
        self.assertEqual(self.host.request("POST", "/api/v1/parts/sshd/restart").status, 404)
        self.assertEqual(self.host.request("POST", "/api/v1/parts/stinky-none/restart").status, 404)

    def test_a_refused_request_shows_in_the_status(self) -> None:
        self.host.tell(refuse="polkit says no")
        self.host.request("POST", "/api/v1/start")
        self.assertEqual(self.host.get("/api/v1/status").json["last_request"]["error"], "polkit says no")
        self.host.tell(refuse="")
        self.host.request("POST", "/api/v1/start")
        self.assertEqual(self.host.get("/api/v1/status").json["last_request"]["error"], "")

    def test_doctor_answers_when_it_is_done(self) -> None:
        with socket.create_connection(("127.0.0.1", self.host.port), timeout=DEADLINE_S) as s:
            s.sendall(self.head("GET /api/v1/doctor HTTP/1.1"))
            # Others are served while it works.
            self.assertEqual(self.host.get("/script-status").status, 200)
            self.host.tell(doctor={"checks": []})
            answer = b""
            while chunk := s.recv(65536):
                answer += chunk
        self.assertIn(b'{"checks":[]}', answer)

    def test_what_came_over_the_air_stays_text(self) -> None:
        self.host.write_rows(row("02:00:00:00:00:66", HOSTILE), row("02:00:00:00:00:67", "\\377\\376bad"))
        answer = self.host.until("/api/v1/aps?limit=5000", lambda a: any(
            i["bssid"] == "02:00:00:00:00:67" for i in a["items"]))
        names = {i["bssid"]: i["ssid"] for i in answer["items"]}
        self.assertEqual(names["02:00:00:00:00:66"], HOSTILE)
        self.assertTrue(names["02:00:00:00:00:67"].startswith("0x"), names)
        self.assertEqual(self.host.get("/kismet-data").headers["Content-Type"], "application/json")



class Settings(WebCase):
    settings = ('TAK_OUTPUTS="tls://sensor:geheim@tak.example:8089 udp://192.168.1.20:6969"\n'
                "TAK_TLS_PASSWORD_FILE=/etc/stinky/tak/geheim\nTAK_TLS_CERT=/etc/stinky/tak/client.p12\n")

    def test_they_come_without_secrets(self) -> None:
        answer = self.host.get("/api/v1/config")
        contract.check("GET", "/api/v1/config", answer)
        self.assertNotIn(b"geheim", answer.body)
        settings = {s["name"]: s for s in answer.json["settings"]}
        self.assertEqual(settings["RADIO"]["value"], "wlan2")
        self.assertEqual(settings["TAK_OUTPUTS"]["value"], "tls://***@tak.example:8089 udp://192.168.1.20:6969")
        self.assertEqual(settings["TAK_TLS_CERT"]["value"], "/etc/stinky/tak/client.p12")
        self.assertEqual((settings["TAK_TLS_PASSWORD_FILE"]["value"], settings["TAK_TLS_PASSWORD_FILE"]["secret"]), (None, True))


class AccessPoints(WebCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.host.write_rows(*(row(f"02:00:00:00:{i:02x}:00", f"Net {i}", rssi=-30 - i, channel=1 + i % 11,
                                  auth="[ESS]" if i % 2 else "[WPA2-PSK-CCMP][ESS]") for i in range(50)))
        cls.host.until("/api/v1/aps", lambda a: a["total"] == 50)

    def items(self, query: str) -> list[str]:
        answer = self.host.get(f"/api/v1/aps?{query}")
        contract.check("GET", "/api/v1/aps", answer)
        self.assertEqual(answer.status, 200)
        return [item["ssid"] for item in answer.json["items"]]

    def test_pages_hang_together(self) -> None:
        seen = []
        for offset in range(0, 50, 7):
            seen += self.items(f"sort=channel&limit=7&offset={offset}")
        self.assertEqual(len(seen), 50)
        self.assertEqual(len(set(seen)), 50)
        self.assertEqual(self.items("offset=50"), [])

    def test_sorted_and_filtered(self) -> None:
        self.assertEqual(self.items("sort=rssi&limit=2"), ["Net 0", "Net 1"])
        self.assertEqual(self.items("sort=rssi&order=asc&limit=1"), ["Net 49"])
        self.assertEqual(self.items("q=nET+17"), ["Net 17"])
        self.assertEqual(self.items("q=02:00:00:00:11"), ["Net 17"])
        self.assertEqual(len(self.items("security=open&limit=100")), 25)
        self.assertEqual(len(self.items("min_rssi=-39&limit=100")), 10)
        self.assertEqual(len(self.items("channel=3&limit=100")), 5)
        self.assertEqual(self.items("type=ble"), [])
        self.assertEqual(len(self.items("seen_within=600&limit=100")), 50)

    def test_what_an_older_capture_has_is_as_old_as_that(self) -> None:
        an_hour_ago = time.time() - 3600

        def old_capture(captures: Path) -> None:
            file = captures / "stinky-20261124-10-00-00-1.wiglecsv"
            file.write_text(HEADER + row("02:00:00:00:00:01", "Gone"))
            os.utime(file, (an_hour_ago, an_hour_ago))

        with Host(prepare=old_capture) as host:
            before = host.until("/api/v1/aps", lambda a: a["total"] == 1)
            self.assertAlmostEqual(before["items"][0]["last_seen"], an_hour_ago, delta=2)
            self.assertEqual(host.get("/api/v1/aps?seen_within=600").json["matched"], 0)
            host.write_rows(row("02:00:00:00:00:02", "Here"))
            host.until("/api/v1/aps", lambda a: a["total"] == 2)
            self.assertEqual([i["ssid"] for i in host.get("/api/v1/aps?seen_within=600").json["items"]], ["Here"])

    def test_no_row_is_counted_twice_however_many_captures_grow(self) -> None:
        with Host() as host:
            for turn in range(1, 4):
                for file in range(6):
                    host.write_rows(row("02:00:00:00:00:01", "Home"), name=f"stinky-{file}.wiglecsv")
                    rows = 6 * (turn - 1) + file + 1
                    seen = host.until("/api/v1/aps", lambda a, rows=rows: a["total"] == 1 and a["items"][0]["sightings"] >= rows)
                    self.assertEqual(seen["items"][0]["sightings"], rows)

    def test_values_that_cannot_be(self) -> None:
        for query in ("limit=0", "limit=5001", "limit=x", "limit=1e3", "offset=-1", "sort=drop+table", "order=up", "channel=999",
                      "min_rssi=5", "seen_within=nan", "seen_within=inf", "security=none", "q=" + "a" * 65, "colour=red",
                      "limit=1&limit=2", "q=%ff", "q=%0", "q=%00"):
            with self.subTest(query=query):
                answer = self.host.get(f"/api/v1/aps?{query}")
                self.assertEqual(answer.status, 400)
                contract.check("GET", "/api/v1/aps", answer)

    def test_as_geojson(self) -> None:
        answer = self.host.get("/api/v1/aps?q=Net+3&sort=ssid", headers={"Accept": "text/html, application/geo+json;q=0.5"})
        contract.check("GET", "/api/v1/aps", answer)
        self.assertEqual(answer.headers["Content-Type"], "application/geo+json")
        self.assertEqual(answer.json["features"][0]["geometry"]["coordinates"], [11.516667, 48.1173])
        plain = self.host.get("/api/v1/aps", headers={"Accept": "application/geo+json;q=0"})
        self.assertEqual(plain.headers["Content-Type"], "application/json")

    def test_the_position_is_that_of_the_strongest(self) -> None:
        self.host.write_rows(row("02:00:00:00:00:00", "Net 0", rssi=-80, lat=1, lon=1), row("02:00:00:00:00:00", "Net 0", rssi=-20, lat=2, lon=2),
                             row("02:00:00:00:00:00", "Net 0", rssi=-70, lat=3, lon=3))
        found = self.host.until("/api/v1/aps?q=02:00:00:00:00:00", lambda a: a["items"][0]["sightings"] == 4)["items"][0]
        self.assertEqual((found["latitude"], found["rssi"], found["best_rssi"]), (2, -70, -20))


class Captures(WebCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.old = "stinky-20200101-00-00-00-1.wiglecsv"
        (cls.host.captures / cls.old).write_text("0123456789")
        (cls.host.captures / "link.wiglecsv").symlink_to("/etc/passwd")
        (cls.host.captures / "folder.wiglecsv").mkdir()
        (cls.host.captures / "empty.wiglecsv").touch()
        cls.hung = "hung.wiglecsv"
        (cls.host.captures / cls.hung).touch()
        for name in (cls.old, cls.hung, "empty.wiglecsv"):
            os.utime(cls.host.captures / name, (1577836800, 1577836800))

    def download(self, name: str, **headers: str):
        answer = self.host.get(f"/api/v1/captures/{name}", headers=headers)
        contract.check("GET", "/api/v1/captures/x", answer)
        return answer

    def test_ranges(self) -> None:
        for asked, status, body, where in ((None, 200, b"0123456789", None), ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
                                           ("bytes=4-", 206, b"456789", "bytes 4-9/10"), ("bytes=-3", 206, b"789", "bytes 7-9/10"),
                                           ("bytes=8-100", 206, b"89", "bytes 8-9/10"), ("bytes=0-1,3-4", 200, b"0123456789", None),
                                           ("bytes=5-2", 200, b"0123456789", None), ("lines=1-2", 200, b"0123456789", None),
                                           ("bytes=abc-", 200, b"0123456789", None)):
            with self.subTest(asked=asked):
                answer = self.download(self.old, **({"Range": asked} if asked else {}))
                self.assertEqual((answer.status, answer.body, answer.headers["Content-Range"]), (status, body, where))
        for asked in ("bytes=10-", "bytes=99-100", "bytes=-0"):
            answer = self.download(self.old, Range=asked)
            self.assertEqual((answer.status, answer.headers["Content-Range"]), (416, "bytes */10"))
        self.assertEqual(self.download("empty.wiglecsv").body, b"")
        self.assertEqual(self.download("empty.wiglecsv", Range="bytes=0-0").status, 416)

    def test_only_regular_files_of_the_folder(self) -> None:
        listed = {c["name"] for c in self.host.get("/api/v1/captures").json["captures"]}
        self.assertIn(self.old, listed)
        self.assertNotIn("link.wiglecsv", listed)
        for name in ("link.wiglecsv", "folder.wiglecsv", "none.wiglecsv", "..%2f..%2fetc%2fpasswd", "%2e%2e", "..", ".hidden", "a%00b",
                     "%2fetc%2fpasswd", "a" * 300):
            with self.subTest(name=name):
                self.assertIn(self.host.get(f"/api/v1/captures/{name}").status, (400, 404))
                self.assertIn(self.host.request("DELETE", f"/api/v1/captures/{name}").status, (400, 404))

    def test_paths_that_leave_the_root(self) -> None:
        for path in ("/../etc/passwd", "/./", "//", "/api//v1/status", "/api/v1/../v1/status", "/%2e%2e/etc/passwd", "/main.js/",
                     "/leaflet/../main.js", "/a\\..\\b", "/%", "/%zz", "/%c0%ae%c0%ae/"):
            with self.subTest(path=path):
                self.assertIn(self.status_of(self.head(f"GET {path} HTTP/1.1")), (400, 404))

    def test_delete(self) -> None:
        gone = "gone.wiglecsv"
        (self.host.captures / gone).write_text("x")
        os.utime(self.host.captures / gone, (1577836800, 1577836800))
        self.assertEqual(self.host.request("DELETE", f"/api/v1/captures/{gone}").status, 204)
        self.assertFalse((self.host.captures / gone).exists())
        self.assertEqual(self.host.request("DELETE", f"/api/v1/captures/{gone}").status, 404)

    def test_what_is_being_written_stays(self) -> None:
        self.host.write_rows(row("02:00:00:00:00:01", "x"), name="fresh.wiglecsv")
        self.assertEqual(self.host.request("DELETE", "/api/v1/captures/fresh.wiglecsv").status, 409)
        # Also one that had nothing to write for a while, as long as its part names it.
        self.host.tell(describe=description(parts=[part("scan", capture=f"/var/lib/stinky/captures/{self.old}")]))
        self.assertEqual(self.host.request("DELETE", f"/api/v1/captures/{self.old}").status, 409)
        # Also when the part hangs: its program has the file open until its unit is down.
        for active, status in (("active", 409), ("deactivating", 409), ("failed", 204)):
            with self.subTest(active=active):
                hanging = part("scan", capture=f"/var/lib/stinky/captures/{self.hung}")
                hanging["stale"] = True
                self.host.tell(describe=description(units=[unit("scan", active, part="scan")], parts=[hanging]))
                self.assertEqual(self.host.request("DELETE", f"/api/v1/captures/{self.hung}").status, status)
        self.host.tell(describe=description())


class OldPage(WebCase):
    """What the old page did, with a token; LegacyOpen does the same without."""

    authorised = True

    def call(self, method: str, path: str, body: str | None = None):
        answer = self.host.request(method, path, body, token=self.authorised)
        contract.check(method, path, answer)
        return answer

    def test_its_day(self) -> None:
        self.host.tell(describe=description("inactive"))
        before = self.call("GET", "/script-status").json
        self.assertEqual((before["running"], before["kismet_running"], before["wigle_running"]), (False, False, False))
        self.assertEqual(self.call("GET", "/info").json["kismet"], "Not Running")
        for body in (None, "", '{"script_name":"kismet"}', '{"script":"gps_kismet_wigle.sh"}', "{}"):
            answer = self.call("POST", "/run-script", body)
            self.assertEqual((answer.status, answer.json["success"], answer.json["status"]), (200, True, "success"))
            self.assertEqual(self.host.asked(), "start")
        self.host.tell(describe=description("starting", "waiting for scan", units=[unit("scan", "activating")]))
        self.assertFalse(self.call("GET", "/script-status").json["running"])
        self.assertIn("waiting for scan", self.call("GET", "/script-status").json["message"])
        self.host.tell(describe=RUNNING, gps=FIX)
        self.host.write_rows(row("02:00:00:00:00:01", "Home"))
        up = self.call("GET", "/script-status").json
        self.assertEqual([up[k] for k in ("running", "kismet_running", "kismet_api_responding", "wigle_running", "gps_running")],
                         [True] * 5)
        info = self.call("GET", "/info").json
        self.assertEqual((info["gps"]["lat"], info["gps"]["lon"], info["gps"]["status"], info["ip"]),
                         (48.1173, 11.516667, "3D Fix", "127.0.0.1"))
        self.assertEqual((info["kismet"], info["wigle"]), ("Running", "Running"))
        end = time.monotonic() + DEADLINE_S
        while not (data := self.call("GET", "/kismet-data").json)["devices_count"]:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        self.assertEqual(data["recent_devices"][0]["name"], "Home")
        self.assertEqual(self.call("POST", "/run-script").json["message"], "Already running")
        self.assertTrue(self.host.asked_nothing())
        self.assertEqual(self.call("POST", "/stop-script").json["status"], "success")
        self.assertEqual(self.host.asked(), "stop")

    def test_junk_bodies(self) -> None:
        for body in ("{", "[]", "null", "1", '"kismet"', '{"script_name":7}', '{"script":["a"]}', "\xff\xfe", "[" * 5000):
            with self.subTest(body=body[:20]):
                answer = self.call("POST", "/run-script", body.encode("latin-1"))
                self.assertEqual((answer.status, answer.json["success"], answer.json["status"]), (400, False, "error"))
        self.assertTrue(self.host.asked_nothing())


class LegacyOpen(OldPage):
    settings = "LEGACY_OPEN=127.0.0.0/8\n"
    authorised = False

    def test_the_new_routes_stay_closed_and_the_log_warns(self) -> None:
        self.assertEqual(self.host.get("/api/v1/status", token=False).status, 401)
        self.assertEqual(self.host.request("POST", "/api/v1/stop", token=False).status, 401)
        self.assertTrue(any("LEGACY_OPEN" in line for line in self.host.complaints))

    def test_a_foreign_page_gets_nothing_by_it(self) -> None:
        for method, path in (("POST", "/stop-script"), ("GET", "/info")):
            answer = self.host.request(method, path, token=False, headers={"Origin": "http://evil.example"})
            self.assertEqual(answer.status, 403)
        self.assertTrue(self.host.asked_nothing())


class LegacyOpenElsewhere(WebCase):
    settings = "LEGACY_OPEN=\"10.42.0.0/24 fd00::/8\"\n"

    def test_not_for_us(self) -> None:
        self.assertEqual(self.host.get("/script-status", token=False).status, 401)


if __name__ == "__main__":
    unittest.main()
