"""The page in a real Chromium: what a person sees and can do, light and dark, small and large."""

import json
import math
import random
import shutil
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import contract

from browser import DEADLINE_S, SIZES, Browser
from host import REPOSITORY, RUNNING, Host, description, part, row, unit
from journal import write_journal
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from tiles import Tiles
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

    def show_everything(self) -> None:
        self.host.tell(describe=description("running", units=[unit("gps@ttyUSB0", part="gps@ttyUSB0", role="attached"), *RUNNING["units"]],
                                            parts=[part("gps@ttyUSB0", reason="NMEA at 4800 bit/s"), *RUNNING["parts"][:3], TAK]), gps=FIX)
        self.host.write_rows(*some_rows(120))


class Page(PageCase):
    def test_log_in_start_and_stop(self) -> None:
        b = self.browser
        b.delete_all_cookies()
        b.get(self.host.url)
        b.until("!document.querySelector('#login').hidden")
        self.assertEqual(b.violations(), [])
        b.find_element(By.ID, "token").send_keys("wrong" + Keys.ENTER)
        b.until("document.querySelector('#login-error').textContent.includes('stinkyctl token')")
        b.find_element(By.ID, "token").clear()
        b.find_element(By.ID, "token").send_keys(self.host.token + Keys.ENTER)
        b.until("document.querySelector('#link').textContent === 'Live'")
        self.assertEqual(b.text("#state"), "Stopped")
        self.assertEqual([c for c in b.complaints() if "401" not in c], [], "the wrong token is the only complaint")
        b.find_element(By.ID, "start").click()
        self.assertEqual(self.host.asked(), "start")
        self.host.tell(describe=description("starting", "waiting for scan", units=[
            unit("radio@wlan2", part="radio@wlan2", active_age_s=1.0), unit("scan", "activating", status_text="waiting for a frame")],
            parts=[part("radio@wlan2", reason="wlan2 in monitor mode")]))
        b.until("document.querySelector('[data-part=\"radio@wlan2\"]')?.textContent.includes('ready after')")
        b.until("document.querySelector('[data-part=scan]').textContent.includes('waiting, ')")
        self.host.tell(describe=description("running", units=[unit("radio@wlan2", part="radio@wlan2", active_age_s=2.0),
                                                             unit("scan", part="scan", active_age_s=0.1)]))
        b.until("document.querySelector('#state').textContent === 'Running'")
        self.assertIn("ready after", b.text("[data-part=scan]"))
        b.find_element(By.ID, "stop").click()
        self.assertEqual(self.host.asked(), "stop")

    def test_each_start_has_times_of_its_own(self) -> None:
        def time_of(name: str) -> str:
            return self.browser.text(f"[data-part={name}] .name + .soft")

        def tell(state: str, age: float, *units: dict) -> None:
            self.host.tell(describe=description(state, units=list(units), state_age_s=age))
            b.until(f"document.querySelector('#state-card').classList.contains('{state}')")
            b.until(f"document.querySelectorAll('#parts [data-part]').length === {len(units)}")

        b = self.browser
        self.log_in()
        tell("starting", 60.0, unit("scan", active_age_s=20.0), unit("tak", "activating"))
        # So it was when the page heard of it: a moment more or less for the way.
        self.assertRegex(time_of("scan"), "^ready after (39|40)[.]. s$")
        self.assertRegex(time_of("tak"), "^waiting, 6[0-9] s$")
        tell("failed", 1.0, unit("scan", active_age_s=30.0), unit("tak", "failed"))
        self.assertEqual(time_of("tak"), "fault")
        # The second start begins at nought, and who was up before has not become ready by it.
        tell("starting", 2.0, unit("scan", active_age_s=90.0), unit("tak", "activating"), unit("cgps", "failed"))
        self.assertRegex(time_of("tak"), "^waiting, [2-9] s$")
        self.assertEqual((time_of("scan"), time_of("cgps")), ("ok", "fault"))
        tell("running", 0.0, unit("scan", active_age_s=100.0), unit("tak", active_age_s=0.0))
        self.assertRegex(time_of("tak"), "^ready after [2-9][.]. s$")
        # Who is still awaited when the rest runs has a time; who is restarted later has none.
        tell("starting", 5.0, unit("scan", active_age_s=1.0), unit("tak", "activating"))
        tell("degraded", 0.0, unit("scan", active_age_s=1.0), unit("tak", "activating"))
        tell("degraded", 4.0, unit("scan", active_age_s=4.0), unit("tak", active_age_s=0.0), unit("cgps"))
        self.assertRegex(time_of("tak"), "^ready after [4-9][.]. s$")
        tell("degraded", 3600.0, unit("scan", "activating"), unit("tak", active_age_s=3600.0))
        self.assertEqual(time_of("scan"), "waiting")
        tell("running", 0.0, unit("scan", active_age_s=0.0), unit("tak", active_age_s=3600.0))
        self.assertEqual(time_of("scan"), "ok")

    def test_what_is_wrong_and_what_to_do(self) -> None:
        self.host.tell(describe=description("degraded", "no position: no GPS receiver", next_step="plug a GPS receiver in",
                                            units=[unit("scan", part="scan"), unit("tak", "failed", result="exit-code")],
                                            parts=[part("scan", "waiting", "no position: no GPS receiver")]))
        self.log_in()
        self.assertEqual(self.browser.text("#reason"), "no position: no GPS receiver")
        self.assertEqual(self.browser.text("#next-step"), "plug a GPS receiver in")
        self.assertEqual(self.browser.until("document.querySelector('[data-part=tak]').dataset.word"), "fault")
        self.browser.picture("degraded-phone")
        self.host.tell(refuse="polkit says no")
        self.host.request("POST", "/api/v1/restart")
        self.browser.until("document.querySelector('#request-error').textContent === 'polkit says no'")

    def test_the_connection_is_lost_and_mended(self) -> None:
        self.log_in()
        self.browser.execute_cdp_cmd("Network.enable", {})
        self.host.write_token("n" * 43)  # ends all streams and sessions
        self.browser.until("!document.querySelector('#login').hidden")
        self.host.token = "n" * 43
        self.log_in()
        port, root = self.host.port, self.host.root
        self.assertTrue(port and root)
        # The sensor goes away; the page says so and stays.
        self.host.close()
        self.browser.until("document.querySelector('#link').textContent.startsWith('Connection lost')")
        self.assertEqual(self.browser.text("#state"), "Stopped")

    def test_after_a_cut_it_goes_on_where_it_was(self) -> None:
        b, wire = self.browser, self.cut_off()
        self.show_everything()
        self.host.until("/api/v1/aps?limit=1", lambda a: a["total"] == 120)
        wire.mend()
        b.until("document.querySelector('#link').textContent === 'Live'")
        # The session goes on, and what was missed comes after.
        self.assertTrue(b.execute_script("return document.querySelector('#login').hidden"))
        b.until("document.querySelector('#state').textContent === 'Running'")
        b.until("document.querySelector('#aps-count').textContent === '(120)'")

    def test_a_sensor_that_falls_silent_is_lost_and_found(self) -> None:
        b = self.browser
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page"
            shutil.copytree(REPOSITORY / "controller/web/page", page)
            words = (page / "api.js").read_text()
            hasty = words.replace("longestSilence = 40000;", "longestSilence = 2000;")
            self.assertNotEqual(hasty, words)
            (page / "api.js").write_text(hasty)
            self.host = Host(page=page)
            self.addCleanup(self.host.close)
        self.host.tell(beat_ms=200)
        wire = self.wire()
        b.log_in(wire.url, self.host.token)
        # A quiet sensor is there as long as it beats.
        b.execute_script("window.said = new Set(); window.since = performance.now();"
                         "new MutationObserver(() => said.add(document.querySelector('#link').textContent))"
                         ".observe(document.querySelector('#link'), {childList: true})")
        b.until("performance.now() - since > 5000")
        self.assertEqual(b.execute_script("return [...said]"), [])
        wire.silence()
        b.until("document.querySelector('#link').textContent.startsWith('Connection lost')")
        self.show_everything()
        self.host.until("/api/v1/aps?limit=1", lambda a: a["total"] == 120)
        wire.mend()
        b.until("document.querySelector('#link').textContent === 'Live'")
        b.until("document.querySelector('#state').textContent === 'Running'")
        b.until("document.querySelector('#aps-count').textContent === '(120)'")

    def test_access_points_that_could_not_be_read_are_read_later(self) -> None:
        self.show_everything()
        self.host.until("/api/v1/aps?limit=1", lambda a: a["total"] == 120)
        b, wire = self.browser, self.wire()
        wire.refuse(b"GET /api/v1/aps")
        b.log_in(wire.url, self.host.token)
        WebDriverWait(b, DEADLINE_S, 0.05).until(lambda _: wire.refused > 0)
        # The stream does not notice.
        self.assertEqual((b.text("#link"), b.text("#aps-count")), ("Live", "(0)"))
        wire.refuse(None)
        b.until("document.querySelector('#aps-count').textContent === '(120)'")

    def test_a_sensor_that_was_started_anew_asks_who_we_are(self) -> None:
        b, wire = self.browser, self.cut_off()
        self.host.close()
        again = Host()
        self.addCleanup(again.close)
        again.tell(describe=RUNNING)
        wire.mend(again.port)
        b.until("!document.querySelector('#login').hidden")
        b.find_element(By.ID, "token").send_keys(again.token + Keys.ENTER)
        b.until("document.querySelector('#link').textContent === 'Live'")
        self.assertEqual(b.text("#state"), "Running")

    def test_a_sensor_that_was_started_anew_and_lets_everybody_look_is_followed(self) -> None:
        b, wire = self.browser, self.cut_off()
        again = Host("OPEN_READS=yes\n")
        self.addCleanup(again.close)
        again.tell(describe=RUNNING)
        again.write_rows(*some_rows(7))
        again.until("/api/v1/aps?limit=1", lambda a: a["total"] == 7)
        wire.mend(again.port)
        b.until("document.querySelector('#link').textContent === 'Live'")
        b.until("document.querySelector('#state').textContent === 'Running'")
        # Events of another run cannot be resumed: all is read anew.
        b.until("document.querySelector('#aps-count').textContent === '(7)'")

    def test_what_came_over_the_air_stays_text(self) -> None:
        self.show_everything()
        self.log_in()
        self.browser.until("document.querySelectorAll('#aps .scroll .grid-row').length > 5")
        self.browser.find_element(By.ID, "aps-filter").send_keys("onerror")
        self.browser.until("[...document.querySelectorAll('#aps [role=cell]')].some(c => c.textContent.startsWith('<img'))")
        self.assertFalse(self.browser.execute_script("return document.title.includes('owned')"))

    def test_access_points_on_the_map_and_in_the_table(self) -> None:
        self.show_everything()
        self.log_in()
        b = self.browser
        b.until("document.querySelector('#map-note').textContent === '120 of 120 access points on the map'")
        self.assertEqual(b.text("#aps-count"), "(120)")
        # Without tiles a scale and a grid.
        b.until("document.querySelector('.leaflet-control-scale-line')")
        b.find_element(By.CSS_SELECTOR, "[data-sort=rssi]").click()
        b.until("document.querySelector('[aria-sort=descending]')?.textContent.startsWith('dBm')")
        shown = b.execute_script("return [...document.querySelectorAll('#aps .grid-row:not([hidden])')].filter(r => r.ariaRowIndex)"
                                 ".sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map(r => +r.children[4].textContent)")
        self.assertEqual(shown, sorted(shown, reverse=True))
        b.find_element(By.ID, "aps-filter").send_keys("eduroam")
        b.until("document.querySelector('#aps-count').textContent === '(17 of 120)'")

    def test_the_map_has_images_where_there_are_some_and_a_grid_where_not(self) -> None:
        b = self.browser
        with Tiles() as tiles, Host(f"TILES_URL={tiles.url}\n") as host:
            host.tell(describe=RUNNING, gps=FIX)
            b.log_in(host.url, host.token)
            b.until("[...document.querySelectorAll('img.leaflet-tile')].filter(e => e.naturalWidth === 256).length > 3")
            # Around the sensor, at the zoom that it begins with.
            n = 2 ** 17
            x = int((FIX["longitude"] + 180) / 360 * n)
            y = int((1 - math.asinh(math.tan(math.radians(FIX["latitude"]))) / math.pi) / 2 * n)
            self.assertIn(f"/17/{x}/{y}.png", tiles.asked)
            self.assertEqual(b.complaints(), [])
            tiles.gone = True
            b.get(host.url)
            b.until("document.querySelector('#state').textContent === 'Running'")
            b.until("document.querySelectorAll('canvas.leaflet-tile').length > 3")
            self.assertEqual(b.execute_script("return [...document.querySelectorAll('img.leaflet-tile')].filter(e => e.naturalWidth).length"), 0)
            self.assertEqual([c for c in b.complaints() if "404" not in c], [], "no image came, none was forbidden")

    def test_the_map_draws_them_and_names_the_one_that_is_touched(self) -> None:
        self.host.tell(describe=RUNNING, gps=FIX)
        self.host.write_rows(row("02:00:00:00:00:07", HOSTILE, lat=FIX["latitude"], lon=FIX["longitude"]),
                             row("02:00:00:00:00:08", "beside it", lat=FIX["latitude"] + .0004, lon=FIX["longitude"]))
        self.log_in()
        b = self.browser
        b.until("document.querySelector('#map-note').textContent === '2 of 2 access points on the map'")
        place = b.find_element(By.ID, "map")
        b.execute_script("arguments[0].scrollIntoView({block: 'center'})", place)
        place.click()  # its middle, where the sensor is
        b.until("document.querySelector('.leaflet-popup-content')?.textContent.includes('02:00:00:00:00:07')")
        self.assertIn(HOSTILE, b.text(".leaflet-popup-content"))
        b.find_element(By.CSS_SELECTOR, ".leaflet-popup-close-button").click()
        b.until("!document.querySelector('.leaflet-popup')")
        for _ in range(2):
            b.until("!document.querySelector('.leaflet-dots-pane canvas').hidden")
            seen = place.screenshot_as_png
            b.execute_script("document.querySelector('.leaflet-dots-pane').style.visibility = 'hidden'")
            self.assertNotEqual(place.screenshot_as_png, seen, "without the dots it looks otherwise")
            b.execute_script("document.querySelector('.leaflet-dots-pane').style.visibility = ''")
            # At another zoom there is another picture.
            b.find_element(By.CSS_SELECTOR, ".leaflet-control-zoom-out").click()

    def test_circles_say_how_sure_a_place_is_where_few_are_in_sight(self) -> None:
        b = self.browser
        self.host.tell(describe=RUNNING, gps=FIX)
        lat, lon = FIX["latitude"], FIX["longitude"]
        self.host.write_rows(row("02:00:00:00:00:01", "here", rssi=-90, lat=lat, lon=lon, accuracy=300),
                             *(row(f"02:00:00:00:01:{i:02x}", "north", lat=lat + .05, lon=lon + i / 1e5) for i in range(200)),
                             *(row(f"02:00:00:00:02:{i:02x}", "north", lat=lat + .04, lon=lon + i / 1e5) for i in range(200)))
        self.log_in()
        b.until("document.querySelector('#map-note').textContent === '401 of 401 access points on the map'")

        def rim(zoom: int) -> int:
            """How opaque the picture is where the circle about the middle should be."""
            radius = 300 * 256 * 2 ** zoom / (40075016.686 * math.cos(math.radians(lat)))
            return b.execute_script("""
                const seen = document.querySelector('.leaflet-dots-pane canvas'), copy = document.createElement('canvas');
                if (seen.hidden) return -1;
                [copy.width, copy.height] = [seen.offsetWidth, seen.offsetHeight];
                const c = copy.getContext('2d');
                c.drawImage(seen, 0, 0, copy.width, copy.height);
                const middle = c.getImageData(copy.width / 2 + arguments[0] - 3, copy.height / 2, 7, 1).data;
                return Math.max(...middle.filter((_, i) => i % 4 === 3));""", round(radius))

        def zoom(which: str) -> None:
            b.find_element(By.CSS_SELECTOR, f".leaflet-control-zoom-{which}").click()
            b.until("!document.querySelector('.leaflet-dots-pane canvas').hidden")

        WebDriverWait(b, DEADLINE_S, 0.05).until(lambda _: rim(17) > 60, "a circle though there are hundreds elsewhere")
        b.picture("circles", whole=False)
        for _ in range(5):
            zoom("out")
        self.assertEqual(rim(12), 0, "with all in sight")
        for _ in range(5):
            zoom("in")
        self.assertGreater(rim(17), 60)

    def test_a_table_of_thousands_is_scrolled(self) -> None:
        self.host.write_rows(*some_rows(3000))
        self.host.until("/api/v1/aps?limit=1", lambda a: a["total"] == 3000)
        self.log_in()
        b = self.browser
        b.until("document.querySelector('#aps-count').textContent === '(3000)'")
        b.find_element(By.CSS_SELECTOR, "[data-sort=bssid]").click()
        b.until("document.querySelector('[aria-sort=ascending]')?.textContent.startsWith('Address')")
        b.execute_script("const s = document.querySelector('#aps .scroll'); s.scrollTop = s.scrollHeight")
        last = f"02:00:00:00:{2999 // 256:02x}:{2999 % 256:02x}"
        b.until(f"[...document.querySelectorAll('#aps .grid-row:not([hidden])')].some(r => +r.ariaRowIndex === 3001 && r.textContent.includes('{last}'))")
        self.assertLess(b.execute_script("return document.querySelectorAll('#aps .grid-row').length"), 60)

    def test_a_capture_is_listed_as_soon_as_it_is_written(self) -> None:
        b = self.browser
        # Without any polling.
        script = b.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "window.setInterval = () => 0"})
        self.addCleanup(b.execute_cdp_cmd, "Page.removeScriptToEvaluateOnNewDocument", script)
        self.log_in()
        b.until("document.querySelector('#captures').textContent === 'None yet.'")
        self.host.write_rows(*some_rows(2), name=CAPTURE)
        self.host.tell(describe=description("running", units=RUNNING["units"],
                                            parts=[part("scan", frames=5, capture=f"/var/lib/stinky/captures/{CAPTURE}")]))
        b.until(f"document.querySelector('#captures').textContent.includes('{CAPTURE}')")
        self.assertIn("being written", b.text("#captures"))
        # A part that counts on is no reason to ask again.
        asked = "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/api/v1/captures')).length"
        before = b.execute_script(f"return {asked}")
        self.host.tell(describe=description("running", "counted", units=RUNNING["units"],
                                            parts=[part("scan", frames=9, capture=f"/var/lib/stinky/captures/{CAPTURE}")]))
        b.until("document.querySelector('#reason').textContent === 'counted'")
        self.assertEqual(b.execute_script(f"return {asked}"), before)

    def test_the_last_lines_of_the_journal_are_there_and_new_ones_come(self) -> None:
        b = self.browser
        write_journal(self.host.root / "journal", "scan", *(f"line {i}" for i in range(120)))
        b.look("phone")
        self.log_in()
        # Far below what is in sight.
        b.until("document.querySelector('#logs').textContent.includes('scan: line 119')")
        self.assertEqual(b.execute_script("return document.querySelectorAll('#logs div').length"), 100)
        b.execute_script("document.querySelector('#logs').scrollIntoView()")
        b.until("performance.getEntriesByType('resource').length && document.querySelector('#logs').lastChild.textContent.endsWith('line 119')")
        for i in range(2):
            write_journal(self.host.root / "journal", "tak", f"news {i}")
            b.until(f"document.querySelector('#logs').lastChild.textContent.endsWith('tak: news {i}')")
        self.assertLessEqual(b.execute_script("return document.querySelectorAll('#logs div').length"), 102, "none twice")

    def test_a_journal_without_records_says_so(self) -> None:
        self.log_in()
        self.assertEqual(self.browser.until("getComputedStyle(document.querySelector('#logs'), '::before').content"), '"No records yet."')

    def test_tak_in_words(self) -> None:
        self.show_everything()
        self.log_in()
        self.browser.until("document.querySelectorAll('#tak li').length === 3")
        said = self.browser.execute_script("return [...document.querySelectorAll('#tak li .soft')].map(e => e.textContent)")
        self.assertEqual(said, [
            "2434 events sent · 5555 sightings read · 120 access points followed · 7 sightings of clients left out",
            "connected for 1 h 2 min · 1234 sent",
            "not connected · 1200 sent · 9 waiting · 4 held back by the rate limit · 3 dropped · connection refused"])

    def test_doctor_says_what_it_found_why_it_matters_and_what_mends_it(self) -> None:
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(self.host.get, "/api/v1/doctor")
            self.assertEqual(self.host.asked(), "doctor")
            self.host.tell(doctor=DOCTOR)
            contract.check("GET", "/api/v1/doctor", answer.result())
        b = self.browser
        self.log_in()
        for size, scheme in (("phone", "light"), ("desk", "dark")):
            b.look(size, scheme)
            b.find_element(By.ID, "doctor-run").click()
            self.assertEqual(self.host.asked(), "doctor")
            self.host.tell(doctor=DOCTOR)
            b.until("document.querySelector('#doctor li')")
            shown = b.execute_script("return [...document.querySelectorAll('#doctor li')].map(e => [e.querySelector('.mark').ariaLabel, e.textContent])")
            ranks = ["fault", "warning", "ok", "skipped"]
            expected = sorted(DOCTOR["checks"], key=lambda check: ranks.index(check["result"]))
            self.assertEqual([word for word, _ in shown], [check["result"] for check in expected])
            for check, (_, text) in zip(expected, shown):
                for key in ("check", "what", "why", "fix"):
                    self.assertIn(check[key], text)
            self.assertEqual(b.violations(), [])
            b.picture(f"doctor-{size}-{scheme}")
        # A doctor that cannot be had says why.
        b.find_element(By.ID, "doctor-run").click()
        self.assertEqual(self.host.asked(), "doctor")
        self.host.tell(doctor={"checks": [], "error": "the checks took more than a minute"})
        b.until("document.querySelector('#doctor').textContent === 'the checks took more than a minute'")

    def test_kismets_own_page_is_linked_where_it_can_be_reached(self) -> None:
        kismet = description(units=[unit("kismet", part="kismet")], parts=[part("kismet")])
        for listen, on_the_sensor, elsewhere in (
                ("127.0.0.1:2501", "http://127.0.0.1:2501/", None), ("localhost:99", "http://localhost:99/", None),
                ("0.0.0.0:2502", "http://127.0.0.1:2502/", "http://sensor.test:2502/"),
                ("192.0.2.9:2501", "http://192.0.2.9:2501/", "http://192.0.2.9:2501/")):
            with self.subTest(listen=listen), Host(f"KISMET_LISTEN={listen}\nWEB_HOSTS=sensor.test\nOPEN_READS=yes\n") as host:
                host.tell(describe=kismet)
                contract.check("GET", "/api/v1/status", host.get("/api/v1/status"))
                for name, link in (("127.0.0.1", on_the_sensor), ("sensor.test", elsewhere)):
                    self.browser.get(f"http://{name}:{host.port}/")
                    self.browser.until("document.querySelector('#state').textContent === 'Running'")
                    shown = self.browser.execute_script("const e = document.querySelector('#kismet'); return e.offsetParent && e.href")
                    self.assertEqual(shown, link)
                # Another scanner has no page.
                host.tell(describe=RUNNING)
                contract.check("GET", "/api/v1/status", host.get("/api/v1/status"))
                self.browser.until("document.querySelector('#kismet').hidden")

    def test_parts_that_nobody_asked_for_are_left_out(self) -> None:
        self.host.tell(describe=description("running", units=[
            *RUNNING["units"], unit("kismet", "inactive", role="bound"), unit("wigletotak", "failed", role="bound", result="exit-code"),
            unit("wigletotak-feed", "active", role="bound"), unit("cgps", "inactive")]))
        self.log_in()
        self.browser.until("document.querySelector('[data-part=tak]')")
        shown = self.browser.execute_script("return [...document.querySelectorAll('#parts li')].map(e => e.dataset.part)")
        self.assertEqual(shown, ["gps", "radio@wlan2", "scan", "tak", "wigletotak", "wigletotak-feed", "cgps"])

    def test_a_way_by_keyboard(self) -> None:
        self.show_everything()
        self.log_in()
        b = self.browser
        b.execute_script("document.activeElement.blur()")
        names = []
        for _ in range(12):
            b.switch_to.active_element.send_keys(Keys.TAB)
            names.append(b.execute_script("const e = document.activeElement; return e.id || e.dataset.sort || e.className"))
        for name in ("stop", "map", "aps-filter", "aps-security", "ssid"):
            self.assertIn(name, names)

    def test_pictures_and_accessibility(self) -> None:
        self.show_everything()
        self.log_in()
        for size in SIZES:
            for scheme in ("light", "dark"):
                with self.subTest(size=size, scheme=scheme):
                    self.browser.look(size, scheme)
                    self.browser.get(self.host.url)
                    self.browser.until("document.querySelector('#map-note').textContent.startsWith('120 of')")
                    # Two seconds of the charts.
                    self.browser.until("document.querySelectorAll('#charts b')[1].textContent !== 'none yet'")
                    wide = self.browser.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    self.assertLessEqual(wide, 0, "nothing sticks out")
                    small = self.browser.execute_script(
                        "return [...document.querySelectorAll('button, select, input')].filter(e => e.offsetParent && e.offsetHeight < 40)"
                        ".map(e => e.outerHTML.slice(0, 80))")
                    self.assertEqual(small, [], "as large as a thumb")
                    self.browser.picture(f"page-{size}-{scheme}")
                    self.assertEqual(self.browser.violations(), [])
        self.assertEqual(self.browser.complaints(), [])

    def test_it_is_small_and_paints_at_once(self) -> None:
        folder = REPOSITORY / "controller/web/page"
        self.assertLess(sum(f.stat().st_size for f in folder.iterdir()), 150_000)
        self.show_everything()
        self.log_in()
        paints = []
        for _ in range(5):
            self.browser.get(self.host.url)
            paints.append(self.browser.until("performance.getEntriesByName('first-contentful-paint')[0]?.startTime"))
        print(f"first contentful paint: {sorted(round(p) for p in paints)} ms")
        self.assertLess(min(paints), 300)


