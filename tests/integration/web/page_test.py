"""The page in a real Chromium: what a person sees and can do, light and dark, small and large."""

import random
import time
import unittest

from browser import SIZES, Browser
from host import REPOSITORY, RUNNING, Host, description, part, row, unit
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from wire import Wire

FIX = {"mode": 3, "latitude": 48.1173, "longitude": 11.516667, "devices": ["/dev/ttyUSB0"],
       "satellites": [{"prn": i, "gnss": 0 if i < 20 else 6, "elevation": i * 17 % 85 + 3, "azimuth": i * 67 % 360, "signal": 20 + i,
                       "used": i % 3 > 0} for i in range(2, 26, 2)]}
HOSTILE = "<img src=x onerror=document.title='owned'>"
TAK = part("tak", reason="sending to 2 outputs", rows=5555, outputs=[
    {"url": "udp+multicast://239.2.3.1:6969", "sent": 1234, "errors": 0},
    {"url": "tcp://tak.example:8087", "sent": 1200, "errors": 3, "problem": "connection refused"}])


def some_rows(count: int, seed: int = 3) -> list[str]:
    dice = random.Random(seed)
    names = ["HomeNet", "Cafe & Bar", "FRITZ!Box 7590", "", "Ünïcode 🎈", "eduroam", HOSTILE]
    return [row(f"02:00:00:00:{i // 256:02x}:{i % 256:02x}", names[i % len(names)], rssi=dice.randint(-92, -35),
                lat=48.1173 + dice.gauss(0, .0012), lon=11.516667 + dice.gauss(0, .0018), channel=dice.randint(1, 13),
                auth=dice.choice(["[ESS]", "[WPA2-PSK-CCMP][ESS]", "[WPA3-SAE-CCMP][ESS]"]), accuracy=dice.randint(3, 25))
            for i in range(count)]


class PageCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self) -> None:
        self.browser.get("about:blank")
        self.browser.complaints()  # of the last test, whose sensor is gone
        self.host = Host()
        self.addCleanup(self.host.close)
        self.browser.look()

    def log_in(self) -> None:
        self.browser.log_in(self.host.url, self.host.token)

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
            unit("radio@wlan2", part="radio@wlan2"), unit("scan", "activating", status_text="waiting for a frame")],
            parts=[part("radio@wlan2", reason="wlan2 in monitor mode")]))
        b.until("document.querySelector('[data-part=\"radio@wlan2\"]')?.textContent.includes('ready after')")
        b.until("document.querySelector('[data-part=scan]').textContent.includes('waiting, ')")
        self.host.tell(describe=RUNNING)
        b.until("document.querySelector('#state').textContent === 'Running'")
        self.assertIn("ready after", b.text("[data-part=scan]"))
        b.find_element(By.ID, "stop").click()
        self.assertEqual(self.host.asked(), "stop")

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
        wire = Wire(self.host.port)
        self.addCleanup(wire.close)
        b = self.browser
        b.log_in(wire.url, self.host.token)
        wire.cut()
        b.until("document.querySelector('#link').textContent.startsWith('Connection lost')")
        self.show_everything()
        self.host.until("/api/v1/aps?limit=1", lambda a: a["total"] == 120)
        wire.mend()
        b.until("document.querySelector('#link').textContent === 'Live'")
        # The session goes on, and what was missed comes after.
        self.assertTrue(b.execute_script("return document.querySelector('#login').hidden"))
        b.until("document.querySelector('#state').textContent === 'Running'")
        b.until("document.querySelector('#aps-count').textContent === '(120)'")

    def test_a_sensor_that_was_started_anew_asks_who_we_are(self) -> None:
        wire = Wire(self.host.port)
        self.addCleanup(wire.close)
        b = self.browser
        b.log_in(wire.url, self.host.token)
        wire.cut()
        b.until("document.querySelector('#link').textContent.startsWith('Connection lost')")
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
        wire = Wire(self.host.port)
        self.addCleanup(wire.close)
        b = self.browser
        b.log_in(wire.url, self.host.token)
        wire.cut()
        b.until("document.querySelector('#link').textContent.startsWith('Connection lost')")
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
        b.until("document.querySelector('[aria-sort=descending]').textContent.startsWith('dBm')")
        shown = b.execute_script("return [...document.querySelectorAll('#aps .grid-row:not([hidden])')].filter(r => r.ariaRowIndex)"
                                 ".sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map(r => +r.children[4].textContent)")
        self.assertEqual(shown, sorted(shown, reverse=True))
        b.find_element(By.ID, "aps-filter").send_keys("eduroam")
        b.until("document.querySelector('#aps-count').textContent === '(17 of 120)'")

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
    def test_five_thousand_access_points_at_five_hertz(self) -> None:
        self.host.tell(describe=RUNNING, gps=FIX)
        self.host.write_rows(*some_rows(5000))
        self.host.until("/api/v1/aps?limit=1", lambda a: a["total"] == 5000)
        self.log_in()
        self.browser.until("document.querySelector('#aps-count').textContent === '(5000)'")
        self.browser.watch_long_tasks()
        begin = time.monotonic()
        for i in range(50):
            # A thousand of them in each fifth of a second.
            self.host.write_rows(*some_rows(5000, seed=i)[(i % 5) * 1000:(i % 5 + 1) * 1000])
            time.sleep(max(0.0, begin + (i + 1) / 5 - time.monotonic()))
        tasks, frames = self.browser.long_tasks()
        print(f"{frames} frames, tasks over 50 ms: {tasks}")
        self.assertGreater(frames, 50)
        self.assertEqual(tasks, [])
        self.browser.picture("five-thousand", whole=False)


if __name__ == "__main__":
    unittest.main()
