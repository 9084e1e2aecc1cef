"""What the page tells of its sensor, and lets a person do, in a real Chromium."""

import math
import os
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import contract
from browser import DEADLINE_S
from host import RUNNING, Host, description, part, row, unit
from journal import write_journal
from page_case import CAPTURE, DOCTOR, FIX, PageCase, some_rows
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


class Page(PageCase):
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

    def test_a_capture_is_taken_home_and_deleted(self) -> None:
        b = self.browser
        old = "stinky-20261123-10-00-00-1.wiglecsv"
        self.host.write_rows(*some_rows(20), name=old)
        os.utime(self.host.captures / old, (time.time() - 3600,) * 2)
        self.host.write_rows(*some_rows(3), name=CAPTURE)
        self.host.tell(describe=description("running", units=RUNNING["units"],
                                            parts=[part("scan", frames=5, capture=f"/var/lib/stinky/captures/{CAPTURE}")]))
        self.log_in()
        b.until("document.querySelectorAll('#captures li').length === 2")
        with tempfile.TemporaryDirectory() as folder:
            b.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
            b.find_element(By.CSS_SELECTOR, f"#captures a[download='{old}']").click()
            WebDriverWait(b, DEADLINE_S, 0.05).until(lambda _: (Path(folder) / old).exists())
            self.assertEqual((Path(folder) / old).read_bytes(), (self.host.captures / old).read_bytes())
        # The one that is being written cannot be deleted, the other one after a second thought.
        buttons = b.find_elements(By.CSS_SELECTOR, "#captures button")
        self.assertEqual([e.get_attribute("aria-label") for e in buttons], [f"Delete {old}"])
        buttons[0].click()
        b.switch_to.alert.dismiss()
        self.assertTrue((self.host.captures / old).exists())
        buttons[0].click()
        self.assertIn(old, b.switch_to.alert.text)
        b.switch_to.alert.accept()
        b.until("document.querySelectorAll('#captures li').length === 1")
        self.assertFalse((self.host.captures / old).exists())
        self.assertTrue((self.host.captures / CAPTURE).exists())

    def test_the_sky_as_it_is_seen(self) -> None:
        self.host.tell(gps={**FIX, "satellites": [
            {"prn": 1, "gnss": 0, "elevation": 30, "azimuth": 100, "used": True},
            {"prn": 2, "gnss": 6, "elevation": 60, "azimuth": 190, "used": False},
            {"prn": 3, "gnss": 0, "elevation": -5, "azimuth": 225, "used": False}]})
        self.log_in()
        b = self.browser
        b.until("document.querySelector('#sky').getAttribute('aria-label') === 'Sky plot: 1 of 3 satellites used (GPS, GLONASS)'")

        def colour(elevation: float, azimuth: float, left: float) -> list[int]:
            """Of the plot, so many pixels left of a place in the sky."""
            far, angle = (220 / 2 - 14) * (90 - elevation) / 90, math.radians(azimuth)
            return b.execute_script("return [...document.querySelector('#sky').getContext('2d').getImageData(...arguments, 1, 1).data]",
                                    round(110 + far * math.sin(angle) - left), round(110 - far * math.cos(angle)))

        self.assertEqual(colour(30, 100, 6), [0x10, 0x66, 0x3a, 255], "the one that is used")
        self.assertEqual(colour(60, 190, 6), [255, 255, 255, 255], "the one that is not")
        self.assertEqual(colour(-5, 225, 0)[3], 0, "the one below the horizon")
        self.assertEqual(colour(30, 280, 6)[3], 0, "nothing on the other side")

    def test_what_the_receiver_says(self) -> None:
        b = self.browser
        self.log_in()
        used = sum(one["used"] for one in FIX["satellites"])
        # How sure it is, how high, how fast and when is the same in all that web-host says.
        facts = {"position": "48.117300, 11.516667", "error": "4.5 m", "altitude": "545 m", "speed": "5 km/h",
                 "satellites": f"{used} of {len(FIX['satellites'])}", "receiver": "ttyUSB0", "time": "2027-01-15 08:00:00"}
        nothing = dict.fromkeys(facts, "–")
        for told, word, expected in ((FIX, "3D fix", facts), ({**FIX, "mode": 2}, "2D fix", facts),
                                     ({**FIX, "mode": 1, "satellites": [{"used": True}, {"used": False}, {"used": False}]}, "No fix: ",
                                      {**nothing, "satellites": "1 of 3", "receiver": "ttyUSB0"})):
            with self.subTest(word):
                self.host.tell(gps=told)
                contract.check("GET", "/api/v1/gps", self.host.get("/api/v1/gps"))
                b.until(f"document.querySelector('[data-fact=fix]')?.textContent.startsWith('{word}') && "
                        f"document.querySelector('[data-fact=satellites]').textContent === '{expected['satellites']}'")
                shown = b.execute_script("return Object.fromEntries([...document.querySelectorAll('#gps-facts dd')]"
                                         ".map(e => [e.dataset.fact, e.textContent.trim()]))")
                self.assertEqual({fact: shown[fact] for fact in expected}, expected)
        names = b.execute_script("return [...document.querySelectorAll('#gps-facts dt')].map(e => e.textContent)")
        self.assertEqual(names, ["Fix", "Position", "Error", "Altitude", "Speed", "Satellites", "Receiver", "Time (UTC)"])

    def test_charts_say_what_was_counted(self) -> None:
        b = self.browser
        self.log_in()

        def number(which: int) -> str:
            return f"document.querySelectorAll('#charts b')[{which}].textContent"

        def told(frames: int, age: float) -> dict:
            return description("running", units=RUNNING["units"], parts=[{**part("scan", frames=frames), "age_s": age}])

        b.until(f"{number(1)} === '0'")
        self.assertEqual(b.execute_script(f"return [{number(0)}, {number(2)}]"), ["none yet", "none yet"])
        # Five hundred frames in the ten seconds between two reports, and in what passes here between them.
        self.host.tell(describe=told(1000, 10))
        b.until("document.querySelector('#state').textContent === 'Running'")
        begin = time.monotonic()
        self.host.tell(describe=told(1500, 0))
        b.until(f"{number(0)} !== 'none yet'")
        self.assertTrue(500 / (11 + time.monotonic() - begin) <= float(b.execute_script(f"return {number(0)}")) <= 51)
        # A strength of 0 is one that nobody knows.
        self.host.write_rows(row("02:00:00:00:00:01", "far", rssi=-80), row("02:00:00:00:00:02", "near", rssi=-41),
                             row("02:00:00:00:00:03", "unknown", rssi=0))
        b.until(f"{number(1)} === '3' && {number(2)} === '-41'")
        labels = b.execute_script("return [...document.querySelectorAll('#charts canvas')].map(e => e.ariaLabel)")
        self.assertEqual(labels[1:], ["New access points per minute: 3", "Strongest signal, dBm: -41"])
        # The line goes on with each second.
        b.until("[...document.querySelectorAll('#charts canvas')].every(e => e.getContext('2d').getImageData(0, 0, e.width, e.height)"
                ".data.some((value, i, all) => i % 4 === 2 && value === 0x8a && all[i + 1] === 255))")

    def test_the_last_lines_of_the_journal_are_there_and_new_ones_come(self) -> None:
        b = self.browser
        write_journal(self.host.root / "journal", "scan", *(f"line {i}" for i in range(120)))
        b.look("phone")
        self.log_in()
        # Far below what is in sight.
        b.until("document.querySelector('#logs').textContent.includes('scan: line 119')")
        # On a busy machine fewer: it is read for a time (controller/web/journal.cpp).
        self.assertLessEqual(b.execute_script("return document.querySelectorAll('#logs div').length"), 100)
        b.execute_script("document.querySelector('#logs').scrollIntoView()")
        b.until("performance.getEntriesByType('resource').length && document.querySelector('#logs').lastChild.textContent.endsWith('line 119')")
        for i in range(2):
            write_journal(self.host.root / "journal", "tak", f"news {i}")
            b.until(f"document.querySelector('#logs').lastChild.textContent.endsWith('tak: news {i}')")
        lines = b.execute_script("return [...document.querySelectorAll('#logs div')].map(e => e.textContent.slice('00:00:00 '.length))")
        self.assertEqual(len(lines), len(set(lines)), "none twice")

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


if __name__ == "__main__":
    unittest.main()
