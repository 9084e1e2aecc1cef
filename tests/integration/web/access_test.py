"""Who may: the token, sessions, OPEN_READS=, host names and pages from elsewhere."""

import json
import socket
import time
import unittest

import contract
from host import DEADLINE_S, Host
from web_case import WebCase


class OpenReads(WebCase):
    settings = "OPEN_READS=yes\n"

    def test_reading_is_free_and_changing_is_not(self) -> None:
        for path in ("/api/v1/status", "/metrics", "/info", "/api/v1/aps", "/api/v1/captures"):
            self.assertEqual(self.host.get(path, token=False).status, 200)
        for method, path in (("POST", "/api/v1/start"), ("POST", "/run-script"), ("DELETE", "/api/v1/captures/x")):
            self.assertEqual(self.host.request(method, path, token=False).status, 401)
        self.assertIn("reason", self.host.get("/healthz", token=False).json)


class Who(WebCase):
    settings = "WEB_ORIGINS=http://192.168.4.9:8092\nWEB_HOSTS=sensor.lan\n"

    def setUp(self) -> None:
        # Failed tries of one test must not lock the next out.
        self.host.close()
        type(self).host = Host(self.settings)

    def log_in(self, token: str | None = None, **headers: str):
        return self.host.request("POST", "/api/v1/session", json.dumps({"token": token or self.host.token}), token=False,
                                 headers={"Content-Type": "application/json", **headers})

    def test_wrong_tokens(self) -> None:
        for value in ("Bearer wrong", "Bearer", "Basic dDp0", f"Bearer {self.host.token}x", f"Token {self.host.token}"):
            with self.subTest(value=value[:20]):
                self.assertEqual(self.host.get("/api/v1/status", token=False, headers={"Authorization": value}).status, 401)
        # Five were too many, from this address, also for the right one.
        answer = self.host.get("/api/v1/status")
        self.assertEqual(answer.status, 429)
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        self.assertEqual(self.log_in().status, 429)
        self.assertEqual(self.host.get("/healthz", token=False).status, 503)

    def test_logins_are_limited(self) -> None:
        statuses = [self.log_in("wrong").status for _ in range(7)]
        self.assertEqual(statuses, [401] * 5 + [429] * 2)

    def test_asking_whether_a_token_is_right_is_limited_too(self) -> None:
        wrong = {"Authorization": "Bearer wrong"}
        answers = [self.host.get("/api/v1/session", token=False, headers=wrong) for _ in range(7)]
        for answer in answers:
            contract.check("GET", "/api/v1/session", answer)
        self.assertEqual([a.status for a in answers], [200] * 5 + [429] * 2)
        self.assertEqual([a.json["logged_in"] for a in answers[:5]], [False] * 5)
        self.assertEqual(self.host.get("/api/v1/session").status, 429, "also with the right one")
        self.assertEqual(self.host.get("/api/v1/session", token=False).status, 200, "who shows none tries none")

    def test_a_session(self) -> None:
        answer = self.log_in()
        self.assertEqual(answer.status, 200)
        cookie = answer.headers["Set-Cookie"]
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, cookie)
        self.assertNotIn(self.host.token, cookie)
        value = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(self.host.get("/api/v1/status", token=False, headers=value).status, 200)
        # A change needs the Origin that a browser sends.
        start = lambda **more: self.host.request("POST", "/api/v1/start", token=False, headers={**value, **more}).status
        self.assertEqual(start(), 403)
        self.assertEqual(start(Origin="http://evil.example"), 403)
        self.assertEqual(start(Origin="null"), 403)
        self.assertEqual(start(Origin=f"https://127.0.0.1:{self.host.port}"), 403)
        self.assertTrue(self.host.asked_nothing())
        self.assertEqual(start(Origin=self.host.url), 202)
        self.assertEqual(self.host.request("DELETE", "/api/v1/session", token=False, headers=value).status, 204)
        self.assertEqual(self.host.get("/api/v1/status", token=False, headers=value).status, 401, "replayed")
        for broken in ("stinky=", "stinky=x", "stinky=a; stinky=b", "a=b; c", "stinky=" + "x" * 4000):
            self.assertEqual(self.host.get("/api/v1/status", token=False, headers={"Cookie": broken}).status, 401)

    def test_a_new_token_ends_sessions(self) -> None:
        value = {"Cookie": self.log_in().headers["Set-Cookie"].split(";")[0]}
        self.host.write_token("n" * 43)
        end = time.monotonic() + DEADLINE_S
        while self.host.get("/api/v1/status", token=False, headers=value).status != 401:
            self.assertLess(time.monotonic(), end)
        self.host.token = "n" * 43
        self.assertEqual(self.host.get("/api/v1/status").status, 200)

    def test_login_bodies(self) -> None:
        for body, kind, status in (("", "application/json", 400), ("{}", "application/json", 400), ('{"token":1}', "application/json", 400),
                                   ("[]", "application/json", 400), ("token=x", "application/x-www-form-urlencoded", 415),
                                   ('{"token":"x"}', "text/plain", 415)):
            with self.subTest(body=body):
                answer = self.host.request("POST", "/api/v1/session", body, token=False, headers={"Content-Type": kind})
                self.assertEqual(answer.status, status)

    def test_hosts(self) -> None:
        for name, status in ((f"127.0.0.1:{self.host.port}", 200), ("localhost", 200), ("LOCALHOST.:80", 200), ("[::1]:5000", 200),
                             ("192.168.1.7:5000", 200), ("sensor.lan", 200), (socket.gethostname(), 200), ("evil.example", 421),
                             ("127.0.0.1.evil.example", 421), ("", 400), ("a b", 400), ("[::1", 400), ("x:y", 400), ("x:99999", 400)):
            with self.subTest(host=name):
                self.assertEqual(self.host.get("/api/v1/status", headers={"Host": name}).status, status)

    def test_other_pages(self) -> None:
        friend = {"Origin": "http://192.168.4.9:8092"}
        answer = self.host.get("/script-status", headers=friend)
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], friend["Origin"])
        self.assertIsNone(answer.headers["Access-Control-Allow-Credentials"])
        before = self.host.request("OPTIONS", "/run-script", token=False, headers={**friend, "Access-Control-Request-Method": "POST"})
        self.assertEqual(before.status, 204)
        self.assertIn("POST", before.headers["Access-Control-Allow-Methods"])
        self.assertIn("Authorization", before.headers["Access-Control-Allow-Headers"])
        for origin in ("http://evil.example", "http://192.168.4.9:8093", "null", "http://192.168.4.9:8092.evil.example"):
            answer = self.host.get("/script-status", headers={"Origin": origin})
            self.assertEqual((answer.status, answer.headers["Access-Control-Allow-Origin"]), (403, None))


class NoToken(unittest.TestCase):
    def test_nobody_gets_in_and_the_answer_says_why(self) -> None:
        for token in (None, "", "short"):
            with self.subTest(token=token), Host(token=token) as host:
                for bearer in ("", "x", "short"):
                    answer = host.get("/api/v1/status", token=False, headers={"Authorization": f"Bearer {bearer}"})
                    self.assertEqual(answer.status, 503)
                self.assertIn("stinkyctl token --new", answer.json["error"])
                host.write_token("n" * 43)
                host.token = "n" * 43
                host.until("/api/v1/session", lambda a: a["logged_in"])


if __name__ == "__main__":
    unittest.main()
