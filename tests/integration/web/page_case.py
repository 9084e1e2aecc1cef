"""A browser with the page of a sensor that a test tells what to say."""

import json
import random
import shutil
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path

from browser import Browser
from host import REPOSITORY, RUNNING, Host, description, part, row, unit
from wire import Wire

FIX = {"mode": 3, "latitude": 48.1173, "longitude": 11.516667, "devices": ["/dev/ttyUSB0"],
       "satellites": [{"prn": i, "gnss": 0 if i < 20 else 6, "elevation": i * 17 % 85 + 3, "azimuth": i * 67 % 360, "signal": 20 + i,
                       "used": i % 3 > 0} for i in range(2, 26, 2)]}
HOSTILE = "<img src=x onerror=document.title='owned'>"
# As stinky-tak counts (helpers/tak/sender.cpp, converter.cpp).
OUTPUT = {"up": True, "sent": 1234, "queued": 0, "held_back": 0, "dropped": 0, "problem": "", "last_error": "", "connected_since_s": 3725.0}
TAK = part("tak", reason="sending to 2 outputs", rows=5555, rows_rejected={}, tracks=120, tracks_let_go=0, rows_of_clients_left_out=7,
           events=2434, capture="/var/lib/stinky/captures/x.wiglecsv", outputs=[
               {**OUTPUT, "url": "udp+multicast://239.2.3.1:6969"},
               {**OUTPUT, "url": "tcp://tak.example:8087", "up": False, "sent": 1200, "queued": 9, "held_back": 4, "dropped": 3,
                "problem": "connection refused", "connected_since_s": None}])

# What stinkyctl doctor --json said on a machine with much to say.
DOCTOR = json.loads((REPOSITORY / "tests/data/doctor.json").read_text())
CAPTURE = "stinky-20261124-10-00-00-1.wiglecsv"


def some_rows(count: int, seed: int = 3) -> list[str]:
    dice = random.Random(seed)
    names = ["HomeNet", "Cafe & Bar", "FRITZ!Box 7590", "", "Ünïcode 🎈", "eduroam", HOSTILE]
    return [row(f"02:00:00:00:{i // 256:02x}:{i % 256:02x}", names[i % len(names)], rssi=dice.randint(-92, -35),
                lat=48.1173 + dice.gauss(0, .0012), lon=11.516667 + dice.gauss(0, .0018), channel=dice.randint(1, 13),
                auth=dice.choice(["[ESS]", "[WPA2-PSK-CCMP][ESS]", "[WPA3-SAE-CCMP][ESS]"]), accuracy=dice.randint(3, 25))
            for i in range(count)]


class PageCase(unittest.TestCase):
    traced = False

    @classmethod
    def setUpClass(cls) -> None:
        cls.browser = Browser(traced=cls.traced)
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self) -> None:
        self.browser.get("about:blank")
        self.browser.complaints()  # of the last test, whose sensor is gone
        self.host = Host()
        self.addCleanup(self.host.close)
        self.browser.look()

    def change_page(self, name: str, change: Callable[[str], str]) -> None:
        """A sensor with another file in its page."""
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page"
            shutil.copytree(REPOSITORY / "controller/web/page", page)
            file = page / name
            before = file.read_text()
            file.write_text(change(before))
            self.assertNotEqual(file.read_text(), before)
            self.host = Host(page=page)
        self.addCleanup(self.host.close)

    def log_in(self) -> None:
        self.browser.log_in(self.host.url, self.host.token)

    def wire(self) -> Wire:
        wire = Wire(self.host.port)
        self.addCleanup(wire.close)
        return wire

    def cut_off(self) -> Wire:
        """Logs in over a wire and cuts it."""
        wire = self.wire()
        self.browser.log_in(wire.url, self.host.token)
        wire.cut()
        self.browser.until("document.querySelector('#link').textContent.startsWith('Connection lost')")
        return wire

    def assert_as_large_as_a_thumb(self) -> None:
        self.assertEqual(self.browser.execute_script(
            "return [...document.querySelectorAll('button, select, input, #map a')].filter(e => e.offsetParent && e.offsetHeight < 40)"
            ".map(e => e.outerHTML.slice(0, 80))"), [])

    def show_everything(self) -> None:
        self.host.tell(describe=description("running", units=[unit("gps@ttyUSB0", part="gps@ttyUSB0", role="attached"), *RUNNING["units"]],
                                            parts=[part("gps@ttyUSB0", reason="NMEA at 4800 bit/s"), *RUNNING["parts"][:3], TAK]), gps=FIX)
        self.host.write_rows(*some_rows(120))
