"""The page of the installed sensor in a real Chromium on this side: from the log-in to the stop."""

import sys
import unittest
import urllib.error
import urllib.request

from case import SensorCase
from machine.image import REPOSITORY
from sensor import DEADLINE_S, LATITUDE, LONGITUDE

sys.path.insert(0, str(REPOSITORY / "tests/integration/web"))
import contract  # noqa: E402
from browser import SIZES, Browser  # noqa: E402
from host import Answer  # noqa: E402


class Web(SensorCase):
    settings = "LEGACY_OPEN=10.0.2.0/24\nLISTEN=0.0.0.0:5000"
    access_points = [{"ssid": "Cafe <b>", "radio": "wlan0", "channel": 1}, {"ssid": "HomeNet", "radio": "wlan1", "channel": 6}]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        # The socket takes its address up as an installation or a boot has it.
        cls.machine.run("systemctl stop stinky-controller.service stinky-controller.socket && "
                        "systemctl start stinky-controller.socket stinky-controller.service", timeout=DEADLINE_S)
        cls.token = cls.machine.run("stinkyctl token").stdout.strip()
        cls.url = cls.machine.web_url

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.stop_target)

    def ask(self, method: str, path: str, token: bool = True) -> Answer:
        """Each answer is as the contract says."""
        request = urllib.request.Request(self.url + path.lstrip("/"), method=method,
                                         headers={"Authorization": f"Bearer {self.token}"} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as response:
                answer = Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.headers, error.read())
        contract.check(method, path, answer)
        return answer

    def call(self, method: str, path: str, token: bool = True) -> dict:
        return self.ask(method, path, token).json

    def test_a_day_with_the_page(self) -> None:
        self.machine.plug_gps(baud=4800, simulator=self.simulator)
        browser = Browser()
        self.addCleanup(browser.quit)
        browser.set_script_timeout(DEADLINE_S)
        browser.look("phone")
        browser.log_in(self.url, self.token)
        self.assertEqual(browser.text("#state"), "Stopped")
        browser.find_element("id", "start").click()
        browser.wait_long("['Running', 'Running, with problems'].includes(document.querySelector('#state').textContent)")
        for part in ("radio@wlan2", "scan", "tak"):
            browser.wait_long(f"document.querySelector('[data-part=\"{part}\"]').textContent.includes('ready after')")
        browser.wait_long("document.querySelector('#state').textContent === 'Running'")
        browser.wait_long("document.querySelector('#map-note').textContent.startsWith('2 of 2')")
        shown = {p["ssid"]: (f"{p['latitude']:.4f}", f"{p['longitude']:.4f}") for p in self.call("GET", "/api/v1/aps")["items"]}
        here = (f"{float(LATITUDE):.4f}", f"{float(LONGITUDE):.4f}")
        self.assertEqual(shown, {"Cafe <b>": here, "HomeNet": here})
        browser.wait_long("document.querySelector('[data-fact=fix]').textContent === '3D fix'")
        # The map follows the sensor, and it has not moved: both are in its middle.
        place = browser.find_element("id", "map")
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", place)
        place.click()
        browser.wait_long("/Cafe <b>|HomeNet/.test(document.querySelector('.leaflet-popup-content')?.textContent)")
        browser.find_element("css selector", ".leaflet-popup-close-button").click()
        self.every_answer_is_as_the_contract_says()
        for size in SIZES:
            for scheme in ("light", "dark"):
                browser.look(size, scheme)
                browser.wait_long("document.querySelector('#map-note').textContent.startsWith('2 of 2')")
                browser.picture(f"machine-{size}-{scheme}")
        self.machine.unplug_gps()
        browser.wait_long("document.querySelector('#state').textContent === 'Running, with problems'")
        browser.wait_long("document.querySelector('#reason').textContent.includes('GPS')")
        browser.picture("machine-without-dongle")
        # To where it is: what is scrolled to only just is below the header.
        browser.execute_script("scrollTo(0, 0)")
        browser.find_element("id", "stop").click()
        browser.wait_long("document.querySelector('#state').textContent === 'Stopped'")
        self.assertEqual(browser.complaints(), [])

    def every_answer_is_as_the_contract_says(self) -> None:
        asked = [path for method, path in contract.routes() if method == "GET" and "{" not in path and not path.endswith("/events")]
        self.assertGreater(len(asked), 15)
        for path in asked:
            with self.subTest(path):
                self.assertLess(self.ask("GET", path).status, 400)
        # From inside its sandbox, which hides much: what it may not see is no fault.
        checks = self.call("GET", "/api/v1/doctor")["checks"]
        self.assertGreater(len(checks), 20)
        self.assertEqual([c for c in checks if c["result"] == "fault"], [])

    def test_the_old_routes_without_a_token_from_the_network_named(self) -> None:
        self.assertFalse(self.call("GET", "/script-status", token=False)["running"])
        self.assertEqual(self.call("POST", "/run-script", token=False)["status"], "success")
        self.machine.wait_until("systemctl is-active stinky.target", DEADLINE_S)
        for token in (False, True):
            self.assertEqual(self.call("GET", "/info", token=token)["wigle"], "Running")
            self.assertTrue(self.call("GET", "/script-status", token=token)["running"])
            self.assertIn("feed_items", self.call("GET", "/kismet-data", token=token))
        self.assertEqual(self.call("POST", "/stop-script", token=False)["status"], "success")
        self.machine.wait_until("! systemctl is-active --quiet stinky.target", DEADLINE_S)
        self.machine.run("journalctl -b -t stinky-controller -o cat | grep -q LEGACY_OPEN=10.0.2.0/24")

    def test_only_the_group_reads_the_token(self) -> None:
        self.assertEqual(self.machine.run("stat -c '%a %U %G' /etc/stinky/token").stdout.split(), ["640", "root", "stinky"])
        self.machine.run("id visitor >/dev/null 2>&1 || useradd visitor")
        self.assertNotEqual(self.machine.run("setpriv --reuid=visitor --regid=visitor --init-groups stinkyctl token", check=False).returncode, 0)

    def test_the_controller_is_small(self) -> None:
        resident = int(self.machine.run("sed -n 's/VmRSS:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$(systemctl show --value -p MainPID "
                                        "stinky-controller)/status").stdout)
        print(f"controller: {resident} kB resident")
        self.assertLess(resident, 16000)


if __name__ == "__main__":
    unittest.main()
