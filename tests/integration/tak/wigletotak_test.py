"""stinky-wigletotak against a server with WigleToTAK's routes, and against copies that lack something."""

import http.server
import json
import os
import queue
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from harness import BUILD, DEADLINE_S, HEAD, row


class StandIn:
    """Keeps to the routes: 200 for what the original takes, 400 and 404 for the rest."""

    KEYS = {"/update_analysis_mode": {"mode"}, "/update_multicast_state": {"takMulticast"},
            "/update_tak_settings": {"tak_server_ip", "tak_server_port"}, "/stop_broadcast": set(),
            "/start_broadcast": {"directory", "filename"}, "/add_to_blacklist": {"mac", "argb_value"}}

    def __init__(self) -> None:
        self.requests: queue.Queue[tuple[str, dict]] = queue.Queue()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                keys = outer.KEYS.get(self.path)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                good = keys is not None and keys == set(body) and self.headers["Content-Type"] == "application/json"
                if self.path == "/start_broadcast":
                    good = good and os.path.exists(os.path.join(body["directory"], body["filename"]))
                self.send_response(200 if good else 404 if keys is None else 400)
                self.end_headers()
                self.wfile.write(b"{}")
                outer.requests.put((self.path, body))

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self) -> tuple[str, dict]:
        return self.requests.get(timeout=DEADLINE_S)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class WigleToTak(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def settings(self, text: str) -> Path:
        path = self.directory / "stinky.conf"
        path.write_text(text)
        return path

    def test_each_capture_is_broadcast_with_positions_where_the_original_looks_for_them(self) -> None:
        original = StandIn()
        self.addCleanup(original.close)
        captures, fed = self.directory / "captures", self.directory / "fed"
        captures.mkdir()
        fed.mkdir()
        (captures / "a.wiglecsv").write_text(HEAD + row(1, "Cafe & Bar\\054 <1>", lat=47.64, lon=-122.33))
        settings = self.settings('TAK_OUTPUTS="udp+multicast://239.2.3.1:6969 udp://10.0.0.9:4242"\n'
                                 "TAK_IGNORE=secret\nTAK_HIGHLIGHT=wanted=red\n")
        process = subprocess.Popen([BUILD / "bin/stinky-wigletotak", "--config", settings, "feed", "--captures", captures,
                                    "--directory", fed, "--status-directory", "", "--url", original.url],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, DEADLINE_S)
        self.addCleanup(process.terminate)
        self.assertEqual(original.next(), ("/update_analysis_mode", {"mode": "realtime"}))
        self.assertEqual(original.next(), ("/update_multicast_state", {"takMulticast": True}))
        self.assertEqual(original.next(),
                         ("/update_tak_settings", {"tak_server_ip": "10.0.0.9", "tak_server_port": "4242"}))
        self.assertEqual(original.next()[0], "/stop_broadcast")
        self.assertEqual(original.next(), ("/start_broadcast", {"directory": str(fed), "filename": "a.wiglecsv"}))
        with (captures / "a.wiglecsv").open("a") as file:
            file.write(row(2, "secret") + row(3, "wanted"))
        self.assertEqual(original.next(), ("/add_to_blacklist", {"mac": "00:00:00:00:00:03", "argb_value": "-65536"}))
        # As the original reads it: eleven fields by position, names into XML as they are.
        lines = self.lines_of(fed / "a.wiglecsv", 4)
        fields = lines[2].split(",")
        self.assertEqual(len(fields), 11)
        self.assertEqual(fields[0:2], ["00:00:00:00:00:01", "Cafe &amp; Bar&#44; &lt;1&gt;"])
        self.assertEqual(fields[6:8], ["47.640000", "-122.330000"])
        self.assertEqual(lines[3].split(",")[1], "wanted", "what is ignored is not fed")
        (captures / "b.wiglecsv").write_text(HEAD + row(4))
        self.assertEqual(original.next()[0], "/stop_broadcast")
        self.assertEqual(original.next(), ("/start_broadcast", {"directory": str(fed), "filename": "b.wiglecsv"}))

    def lines_of(self, path: Path, count: int) -> list[str]:
        """Its lines, when it has as many: rows are written after the request that colours them."""
        for _ in range(DEADLINE_S * 20):
            lines = path.read_text().splitlines()
            if len(lines) >= count:
                return lines
            threading.Event().wait(0.05)
        self.fail(f"{path} has not {count} lines, but {lines}")

    def check(self, directory: str) -> tuple[int, str]:
        done = subprocess.run([BUILD / "bin/stinky-wigletotak", "--config",
                               self.settings(f"WIGLETOTAK_DIR={directory}\n"), "check"],
                              capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        return done.returncode, done.stderr

    def test_what_a_copy_lacks_is_said_in_a_sentence(self) -> None:
        copy = self.directory / "copy"
        for step, sentence in ((lambda: None, "is not there"),
                               (copy.mkdir, "holds no WigletoTAK.py"),
                               ((copy / "WigletoTAK.py").touch, "venv has no Python: make it by"),
                               (lambda: ((copy / "venv/bin").mkdir(parents=True), (copy / "venv/bin/python").touch()),
                                "venv has no Flask: install it by")):
            step()
            code, said = self.check(str(copy))
            self.assertEqual(code, 78)
            self.assertIn(sentence, said)
        (copy / "venv/lib/python3.11/site-packages/flask").mkdir(parents=True)
        self.assertEqual(self.check(str(copy)), (0, ""))
        self.assertIn("WIGLETOTAK_DIR= is not set", self.check("")[1])


if __name__ == "__main__":
    unittest.main()
