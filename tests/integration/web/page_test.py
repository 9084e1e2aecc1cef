"""The page in a real Chromium: what a person sees and can do, light and dark, small and large."""

import json
import unittest
from concurrent.futures import ThreadPoolExecutor

import contract
from browser import SIZES
from host import REPOSITORY, RUNNING, Host, description, part, unit
from journal import write_journal
from page_case import PageCase, some_rows
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# What stinkyctl doctor --json said on a machine with much to say.
DOCTOR = json.loads((REPOSITORY / "tests/data/doctor.json").read_text())
CAPTURE = "stinky-20261124-10-00-00-1.wiglecsv"


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

    def test_it_is_small(self) -> None:
        folder = REPOSITORY / "controller/web/page"
        self.assertLess(sum(f.stat().st_size for f in folder.iterdir()), 150_000)


if __name__ == "__main__":
    unittest.main()
