"""Requests that are none, and clients that take their time."""

import re
import socket
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from host import DEADLINE_S
from web_case import WebCase


class Form(WebCase):
    """Requests that are none."""

    def test_bodies_that_are_not_taken(self) -> None:
        start = "POST /run-script HTTP/1.1"
        self.assertEqual(self.status_of(self.head(start, "Content-Length: 16385")), 413)
        self.assertEqual(self.status_of(self.head(start, "Content-Length: 99999999999999999999999")), 413)
        self.assertEqual(self.status_of(self.head(start, "Content-Length: x")), 400)
        self.assertEqual(self.status_of(self.head(start, "Content-Length: -1")), 400)
        self.assertEqual(self.status_of(self.head(start, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n\r\n"), 411)
        self.assertEqual(self.status_of(self.head(start, "Content-Encoding: gzip", "Content-Length: 2") + b"\x1f\x8b"), 415)
        self.assertEqual(self.status_of(self.head(start, "Content-Length: 2", "Content-Length: 3") + b"{}"), 400)
        self.assertEqual(self.status_of(self.head(start, "Content-Length: 2", "Transfer-Encoding: chunked") + b"{}"), 411)
        self.assertTrue(self.host.asked_nothing())

    def test_what_has_two_lengths_ends_the_connection(self) -> None:
        # Whatever stands behind it is no request: another reader of the same bytes may have taken it for a body.
        fields = f"Host: 127.0.0.1\r\nAuthorization: Bearer {self.host.token}\r\n"
        behind = f"POST /stop-script HTTP/1.1\r\n{fields}Content-Length: 2\r\n\r\n{{}}".encode()
        length = f"Content-Length: {len(behind)}\r\n"
        for method in ("GET /api/v1/status", "DELETE /api/v1/captures/a.wiglecsv", "POST /run-script"):
            for lengths in (f"Content-Length: 0\r\n{length}", f"{length}Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n",
                            f"{length}Transfer-Encoding: chunked\r\n", f"Transfer-Encoding: x\r\n{length}", "Content-Length: +0\r\n",
                            "Content-Length : 0\r\n", "Content-Length: 0x10\r\n"):
                with self.subTest(method=method, lengths=lengths):
                    chunks = b"0\r\n\r\n" if "chunked" in lengths else b""
                    answer = self.raw(f"{method} HTTP/1.1\r\n{fields}{lengths}\r\n".encode() + chunks + behind, shut=True)
                    statuses = set(re.findall(rb"HTTP/1\.1 (\d+)", answer))
                    self.assertLessEqual(statuses, {b"400", b"411"}, answer[:300])
                    self.assertTrue(self.host.asked_nothing())

    def test_heads_that_are_too_long(self) -> None:
        self.assertEqual(self.status_of(self.head("GET /" + "a" * 20000 + " HTTP/1.1")), 414)
        self.assertIn(self.status_of(self.head("GET / HTTP/1.1", "X: " + "a" * 20000)), (413, 431))
        self.assertIn(self.status_of(self.head("GET / HTTP/1.1", *[f"X{i}: {'a' * 100}" for i in range(300)])), (413, 431))

    def test_two_of_one_kind(self) -> None:
        for field in ("Host: evil.example", "Origin: a", "Authorization: Bearer x"):
            data = self.head("GET /api/v1/status HTTP/1.1", field, *([field] if field.startswith("Origin") else []))
            self.assertEqual(self.status_of(data), 400)

    def test_lines_that_are_none(self) -> None:
        for data in (b"\r\n\r\n\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00" * 20, b"GET / HTTP/1.1\r\n\r\n",
                     b"GET http://evil/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"\x00" * 1000):
            with self.subTest(data=data[:30]):
                answer = self.raw(data, shut=True)
                self.assertTrue(answer == b"" or answer.split()[1] in (b"400", b"404", b"405", b"501", b"505"), answer[:200])
        self.assertEqual(self.host.get("/api/v1/status").status, 200)

    def test_pipelined_requests_are_answered_in_order(self) -> None:
        fields = f"Host: 127.0.0.1\r\nAuthorization: Bearer {self.host.token}\r\n"
        data = "".join(f"GET {path} HTTP/1.1\r\n{fields}\r\n" for path in ("/healthz", "/nothing", "/info")) + \
            f"POST /run-script HTTP/1.1\r\n{fields}Content-Length: 2\r\n\r\n{{}}GET /nothing HTTP/1.1\r\n{fields}Connection: close\r\n\r\n"
        answer = self.raw(data.encode())
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+)", answer), [b"503", b"404", b"200", b"200", b"404"])
        self.assertEqual(self.host.asked(), "start")

    def test_a_slow_client_is_cut_and_a_working_one_is_not(self) -> None:
        kinds = ((b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X"),
                 (self.head("POST /run-script HTTP/1.1", "Content-Length: 16000"), b" "))
        with ThreadPoolExecutor() as clients:
            for begun, lasted in zip(kinds, clients.map(lambda kind: self.lasts(*kind), kinds)):
                with self.subTest(begun=begun[0][:20]):
                    self.assertGreater(lasted, 5)
        self.assertTrue(self.host.asked_nothing())

    def lasts(self, begun: bytes, drop: bytes) -> float:
        """How long a client is kept that never comes to an end, in seconds; others are served meanwhile."""
        with socket.create_connection(("127.0.0.1", self.host.port), timeout=DEADLINE_S) as slow:
            begin = time.monotonic()
            slow.sendall(begun)
            slow.settimeout(2)
            while True:
                # A byte now and then: never idle.
                try:
                    slow.sendall(drop)
                    if slow.recv(100) == b"":
                        break
                except TimeoutError:
                    self.assertLess(time.monotonic() - begin, 40)
                    self.assertEqual(self.host.get("/api/v1/status").status, 200)
                except OSError:
                    break
            return time.monotonic() - begin

    def test_a_cookie_header_of_nothing_gets_nothing(self) -> None:
        # libmicrohttpd itself closes on it.
        self.assertIn(self.raw(self.head("GET /api/v1/status HTTP/1.1", "Cookie: " + ";" * 1000, authorised=False))[:12],
                      (b"", b"HTTP/1.1 400", b"HTTP/1.1 401"))
        self.assertEqual(self.host.get("/api/v1/status").status, 200)

    def test_a_silent_client_is_cut(self) -> None:
        with socket.create_connection(("127.0.0.1", self.host.port), timeout=40) as silent:
            self.assertEqual(silent.recv(100), b"")


if __name__ == "__main__":
    unittest.main()
