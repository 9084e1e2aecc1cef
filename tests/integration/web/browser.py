"""Headless Chromium on the page, by Debian's driver. Pictures go to $STINKY_ARTIFACTS or the build's artifacts folder."""

import base64
import json
import os
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from host import BUILD, TOOLS

ARTIFACTS = Path(os.environ.get("STINKY_ARTIFACTS", BUILD / "artifacts"))
AXE = TOOLS / "axe.min.js"
DEADLINE_S = 60
SIZES = {"phone": (390, 844), "desk": (1440, 900)}


class Browser(webdriver.Chrome):
    def __init__(self, traced: bool = False) -> None:
        """`traced`: for busy()."""
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                         "--disable-background-networking", "--disable-component-update", "--no-first-run",
                         # Names of a sensor that is not this machine.
                         "--host-resolver-rules=MAP *.test 127.0.0.1"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", **({"performance": "ALL"} if traced else {})})
        if traced:
            options.add_experimental_option("perfLoggingPrefs", {"traceCategories": "toplevel,blink.user_timing"})
        super().__init__(options=options, service=Service("/usr/bin/chromedriver"))
        self.set_script_timeout(DEADLINE_S)

    def look(self, size: str = "desk", scheme: str = "light") -> None:
        """The size of the screen and the colours that its owner likes."""
        width, height = SIZES[size]
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                             {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"})
        self.execute_cdp_cmd("Emulation.setEmulatedMedia",
                             {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def until(self, script: str, message: str = ""):
        """What the script gives, as soon as it is true."""
        return WebDriverWait(self, DEADLINE_S, 0.05).until(lambda b: b.execute_script(f"return {script}"), message or script)

    def wait_long(self, script: str):
        """As until(), for an emulated machine."""
        return WebDriverWait(self, 120, 0.2).until(lambda b: b.execute_script(f"return {script}"), script)

    def text(self, selector: str) -> str:
        return self.execute_script("return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def log_in(self, url: str, token: str) -> None:
        self.get(url)
        self.until("!document.querySelector('#login').hidden")
        self.find_element("id", "token").send_keys(token)
        self.find_element("css selector", "#login-form button").click()
        self.until("document.querySelector('#link').textContent === 'Live'")

    def picture(self, name: str, whole: bool = True) -> Path:
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        file = ARTIFACTS / f"{name}.png"
        shot = self.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole, "format": "png"} if not whole else {
            "captureBeyondViewport": True, "format": "png", "clip": self.execute_script(
                "const e = document.documentElement; return {x: 0, y: 0, width: e.clientWidth, height: e.scrollHeight, scale: 1}")})
        file.write_bytes(base64.b64decode(shot["data"]))
        return file

    def violations(self) -> list[str]:
        """What axe-core finds wrong, for people."""
        # By the driver, which the page's Content-Security-Policy does not bind.
        self.execute_script(AXE.read_text())
        found = self.execute_async_script("const done = arguments[0]; axe.run().then(r => done(r.violations), e => done([{id: String(e), nodes: []}]))")
        return [f"{one['id']}: {[n['html'][:120] for n in one['nodes']][:3]}" for one in found]

    def watch_long_tasks(self) -> None:
        self.execute_script("window.longTasks = []; window.frames_ = 0;"
                            "new PerformanceObserver(l => longTasks.push(...l.getEntries().map(e => e.duration))).observe({entryTypes: ['longtask']});"
                            "const count = () => { frames_++; requestAnimationFrame(count); }; count()")

    def long_tasks(self) -> tuple[list[float], int]:
        """The tasks of the page's main thread that took over 50 ms, in ms, and the frames since watch_long_tasks()."""
        return tuple(self.execute_script("return [longTasks, frames_]"))

    def busy(self, begin: str, end: str) -> list[float]:
        """What each task of the page's main thread between two performance.mark()s took of a processor, in ms, the longest first:
        unlike long_tasks() it leaves out the time in which others had it."""
        events = [m["params"] for m in (json.loads(e["message"])["message"] for e in self.get_log("performance"))
                  if m["method"] == "Tracing.dataCollected"]
        marks = {e["name"]: e for e in events if e.get("name") in (begin, end)}
        thread = marks[begin]["pid"], marks[begin]["tid"]
        return sorted((e["tdur"] / 1000 for e in events if e.get("name") == "ThreadControllerImpl::RunTask" and "tdur" in e
                       and (e["pid"], e["tid"]) == thread and marks[begin]["ts"] < e["ts"] < marks[end]["ts"]), reverse=True)

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.get_log("browser") if entry["level"] == "SEVERE"]