class Stutter(PageCase):
    traced = True

    def test_five_thousand_access_points_at_five_hertz(self) -> None:
        self.host.tell(describe=RUNNING, gps=FIX)
        self.host.write_rows(*some_rows(5000))
        self.host.until("/api/v1/aps?limit=1", lambda a: a["total"] == 5000)
        self.log_in()
        self.browser.until("document.querySelector('#aps-count').textContent === '(5000)'")
        self.browser.watch_long_tasks()
        self.browser.execute_script("performance.mark('rows begin')")
        begin = time.monotonic()
        for i in range(50):
            # A thousand of them in each fifth of a second.
            self.host.write_rows(*some_rows(5000, seed=i)[(i % 5) * 1000:(i % 5 + 1) * 1000])
            time.sleep(max(0.0, begin + (i + 1) / 5 - time.monotonic()))
        tasks, frames = self.browser.long_tasks()
        self.browser.execute_script("performance.mark('rows end')")
        self.assertEqual(self.browser.text("#map-note"), "5000 of 5000 access points on the map")
        busy = self.browser.busy("rows begin", "rows end")
        print(f"{frames} frames; longest of {len(busy)} tasks: {[round(ms, 1) for ms in busy[:5]]} ms of a processor, all {sum(busy):.0f} ms; "
              f"by the clock over 50 ms: {len(tasks)}, {sum(tasks)} ms")
        self.assertGreater(len(busy), 100)
        self.assertLess(busy[0], 50)
        # A tenth of the ten seconds: a phone is some times slower.
        self.assertLess(sum(busy), 1000)
        self.browser.picture("five-thousand", whole=False)


if __name__ == "__main__":
    unittest.main()
