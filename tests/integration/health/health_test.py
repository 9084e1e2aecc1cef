"""stinky-health with systemd's side of sd_notify, and a Kismet that fails in every way that a real one does."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from collections.abc import Iterator
from pathlib import Path

HEALTH = os.environ["STINKY_HEALTH"]
SIM_KISMET = os.environ["SIM_KISMET"]
# A busy machine is slow; no deadline here says anything about speed.
DEADLINE_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command_lines() -> Iterator[tuple[int, bytes]]:
    """Of each process that does not end meanwhile."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                yield int(entry.name), (entry / "cmdline").read_bytes()


class Service(unittest.TestCase):
    """Runs a command under stinky-health and hears what systemd would."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        self.notify.bind(str(self.folder / "notify"))
        self.said: list[str] = []

    def run_under(self, check: str, command: list[str], *options: str, watchdog_s: float = 0, timeout_s: float = 0.5) -> subprocess.Popen:
        environment = dict(os.environ, NOTIFY_SOCKET=str(self.folder / "notify"))
        if watchdog_s:
            environment["WATCHDOG_USEC"] = str(int(watchdog_s * 1e6))
        # The checker is nobody's child that could be waited for: its end is the end of a pipe that it inherits.
        alive, inherited = os.pipe()
        log = self.folder / "log"
        with log.open("ab") as errors:
            process = subprocess.Popen(
                [HEALTH, "--check", check, "--part", "tested", "--interval", "0.2", "--timeout", str(timeout_s),
                 "--status-directory", str(self.folder), *options, "--", *command],
                env=environment, pass_fds=[inherited], stderr=errors)
        os.close(inherited)
        # An end is nothing to complain about.
        self.addCleanup(lambda: self.assertNotIn("timer", log.read_text()))
        self.addCleanup(os.close, alive)
        self.addCleanup(os.read, alive, 1)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def hear(self, beginning: str, deadline_s: float = DEADLINE_S) -> str:
        """The next message with a line that begins so."""
        end = time.monotonic() + deadline_s
        while True:
            self.notify.settimeout(max(end - time.monotonic(), 0.01))
            try:
                message = self.notify.recv(4096).decode()
            except TimeoutError:
                self.fail(f"no {beginning!r} within {deadline_s:g} s; heard: {self.said[-10:]}")
            self.said.append(message)
            for line in message.splitlines():
                if line.startswith(beginning):
                    return line

    def silent(self, word: str, seconds: float) -> None:
        """Nothing that begins so is said for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.notify.settimeout(left)
            try:
                message = self.notify.recv(4096).decode()
            except TimeoutError:
                return
            self.said.append(message)
            self.assertFalse(message.startswith(word), message)

    def drain(self) -> None:
        self.notify.settimeout(0.01)
        try:
            while True:
                self.said.append(self.notify.recv(4096).decode())
        except TimeoutError:
            pass

    def report(self) -> dict:
        return json.loads((self.folder / "tested.json").read_text())

    def wait_for_no_report(self) -> None:
        end = time.monotonic() + DEADLINE_S
        while (self.folder / "tested.json").exists():
            self.assertLess(time.monotonic(), end, "the checker outlives its program")
            time.sleep(0.05)


