"""stinky-kismet-config as the unit calls it."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ["STINKY_KISMET_CONFIG"]


class KismetConfig(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "stinky.conf").write_text("SCAN_MIN_MEMORY=100M\n")

    def call(self, *arguments: object) -> subprocess.CompletedProcess:
        return subprocess.run([PROGRAM, "--config", self.folder / "stinky.conf", *arguments], capture_output=True,
                              text=True, check=False)

    def write(self) -> subprocess.CompletedProcess:
        return self.call("write", "--interface", "lo", "--output", self.folder / "override", "--login",
                         self.folder / "login", "--group", "", "--user-config", self.folder / "kismet.conf")

    def test_write_makes_a_private_file_and_the_same_again(self) -> None:
        written = self.write()
        self.assertEqual(written.returncode, 0, written.stderr)
        first = (self.folder / "override").read_text()
        password = (self.folder / "login").read_text().strip().split(":")[1]
        self.assertIn(f"httpd_password={password}\n", first)
        self.assertEqual((self.folder / "override").stat().st_mode & 0o777, 0o640)
        self.write()
        self.assertEqual((self.folder / "override").read_text(), first)

    def test_an_unknown_setting_of_the_user_stops_the_start(self) -> None:
        (self.folder / "kismet.conf").write_text("log_title=mine\nhttpd_autologin=true\n")
        written = self.write()
        self.assertEqual(written.returncode, 78)
        self.assertIn("kismet.conf:2: httpd_autologin: Kismet has no such setting; the nearest that it has is ",
                      written.stderr)
        self.assertFalse((self.folder / "override").exists())

    def test_lint(self) -> None:
        (self.folder / "good").write_text("log_title=x\n")
        (self.folder / "bad").write_text("log_titel=x\n")
        self.assertEqual(self.call("lint", self.folder / "good").returncode, 0)
        bad = self.call("lint", self.folder / "good", self.folder / "bad")
        self.assertEqual(bad.returncode, 78)
        self.assertIn("log_title", bad.stderr)

    def test_lint_for_programs(self) -> None:
        (self.folder / "good").write_text("log_types=kismet,wiglecsv\n")
        (self.folder / "bad").write_text("\nlog_titel=x\n")
        both = self.call("lint", "--json", self.folder / "good", self.folder / "bad")
        self.assertEqual(both.returncode, 78)
        good, bad = json.loads(both.stdout)
        self.assertEqual((good["problems"], good["log_types"]), ([], ["kismet", "wiglecsv"]))
        self.assertEqual((bad["problems"][0]["line"], bad["log_types"]), (2, None))
        self.assertIn("log_title", bad["problems"][0]["message"])
        self.assertEqual(self.call("lint", "--json", self.folder / "good").returncode, 0)

    def test_memory_leaves_a_marker_when_there_is_too_little(self) -> None:
        meminfo, marker = self.folder / "meminfo", self.folder / "marker"
        meminfo.write_text(f"MemTotal: 1 kB\nMemAvailable: {99 * 1024} kB\n")
        self.assertEqual(self.call("memory", "--marker", marker, "--meminfo", meminfo).returncode, 1)
        self.assertEqual(marker.read_text(),
                         "in place of Kismet: 99 MB of memory available, SCAN_MIN_MEMORY is 100 MB\n")
        meminfo.write_text(f"MemTotal: 1 kB\nMemAvailable: {100 * 1024} kB\n")
        self.assertEqual(self.call("memory", "--marker", marker, "--meminfo", meminfo).returncode, 0)
        self.assertFalse(marker.exists())
        self.assertEqual(self.call("memory", "--marker", marker, "--meminfo", self.folder / "none").returncode, 255)


if __name__ == "__main__":
    unittest.main()
