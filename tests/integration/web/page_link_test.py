"""Who may look at the page, and what it does when its sensor is not there."""

import unittest

from browser import DEADLINE_S
from host import RUNNING, Host, description, part, unit
from page_case import PageCase, some_rows
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait


class Link(PageCase):
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

    def test_log_out_ends_the_session(self) -> None:
        b = self.browser
        self.log_in()
        cookie = b.get_cookie("stinky")["value"]
        known = {"Cookie": f"stinky={cookie}"}
        self.assertTrue(self.host.get("/api/v1/session", token=False, headers=known).json["logged_in"])
        b.find_element(By.ID, "logout").click()
        b.until("!document.querySelector('#login').hidden")
        self.assertTrue(b.execute_script("return document.querySelector('#app').hidden && document.querySelector('#logout').hidden"))
        self.assertFalse(self.host.get("/api/v1/session", token=False, headers=known).json["logged_in"], "the cookie is worth nothing")
        self.host.until("/api/v1/session", lambda _: b"stinky_http_live_clients 0" in self.host.get("/metrics").body)
        b.get(self.host.url)
        b.until("!document.querySelector('#login').hidden")

    def test_nothing_waits_for_an_answer_that_it_does_not_need(self) -> None:
        self.host.tell(describe=RUNNING)
        b, wire = self.browser, self.wire()
        b.log_in(wire.url, self.host.token)
        b.get("about:blank")
        b.execute_cdp_cmd("Network.clearBrowserCache", {})
        wire.asked.clear()
        wire.hold(b"GET /api/v1/session")
        b.get(wire.url)
        # The state shows, live, while it is not known yet who looks.
        b.until("document.querySelector('#state').textContent === 'Running'")
        b.until("document.querySelector('#link').textContent === 'Live'")
        self.assertTrue(b.execute_script("return document.querySelector('#logout').hidden"))
        wire.hold(None)
        b.until("!document.querySelector('#logout').hidden")
        # The library of the map and what the worker needs come with the page, once.
        scripts = [path for path in wire.asked if path.endswith((".js", ".css"))]
        self.assertEqual(sorted(scripts), sorted(set(scripts)))
        self.assertTrue({"/stream.js", "/order.js", "/dots.js", "/leaflet/leaflet.min.js", "/leaflet/leaflet.css"} <= set(scripts))
        last = max(wire.asked.index(path) for path in scripts)
        self.assertLess(last, wire.asked.index("/api/v1/status"), wire.asked)

    def test_a_state_that_was_not_told_comes_with_the_events(self) -> None:
        b, wire = self.browser, self.wire()
        b.log_in(wire.url, self.host.token)
        self.host.tell(describe=RUNNING)
        wire.refuse(b"GET /api/v1/status")
        b.get(wire.url)
        b.until("document.querySelector('#link').textContent === 'Live'")
        b.until("document.querySelector('#state').textContent === 'Running'")
        self.assertGreater(wire.refused, 0)

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
        self.change_page("api.js", lambda text: text.replace("longestSilence = 40000;", "longestSilence = 2000;"))
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


if __name__ == "__main__":
    unittest.main()
