"""The curl lines of README.md, run as they stand. Only the environment is ours: stinkyctl gives this sensor's token, and curl's
own settings lead localhost:5000 to this sensor's port and have the answer's head written down."""

import os
import re
import subprocess
import tempfile
import unittest
from email.message import Message
from pathlib import Path

import contract
from host import REPOSITORY, RUNNING, Answer, Host, row

# By method, path and what is asked for.
EXPECTED = {
    ("GET", "/api/v1/status"): (200, "application/json"),
    ("POST", "/api/v1/start"): (202, "application/json"),
    ("GET", "/api/v1/aps?sort=rssi&limit=5"): (200, "application/json"),
    ("GET", "/api/v1/aps"): (200, "application/geo+json"),
    ("GET", "/api/v1/events"): (200, "text/event-stream"),
    ("GET", "/metrics"): (200, "text/plain"),
}
CURL_TIMED_OUT = 28
DEADLINE_S = 60


def block() -> list[str]:
    """The lines of the README's shell block that calls port 5000."""
    for text in re.findall(r"^```sh\n(.*?)^```", (REPOSITORY / "README.md").read_text(), re.MULTILINE | re.DOTALL):
        if "curl " in text:
            return text.splitlines()
    raise AssertionError("README.md has no block with curl")


class Readme(unittest.TestCase):
    def setUp(self) -> None:
        self.host = Host()
        self.addCleanup(self.host.close)
        self.host.tell(describe=RUNNING)
        self.host.write_rows(row("02:00:00:00:00:01", "Home"), row("02:00:00:00:00:02", "Cafe", rssi=-40))
        self.host.until("/api/v1/aps", lambda a: a["total"] == 2)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name, script in (("sudo", 'exec "$@"'), ("stinkyctl", f'test "$*" = token && echo {self.host.token}')):
            (self.folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (self.folder / name).chmod(0o755)
        (self.folder / ".curlrc").write_text(f"connect-to = localhost:5000:127.0.0.1:{self.host.port}\n"
                                             f"dump-header = {self.folder}/head\n")

    def run_lines(self, *lines: str) -> tuple[int, Answer]:
        ran = subprocess.run(["/bin/sh", "-c", "\n".join(lines)], capture_output=True, check=False, timeout=DEADLINE_S,
                             env={"PATH": f"{self.folder}:{os.environ['PATH']}", "CURL_HOME": str(self.folder)})
        first, *fields = (self.folder / "head").read_text().splitlines()
        headers = Message()
        for field in fields:
            name, _, value = field.partition(": ")
            if name:
                headers[name] = value
        return ran.returncode, Answer(int(first.split()[1]), headers, ran.stdout)

    def test_every_curl_line_works_as_it_stands(self) -> None:
        token, *lines = block()
        self.assertEqual(token, "TOKEN=$(sudo stinkyctl token)")
        met = set()
        for line in lines:
            with self.subTest(line=line):
                method = re.search(r"-X (\w+)", line)[1] if " -X " in line else "GET"
                path = re.search(r"http://localhost:5000([^' ]*)", line)[1]
                met.add((method, path))
                code, answer = self.run_lines(token, line)
                self.assertEqual((answer.status, answer.headers["Content-Type"].split(";")[0]), EXPECTED[method, path])
                self.assertEqual(code, CURL_TIMED_OUT if "--max-time" in line else 0)
                contract.check(method, path, answer)
        self.assertEqual(met, set(EXPECTED))

    def test_what_they_bring(self) -> None:
        answers = {line: self.run_lines(block()[0], line)[1] for line in block()[1:] if "/events" not in line}
        bring = next(a for line, a in answers.items() if "sort=rssi" in line)
        self.assertEqual([p["ssid"] for p in bring.json["items"]], ["Cafe", "Home"])
        places = next(a for line, a in answers.items() if "geo+json" in line)
        self.assertEqual(len(places.json["features"]), 2)
        self.assertEqual(self.host.asked(), "start")
        stream = next(line for line in block() if "/events" in line)
        self.assertIn(b"event: status\n", self.run_lines(block()[0], stream)[1].body)

    def test_a_wrong_token_would_be_seen(self) -> None:
        code, answer = self.run_lines("TOKEN=wrong", block()[1])
        self.assertEqual((code, answer.status), (0, 401))


if __name__ == "__main__":
    unittest.main()
