"""The access points on the page's map and in its table."""

import math
import unittest

from browser import DEADLINE_S
from host import RUNNING, Host, row
from page_case import FIX, HOSTILE, PageCase, some_rows
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tiles import Tiles

ZOOM = 17  # that the map begins with
# Custom properties of style.css.
COLOURS = {"light": {"good": "#10663a", "warn": "#8a4b00", "bad": "#a8161d", "accent": "#0b5a8a"},
           "dark": {"good": "#63d392", "warn": "#f3b560", "bad": "#ff8f8a", "accent": "#7cc4f2"}}


def place_at(right: float, down: float) -> tuple[float, float]:
    """Latitude and longitude so many pixels from the sensor of FIX, at the zoom that the map begins with."""
    degree = 256 * 2 ** ZOOM / 360
    return FIX["latitude"] - down / degree * math.cos(math.radians(FIX["latitude"])), FIX["longitude"] + right / degree


class Map(PageCase):
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

    def test_when_it_gets_dark_the_map_does_too(self) -> None:
        self.host.tell(describe=RUNNING, gps=FIX)
        self.log_in()
        b = self.browser
        b.execute_script("""
            window.near = (pixel, wanted) => wanted.every((value, i) => Math.abs(value - pixel?.data[i]) < 3);
            window.grid = () => document.querySelector('canvas.leaflet-tile')?.getContext('2d').getImageData(0, 9, 1, 1);
            // The sensor is in the middle of its map.
            window.middle = () => {
              const drawn = document.querySelector('.leaflet-overlay-pane canvas'), at = drawn?.getBoundingClientRect();
              const { left, top, width, height } = document.querySelector('#map').getBoundingClientRect();
              return drawn?.getContext('2d').getImageData(left + width / 2 - at.left, top + height / 2 - at.top, 1, 1);
            };""")
        for scheme, grid, accent in (("light", "#cfd6cf", "#0b5a8a"), ("dark", "#2a3438", "#7cc4f2")):
            b.look("desk", scheme)
            for what, wanted in (("grid", grid), ("middle", accent)):
                b.until(f"near({what}(), {[int(wanted[i:i + 2], 16) for i in (1, 3, 5)]})")

    def pixels(self, pane: str, *places: tuple[int, int]) -> list[list[int]] | None:
        """What is drawn in a pane of the map at these places, counted from its middle."""
        return self.browser.execute_script("""
            const [pane, places] = arguments, drawn = document.querySelector(`.leaflet-${pane}-pane canvas`);
            if (!drawn || drawn.hidden) return null;
            const at = drawn.getBoundingClientRect(), { left, top, width, height } = document.querySelector('#map').getBoundingClientRect();
            const copy = document.createElement('canvas');
            [copy.width, copy.height] = [at.width, at.height];
            const c = copy.getContext('2d');
            c.drawImage(drawn, 0, 0, copy.width, copy.height);
            return places.map(([x, y]) => [...c.getImageData(left + width / 2 - at.left + x, top + height / 2 - at.top + y, 1, 1).data]);""",
            pane, places)

    def is_colour(self, pixel: list[int], colour: str) -> bool:
        return pixel[3] > 150 and all(abs(pixel[i] - int(colour[2 * i + 1:2 * i + 3], 16)) < 4 for i in range(3))

    def test_its_own_way(self) -> None:
        b = self.browser
        self.host.tell(describe=RUNNING, gps=FIX)
        self.log_in()
        # To the east, then to the south: where it is now is the middle.
        for latitude, longitude in (place_at(0, 0), place_at(80, 0), place_at(80, 80)):
            self.host.tell(gps={**FIX, "latitude": latitude, "longitude": longitude})
            b.until(f"document.querySelector('[data-fact=position]').textContent === '{latitude:.6f}, {longitude:.6f}'")
        way, beside = [(-80, -80), (-40, -80), (0, -80), (0, -40)], [(-40, -40), (-40, 0), (40, -80), (0, 40)]

        def is_drawn(_: object) -> bool:
            seen = self.pixels("overlay", *way, *beside)
            return (seen is not None and all(self.is_colour(pixel, COLOURS["light"]["accent"]) for pixel in seen[:len(way)])
                    and all(pixel[3] == 0 for pixel in seen[len(way):]))

        WebDriverWait(b, DEADLINE_S, 0.05).until(is_drawn)
        b.picture("way", whole=False)

    def test_who_is_heard_well_is_of_another_colour_and_larger(self) -> None:
        b = self.browser
        heard = {-60: ("good", 8), -61: ("warn", 6), -75: ("warn", 6), -76: ("bad", 5), 0: ("bad", 5)}  # 0: nobody knows
        places = {rssi: (60 * i - 120, 50) for i, rssi in enumerate(heard)}
        self.host.tell(describe=RUNNING, gps=FIX)
        for i, (rssi, place) in enumerate(places.items()):
            latitude, longitude = place_at(*place)
            self.host.write_rows(row(f"02:00:00:00:00:0{i}", "one", rssi=rssi, lat=latitude, lon=longitude, accuracy=1))
        self.log_in()
        b.until("document.querySelector('#map-note').textContent === '5 of 5 access points on the map'")
        for scheme, colours in COLOURS.items():
            b.look("desk", scheme)
            for rssi, (colour, radius) in heard.items():
                with self.subTest(scheme=scheme, rssi=rssi):
                    x, y = places[rssi]

                    def is_drawn(_: object) -> bool:
                        middle, *across = self.pixels("dots", (x, y), *((x + i, y) for i in range(-15, 16))) or [[0, 0, 0, 0]]
                        return self.is_colour(middle, colours[colour]) and abs(sum(pixel[3] > 127 for pixel in across) - 2 * radius) <= 1

                    WebDriverWait(b, DEADLINE_S, 0.05).until(is_drawn)
        b.picture("strength", whole=False)

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

    def test_the_page_lets_go_of_whom_the_sensor_lets_go(self) -> None:
        """On a long drive: of those that were not heard for longest, so that there are no more than the sensor keeps."""
        b = self.browser

        def rows() -> int:
            return self.host.get("/api/v1/status").json["access_points"]["rows"]

        def heard(first: str, numbers: range) -> None:
            """In a second of its own."""
            before, known = rows(), self.host.get("/api/v1/aps?limit=1").json["items"]
            b.until(f"Date.now() / 1000 > {known[0]['last_seen'] + 1 if known else 0}")
            self.host.write_rows(*(row(f"{first}:00:00:00:{i // 256:02x}:{i % 256:02x}", "", lat=48.1 + i / 1e5) for i in numbers))
            self.host.until("/api/v1/status", lambda _: rows() == before + len(numbers))

        # By their addresses the first that were heard are the last.
        heard("0e", range(100))
        heard("02", range(7900))
        self.log_in()
        b.until("document.querySelector('#aps-count').textContent === '(8000)'")
        heard("0e", range(50))
        heard("0a", range(50))
        for first, count in (("0a", 50), ("0e", 50), ("02", 7900)):
            self.assertEqual(self.host.get(f"/api/v1/aps?limit=1&q={first}:00:00:00").json["matched"], count)
            b.find_element(By.ID, "aps-filter").clear()
            b.find_element(By.ID, "aps-filter").send_keys(f"{first}:00:00:00")
            b.until(f"document.querySelector('#aps-count').textContent === '({count} of 8000)'")
        b.until("document.querySelector('#map-note').textContent === '8000 of 8000 access points on the map'")


if __name__ == "__main__":
    unittest.main()