class TcpAndHttp(Service):
    def test_the_program_is_the_process_that_systemd_started(self) -> None:
        os.mkfifo(self.folder / "pid")
        process = self.run_under("tcp:127.0.0.1:1", ["sh", "-c", f"echo $$ $NOTIFY_SOCKET $WATCHDOG_USEC > {self.folder}/pid; exec sleep 60"],
                                 watchdog_s=5)
        process_folder = Path(f"/proc/{process.pid}/cwd")
        self.assertTrue(process_folder.exists())
        # Reading the FIFO waits for the program to have written it.
        self.assertEqual((self.folder / "pid").read_text().split(), [str(process.pid)], "the same PID, and nothing to notify with")
        self.hear("STATUS=waiting: no connection to 127.0.0.1:1: Connection refused")

    def test_tcp_is_ready_when_the_port_is_open(self) -> None:
        port = free_port()
        process = self.run_under(f"tcp:127.0.0.1:{port}", ["sleep", "60"])
        self.hear("STATUS=waiting: no connection")
        self.silent("READY", 0.5)
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", port))
            server.listen(64)
            self.hear("READY=1")
            self.hear("WATCHDOG=1")
            self.assertEqual(self.report()["state"], "ok")
        self.hear("STATUS=fault: no connection")
        self.drain()
        self.silent("WATCHDOG", 1)
        process.send_signal(signal.SIGTERM)
        self.wait_for_no_report()

    def test_http_wants_a_good_answer(self) -> None:
        port = free_port()
        server = subprocess.Popen(["python3", "-m", "http.server", "--bind", "127.0.0.1", str(port)], cwd=self.folder,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.run_under(f"http://127.0.0.1:{port}/missing", ["sleep", "60"])
        self.hear(f"STATUS=waiting: http://127.0.0.1:{port}/missing answers with status 404")
        self.silent("READY", 0.5)
        (self.folder / "missing").write_text("now there")
        self.hear("READY=1")
        server.send_signal(signal.SIGSTOP)
        self.hear("STATUS=fault: no answer")
        server.send_signal(signal.SIGCONT)

    def test_an_endless_answer_is_cut(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        self.run_under(f"http://127.0.0.1:{listener.getsockname()[1]}/", ["sleep", "60"], timeout_s=20)
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with self.assertRaises(OSError):
                for _ in range(1024):
                    client.sendall(bytes(65536))
        self.hear("STATUS=waiting: no answer")
        self.assertIn("too long", self.said[-1])

    def test_a_program_that_ends_takes_the_checker_along(self) -> None:
        process = self.run_under("tcp:127.0.0.1:1", ["sleep", "60"])
        self.hear("STATUS=waiting: no connection")
        process.kill()
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.hear("STATUS=")
        self.assertIn("ended before it was ready", self.said[-1])
        self.wait_for_no_report()

    def test_the_reason_is_said_also_when_the_checker_is_told_to_end_at_the_same_time(self) -> None:
        process = self.run_under("tcp:127.0.0.1:1", ["sleep", "60"])
        self.hear("STATUS=waiting: no connection")
        checker = next(pid for pid, line in command_lines() if os.fsencode(self.folder) in line and pid != process.pid)
        # It finds both when it goes on, as when systemd ends a unit whose program has ended.
        os.kill(checker, signal.SIGSTOP)
        process.kill()
        process.wait()
        os.kill(checker, signal.SIGTERM)
        os.kill(checker, signal.SIGCONT)
        self.hear("STATUS=")
        self.assertIn("ended before it was ready", self.said[-1])
        self.wait_for_no_report()

    def test_what_cannot_be_run_says_so(self) -> None:
        os.mkfifo(self.folder / "pid")
        process = self.run_under("tcp:127.0.0.1:1", ["/nonexistent/program"])
        self.assertEqual(process.wait(), 127)

    def test_wrong_calls(self) -> None:
        for arguments in ([], ["--check", "kismet"], ["--check", "ftp://x/", "--", "true"],
                          ["--check", "tcp:127.0.0.1:99999", "--", "true"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(subprocess.run([HEALTH, *arguments], capture_output=True, check=False).returncode, 64)


class Kismet(Service):
    def setUp(self) -> None:
        super().setUp()
        port = free_port()
        self.state_file = self.folder / "state"
        self.set("ok")
        (self.folder / "login").write_text("stinky:secret word\n")
        (self.folder / "override").write_text(
            f"httpd_port={port}\nhttpd_username=stinky\nhttpd_password=secret word\nlog_prefix={self.folder}\n"
            "log_title=stinky\n")
        os.environ["SIM_KISMET_STATE"] = str(self.state_file)
        self.options = ("--url", f"http://127.0.0.1:{port}", "--login", str(self.folder / "login"), "--silence", "1",
                        "--captures", str(self.folder))

    def set(self, state: str) -> None:
        new = self.folder / "state.new"
        new.write_text(state)
        new.rename(self.state_file)

    def start(self, **keywords: float) -> subprocess.Popen:
        return self.run_under("kismet", [SIM_KISMET, "--no-ncurses", "--override", str(self.folder / "override")],
                              *self.options, **keywords)

    def test_every_state_and_back(self) -> None:
        self.set("starting")
        process = self.start(watchdog_s=2)
        self.hear("STATUS=waiting: Kismet does not answer")
        self.silent("READY", 0.5)
        self.set("no-source")
        self.hear("STATUS=waiting: Kismet has no source to capture from")
        self.set("error")
        self.hear("STATUS=waiting: Kismet cannot capture on wlan2: Failed to bring up interface 'wlan2', errno 132")
        self.set("still")
        self.hear("STATUS=waiting: Kismet waits for the first packets of wlan2")
        self.silent("READY", 0.5)
        self.set("ok")
        self.hear("READY=1")
        self.hear("WATCHDOG=1")
        report = self.report()
        self.assertEqual((report["state"], report["reason"]), ("ok", "Kismet captures on wlan2"))
        self.assertEqual(report["counters"]["memory_kb"], 29248)
        self.assertEqual(report["counters"]["gps_fix"], 3)
        for state, reason in (("still", "Kismet has had no packet from wlan2"), ("no-log", "Kismet has no wiglecsv log open"),
                              ("refuse", "Kismet refuses our login"), ("hang", "Kismet does not answer"),
                              ("error", "Kismet cannot capture on wlan2")):
            with self.subTest(state=state):
                self.set(state)
                self.hear(f"STATUS=fault: {reason}")
                self.drain()
                self.silent("WATCHDOG", 0.6)
                self.set("ok")
                self.hear("STATUS=ok: Kismet captures on wlan2")
                self.hear("WATCHDOG=1")
        self.set("die")
        self.assertEqual(process.wait(timeout=DEADLINE_S), 1)
        self.hear("STATUS=fault: tested ended")
        self.wait_for_no_report()

    def test_a_full_capture_is_followed_by_a_new_one(self) -> None:
        (self.folder / "stinky.conf").write_text("CAPTURE_ROTATE_SIZE=64K\nCAPTURE_KEEP_FREE=1M\n")
        self.options += ("--config", str(self.folder / "stinky.conf"))
        self.start()
        self.hear("READY=1")
        first = self.folder / "stinky-20261123-05-07-07-1.wiglecsv"
        with first.open("ab") as file:
            file.write(b"x" * 65535 + b"\n")
        second = self.folder / "stinky-20261123-05-07-07-2.wiglecsv"
        end = time.monotonic() + DEADLINE_S
        while self.report()["counters"].get("capture") != str(second):
            self.assertLess(time.monotonic(), end, "no new capture")
            time.sleep(0.05)
        size = first.stat().st_size
        self.hear("WATCHDOG=1")
        self.drain()
        self.hear("WATCHDOG=1")
        self.assertEqual(first.stat().st_size, size, "the old one is closed")
        self.assertGreater(second.stat().st_size, 0)

    def test_a_disk_that_is_nearly_full_stops_the_log_and_not_kismet(self) -> None:
        (self.folder / "stinky.conf").write_text("CAPTURE_KEEP_FREE=1000T\n")
        self.options += ("--config", str(self.folder / "stinky.conf"))
        self.start()
        self.hear("STATUS=degraded: nothing is captured: ")
        self.hear("WATCHDOG=1")
        size = sum(path.stat().st_size for path in self.folder.glob("*.wiglecsv"))
        self.drain()
        self.hear("WATCHDOG=1")
        self.assertEqual(sum(path.stat().st_size for path in self.folder.glob("*.wiglecsv")), size)

    def test_a_login_that_comes_late_is_read(self) -> None:
        login = (self.folder / "login").read_text()
        (self.folder / "login").unlink()
        self.start()
        self.hear("STATUS=waiting: Kismet refuses our login")
        (self.folder / "login").write_text(login)
        self.hear("READY=1")


if __name__ == "__main__":
    unittest.main()
