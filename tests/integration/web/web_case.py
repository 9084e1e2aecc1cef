"""A sensor for each class of tests, and requests that no library would send."""

import socket
import unittest

from host import DEADLINE_S, Host


class WebCase(unittest.TestCase):
    settings = ""

    @classmethod
    def setUpClass(cls) -> None:
        cls.host = Host(cls.settings)
        cls.addClassCleanup(cls.host.close)

    def raw(self, data: bytes, shut: bool = False) -> bytes:
        """What comes back for these bytes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.host.port), timeout=DEADLINE_S) as s:
            s.sendall(data)
            if shut:
                s.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := s.recv(65536):
                answer += chunk
            return answer

    def status_of(self, data: bytes, shut: bool = False) -> int:
        answer = self.raw(data, shut)
        self.assertTrue(answer.startswith(b"HTTP/1.1 "), answer[:100])
        return int(answer.split()[1])

    def head(self, line: str, *fields: str, authorised: bool = True) -> bytes:
        lines = [line, f"Host: 127.0.0.1:{self.host.port}", "Connection: close", *fields]
        if authorised:
            lines.append(f"Authorization: Bearer {self.host.token}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()
