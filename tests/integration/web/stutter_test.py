"""Whether five thousand access points make the page stutter. The limits are for a machine that does nothing else."""

import time
import unittest
from collections.abc import Callable

from host import RUNNING
from page_case import FIX, PageCase, some_rows
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# For longer the trace has no room.
ROUNDS = 50


class Rows(PageCase):
    traced = True

    def setUp(self) -> None:
        super().setUp()
        self.host.tell(describe=RUNNING, gps=FIX)
        self.host.write_rows(*some_rows(5000))
        self.host.until("/api/v1/aps?limit=1", lambda a: a["total"] == 5000)
        self.log_in()
        self.browser.until("document.querySelector('#aps-count').textContent === '(5000)'")

    def follow(self, use: Callable[[int], None] = lambda i: None) -> list[float]:
        """Some fifths of a second with new rows in each, in which a person does something: no task is over 50 ms. What busy()
        tells of them."""
        self.browser.watch_long_tasks()
        self.browser.execute_script("performance.mark('rows begin')")
        begin = time.monotonic()
        for i in range(ROUNDS):
            # A thousand of them in each fifth of a second.
            self.host.write_rows(*some_rows(5000, seed=i)[(i % 5) * 1000:(i % 5 + 1) * 1000])
            use(i)
            time.sleep(max(0.0, begin + (i + 1) / 5 - time.monotonic()))
        tasks, frames = self.browser.long_tasks()
        self.browser.execute_script("performance.mark('rows end')")
        busy = self.browser.busy("rows begin", "rows end")
        print(f"{frames} frames; longest of {len(busy)} tasks: {[round(ms, 1) for ms in busy[:5]]} ms of a processor, all {sum(busy):.0f} ms; "
              f"by the clock over 50 ms: {len(tasks)}, {sum(tasks)} ms")
        self.assertGreater(len(busy), 100)
        self.assertGreater(frames, 100)
        self.assertLess(busy[0], 50)
        self.assertEqual(tasks, [], "no task of over 50 ms by the clock")
        return busy


class Stutter(Rows):
    def test_five_thousand_access_points_at_five_hertz(self) -> None:
        busy = self.follow()
        self.assertEqual(self.browser.text("#map-note"), "5000 of 5000 access points on the map")
        # A tenth of the ten seconds: a phone is some times slower.
        self.assertLess(sum(busy), 1000)
        self.browser.picture("five-thousand", whole=False)


# In a browser of its own: after busy() there are no marks in its trace.
class StutterInUse(Rows):
    def test_they_are_sorted_filtered_and_scrolled_meanwhile(self) -> None:
        b = self.browser
        heads, text = b.find_elements(By.CSS_SELECTOR, "#aps [data-sort]"), b.find_element(By.ID, "aps-filter")
        b.execute_script("""
            window.seen = { sorts: new Set(), counts: new Set(), places: new Set() };
            const heads = document.querySelector('#aps .grid-head .grid-row'), count = document.querySelector('#aps-count');
            new MutationObserver(() => seen.sorts.add(heads.querySelector('[aria-sort$=cending]').textContent)).observe(heads, {childList: true, subtree: true});
            new MutationObserver(() => seen.counts.add(count.textContent)).observe(count, {childList: true});
            const scroll = document.querySelector('#aps .scroll');
            scroll.addEventListener('scroll', () => seen.places.add(scroll.scrollTop), {passive: true});""")

        def use(i: int) -> None:
            turn, step = divmod(i, 10)
            if step < 4:
                # In five turns each of the heads, twice: up and down.
                heads[(2 * turn + step // 2) % len(heads)].click()
            elif step < 7:
                text.send_keys("edu"[step - 4])
            elif step == 8:
                text.send_keys(Keys.BACKSPACE * 3)
            else:
                # Among the hundreds that match, and among all.
                b.execute_script("document.querySelector('#aps .scroll').scrollTo(0, arguments[0])", (turn + 1) * (2000 if step == 7 else 30000))

        self.follow(use)
        # It was done, not only asked for.
        sorts, counts, places = b.execute_script("return [seen.sorts, seen.counts, seen.places].map(all => [...all])")
        self.assertEqual(len(sorts), 2 * len(heads), sorts)
        self.assertTrue({"(5000)", "(714 of 5000)"} <= set(counts), counts)
        self.assertGreater(len(places), 5)


if __name__ == "__main__":
    unittest.main()
