"""The page for everybody: light and dark, small and large, by keyboard, by screen reader, in another language."""

import os
import re
import time
import unittest
from collections.abc import Iterator

from browser import SIZES
from host import REPOSITORY, description, part, row, unit
from journal import write_journal
from page_case import CAPTURE, DOCTOR, FIX, PageCase, some_rows
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# As a translator would: each text of strings.js looks otherwise.
TRANSLATION = """
const other = value => typeof value === "string" ? `«${value}»` : typeof value === "function" ? (...given) => other(value(...given)) :
  Array.isArray(value) ? value.map(other) : value && typeof value === "object" ?
    Object.fromEntries(Object.entries(value).map(([name, one]) => [name, other(one)])) : value;
Object.assign(strings, other(strings));
"""


def texts(value: object) -> Iterator[str]:
    """All that a sensor says in words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)


class Look(PageCase):
    def test_a_way_by_keyboard(self) -> None:
        self.host.tell(gps=FIX)
        self.host.write_rows(*some_rows(120))
        write_journal(self.host.root / "journal", "scan", "trouble", priority=4)
        write_journal(self.host.root / "journal", "scan", "a word")
        self.log_in()
        b = self.browser
        b.until("document.querySelector('#map-note').textContent.startsWith('120 of')")
        b.until("document.querySelector('#logs').textContent.endsWith('scan: a word')")
        b.execute_script("document.activeElement.blur()")

        def press(*keys: str) -> None:
            ActionChains(b).send_keys(*keys).perform()

        def tab_to(wanted: str) -> None:
            for _ in range(40):
                press(Keys.TAB)
                if b.execute_script("return document.activeElement.matches(arguments[0])", wanted):
                    # Who does not see where it is cannot use it.
                    self.assertEqual(b.execute_script("return getComputedStyle(document.activeElement).outlineStyle"), "solid", wanted)
                    return
            self.fail(f"no way to {wanted}")

        tab_to(".skip")
        press(Keys.ENTER)
        b.until("document.activeElement.id === 'main'")
        tab_to("#start")
        press(Keys.ENTER)
        self.assertEqual(self.host.asked(), "start")
        tab_to("#map")
        scale = b.text(".leaflet-control-scale-line")
        press("+")
        b.until(f"document.querySelector('.leaflet-control-scale-line').textContent !== '{scale}'")
        place = b.execute_script("return document.querySelector('.leaflet-map-pane').style.transform")
        press(Keys.ARROW_RIGHT)
        b.until(f"document.querySelector('.leaflet-map-pane').style.transform !== '{place}'")
        tab_to("#aps-filter")
        press("eduroam")
        b.until("document.querySelector('#aps-count').textContent === '(17 of 120)'")
        press(*[Keys.BACKSPACE] * 7)
        tab_to("#aps-security")
        press(Keys.ARROW_DOWN)
        b.until("document.querySelector('#aps-security').value === 'open' && document.querySelector('#aps-count').textContent.includes(' of 120)')")
        press(Keys.ARROW_UP)
        tab_to("#aps .scroll")
        press(Keys.PAGE_DOWN)
        b.until("document.querySelector('#aps .scroll').scrollTop > 100")
        tab_to("[data-sort=ssid]")
        press(Keys.ENTER)
        b.until("document.querySelector('[aria-sort=ascending]')?.textContent.startsWith('Name')")
        tab_to("#doctor-run")
        press(Keys.SPACE)
        self.assertEqual(self.host.asked(), "doctor")
        tab_to("#logs-priority")
        press(Keys.ARROW_UP)
        b.until("document.querySelector('#logs').textContent.endsWith('scan: trouble')")

    def test_a_button_that_does_nothing_now_keeps_the_keyboard(self) -> None:
        b = self.browser
        self.log_in()
        for button, other, state, after in (("start", "stop", "starting", "degraded"), ("stop", "start", "stopping", "inactive")):
            self.focus(f"#{button}")
            self.press()
            self.assertEqual(self.host.asked(), button)
            self.host.tell(describe=description(state))
            b.until(f"document.querySelector('#{button}').ariaDisabled === 'true'")
            self.assert_used(f"#{button}")
            self.press()
            self.host.tell(describe=description(after))
            b.until(f"document.querySelector('#{other}').ariaDisabled === 'false'")
        self.focus("#start")
        self.press()
        self.assertEqual(self.host.asked(), "start", "and nothing by what was pressed in vain")
        self.focus("#doctor-run")
        self.press()
        self.assertEqual(self.host.asked(), "doctor")
        self.assertEqual(b.execute_script("return document.querySelector('#doctor-run').ariaDisabled"), "true")
        self.assert_used("#doctor-run")
        self.host.tell(doctor=DOCTOR)
        b.until("document.querySelector('#doctor-run').ariaDisabled === 'false'")
        self.assert_used("#doctor-run")

    def test_a_list_that_is_read_again_keeps_the_keyboard(self) -> None:
        b = self.browser
        # Without its own polling.
        script = b.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "window.setInterval = poll => { window.poll = poll; }"})
        self.addCleanup(b.execute_cdp_cmd, "Page.removeScriptToEvaluateOnNewDocument", script)
        names = [f"stinky-20261123-10-00-{i:02d}-1.wiglecsv" for i in range(12)]
        for i, name in enumerate(names):
            self.write_capture(name, 3600 + i)

        def polled() -> None:
            asked = "performance.getEntriesByType('resource').filter(e => e.name.endsWith('/api/v1/captures')).length"
            before = b.execute_script(f"const before = {asked}; poll(); return before")
            b.until(f"{asked} > {before}")

        self.log_in()
        delete = f"#captures button[aria-label='Delete {names[8]}']"
        for selector in (f"#captures a[download='{names[8]}']", delete, "#captures .captures-box"):
            with self.subTest(selector):
                b.until(f"document.querySelector(`{selector}`)")
                self.focus(selector)
                scrolled = b.execute_script("const box = document.querySelector('.captures-box'); box.scrollTop ||= 99; return box.scrollTop")
                polled()
                # Below those that are there.
                names.append(f"stinky-20261122-10-00-00-{len(names)}.wiglecsv")
                self.write_capture(names[-1], 3600 * len(names))
                self.host.until("/api/v1/captures", lambda a: len(a["captures"]) == len(names))
                polled()
                b.until(f"document.querySelectorAll('#captures li').length === {len(names)}")
                self.assert_used(selector)
                self.assertEqual(b.execute_script("return document.querySelector('.captures-box').scrollTop"), scrolled)
        # In the order in which the sensor names them, the one that was written last first.
        self.focus(delete)
        names.insert(0, names.pop(8))
        self.write_capture(names[0], 600)
        names.insert(0, CAPTURE)
        self.write_capture(CAPTURE, 0)
        self.host.until("/api/v1/captures", lambda a: [one["name"] for one in a["captures"]] == names)
        polled()
        b.until(f"document.querySelectorAll('#captures li').length === {len(names)}")
        self.assertEqual(b.execute_script("return [...document.querySelectorAll('#captures a')].map(e => e.download)"), names)
        self.assert_used(delete)
        # Who deletes one is still in the list.
        self.press()
        b.switch_to.alert.accept()
        b.until(f"document.querySelectorAll('#captures li').length === {len(names) - 1}")
        self.assert_used("#captures")

    def focus(self, selector: str) -> None:
        self.browser.execute_script("document.querySelector(arguments[0]).focus()", selector)

    def press(self) -> None:
        ActionChains(self.browser).send_keys(Keys.ENTER).perform()

    def assert_used(self, selector: str) -> None:
        self.assertEqual(*self.browser.execute_script(
            "return [document.activeElement, document.querySelector(arguments[0])].map(e => e?.outerHTML.slice(0, 200))", selector))

    def write_capture(self, name: str, age_s: float) -> None:
        self.host.write_rows(*some_rows(2), name=name)
        os.utime(self.host.captures / name, (time.time() - age_s,) * 2)

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
                    self.assert_as_large_as_a_thumb()
                    self.browser.picture(f"page-{size}-{scheme}")
                    self.assertEqual(self.browser.violations(), [])
        self.assertEqual(self.browser.complaints(), [])

    def test_trouble_is_accessible_too(self) -> None:
        b = self.browser
        self.host.write_rows(row("02:00:00:00:00:01", "here", lat=FIX["latitude"], lon=FIX["longitude"]), name=CAPTURE)
        self.host.tell(gps=FIX, refuse="polkit says no", describe=description(
            "degraded", "no position: no GPS receiver", next_step="plug a GPS receiver in",
            units=[unit("gps", "activating", status_text="looking for a receiver"), unit("scan", part="scan", restarts=3),
                   unit("tak", "failed", result="exit-code")],
            parts=[part("scan", "waiting", "no position: no GPS receiver")]))
        self.log_in()
        b.find_element(By.ID, "stop").click()
        b.until("document.querySelector('#request-error').textContent === 'polkit says no'")
        b.until("document.querySelector('#captures a')")
        b.until("document.querySelector('#map-note').textContent.startsWith('1 of 1')")
        place = b.find_element(By.ID, "map")
        b.execute_script("arguments[0].scrollIntoView({block: 'center'})", place)
        place.click()  # its middle, where it is
        b.until("document.querySelector('.leaflet-popup-content')")
        self.host.close()
        b.until("document.querySelector('#link').textContent.startsWith('Connection lost')")
        for size in SIZES:
            for scheme in ("light", "dark"):
                with self.subTest(size=size, scheme=scheme):
                    b.look(size, scheme)
                    self.assert_as_large_as_a_thumb()
                    self.assertEqual(b.violations(), [])
                    b.picture(f"trouble-{size}-{scheme}")

    def test_every_word_is_one_of_the_strings(self) -> None:
        """In another language nothing stays English but what the sensor says."""
        b = self.browser
        self.change_page("strings.js", lambda text: text + TRANSLATION)
        self.show_everything()
        self.host.write_rows(row("02:00:00:00:09:01", "here", lat=FIX["latitude"], lon=FIX["longitude"]), name=CAPTURE)
        script = b.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
            window.drawn = [];
            const fill = CanvasRenderingContext2D.prototype.fillText;
            CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { drawn.push(text); return fill.call(this, text, ...rest); }"""})
        self.addCleanup(b.execute_cdp_cmd, "Page.removeScriptToEvaluateOnNewDocument", script)
        b.get(self.host.url)
        b.until("!document.querySelector('#login').hidden")
        b.find_element(By.ID, "token").send_keys(self.host.token + Keys.ENTER)
        b.until("document.querySelector('#link').textContent === '«Live»'")
        b.until("document.querySelector('#map-note').textContent.includes('121')")
        b.until("document.querySelector('#captures a') && document.querySelectorAll('#tak li').length === 3")
        b.find_element(By.ID, "doctor-run").click()
        self.host.tell(doctor=DOCTOR)
        b.until("document.querySelector('#doctor li')")
        place = b.find_element(By.ID, "map")
        b.execute_script("arguments[0].scrollIntoView({block: 'center'})", place)
        place.click()
        b.until("document.querySelector('.leaflet-popup-content')")
        shown = b.execute_script("""
            const all = [...drawn];
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
              const node = walker.currentNode;
              if (node.nodeType === Node.TEXT_NODE) {
                if (!node.parentElement.closest('noscript, .leaflet-control')) all.push(node.data);
              } else if (!node.closest('.leaflet-control')) all.push(...['aria-label', 'title', 'placeholder'].map(a => node.getAttribute(a) ?? ''));
            }
            return all""")
        said = [self.host.get(f"/api/v1/{what}").json for what in ("status", "gps", "aps?limit=1000", "captures")]
        known = set(re.findall(r"[^\W\d_]+", " ".join(texts([said, DOCTOR])))) | {"stinky", "SBAS", "Galileo", "BeiDou", "QZSS", "GPS", "GLONASS"}
        options = {"gps", "radio", "scan", "kismet", "tak", "wigletotak", "controller", "open", "wep", "wpa"}
        for text in shown:
            rest = text
            while (less := re.sub("«[^«»]*»", " ", rest)) != rest:
                rest = less
            self.assertEqual(set(re.findall(r"[^\W\d_]+", rest)) - known - options, set(), text)
        self.assertGreater(len(shown), 300)

    def test_it_is_small(self) -> None:
        folder = REPOSITORY / "controller/web/page"
        self.assertLess(sum(f.stat().st_size for f in folder.iterdir()), 150_000)


if __name__ == "__main__":
    unittest.main()
