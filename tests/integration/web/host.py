"""The web part on a port of this machine, with a controller that says what a test tells it (web_host.cpp)."""

import http.client
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("STINKY_BUILD", REPOSITORY / "build"))
# What scripts/setup brings that is used as a file.
TOOLS = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stinky/tools"
# With sanitizers a program takes about three times the processor, and memory says nothing.
SANITIZED = "STINKY_SANITIZE:BOOL=ON" in (BUILD / "CMakeCache.txt").read_text()
DEADLINE_S = 180 if SANITIZED else 60
HEADER = ("WigleWifi-1.6,appRelease=1,model=stinky,release=1,device=stinky,display=,board=,brand=,star=Sol,body=3,subBody=0\n"
          "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,"
          "AccuracyMeters,RCOIs,MfgrId,Type\n")


def unit(name: str, active: str = "active", part: str | None = None, **more: object) -> dict:
    """One unit as the controller describes it."""
    return {"name": f"stinky-{name}.service", "description": f"stinky: {name}", "role": "member", "critical": False,
            "optional": False, "load_state": "loaded", "active_state": active, "sub_state": "running", "result": "success",
            "exit_status": 0, "trouble": None, "next_step": None, "status_text": "", "job": None, "restarts": 0, "comebacks": 0,
            "repair": {"tried": 0, "most": 3, "next_s": None}, "main_pid": 100, "active_age_s": 5.0, "state_age_s": 5.0,
            "part": part, **more}


def part(name: str, state: str = "ok", reason: str = "", **counters: object) -> dict:
    return {"part": name, "state": state, "reason": reason, "stale": False, "age_s": 0.1, "input_age_s": 0.1,
            "output_age_s": None, "counters": counters}


def description(state: str = "running", reason: str = "", units: list | None = None, parts: list | None = None,
                **more: object) -> dict:
    return {"version": "test", "state": state, "reason": reason, "reasons": [reason] if reason else [], "next_step": None,
            "awaited": [], "state_age_s": 3.5, "target": unit("target"), "units": units or [], "parts": parts or [], "gps": None,
            "radios": [], "scanner": None, "tak": None, **more}


RUNNING = description(
    units=[unit("gps", part="gps"), unit("radio@wlan2", part="radio@wlan2"), unit("scan", part="scan"),
           unit("tak", part="tak")],
    parts=[part("gps", reason="3D fix"), part("radio@wlan2", reason="wlan2 (phy2, mac80211_hwsim) in monitor mode"),
           part("scan", reason="capturing on wlan2", frames=1000, rejected={"short": 2}),
           part("tak", reason="sending to 1 output", events=12)])


def row(bssid: str, ssid: str, rssi: int = -60, lat: float = 48.1173, lon: float = 11.516667, channel: int = 6,
        auth: str = "[WPA2-PSK-CCMP][ESS]", accuracy: float = 5) -> str:
    return f"{bssid},{ssid},{auth},2026-11-24 10:00:00,{channel},2437,{rssi},{lat},{lon},545,{accuracy},,,WIFI\n"


class Answer:
    def __init__(self, status: int, headers: http.client.HTTPMessage, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> dict:
        return json.loads(self.body)


class Host:
    """Use as a context. `settings` are lines of stinky.conf; `prepare` is given the folder of the captures before the start, and
    `prepare_credentials` that of the certificate."""

    def __init__(self, settings: str = "", token: str | None = "t" * 43, page: Path | None = None,
                 leaflet: str = "/usr/share/javascript/leaflet", prepare: Callable[[Path], None] | None = None,
                 prepare_credentials: Callable[[Path], None] | None = None):
        self._folder = tempfile.TemporaryDirectory(prefix="stinky-web-")
        self.root = Path(self._folder.name)
        self.token = token or ""
        self.captures = self.root / "captures"
        for folder in (self.captures, self.root / "journal", self.root / "state", self.root / "etc"):
            folder.mkdir()
        (self.root / "stinky.conf").write_text(settings)
        if token is not None:
            self.write_token(token)
        if prepare:
            prepare(self.captures)
        if prepare_credentials:
            prepare_credentials(self.root / "etc")
        self._process = subprocess.Popen(
            [BUILD / "tests/web-host", self.root / "stinky.conf", self.root / "etc/token", self.captures,
             page or REPOSITORY / "controller/web/page", REPOSITORY / "docs/http-api/openapi.yaml", leaflet,
             self.root / "journal", self.root / "state", self.root / "etc"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said: list[dict] = []
        self.complaints: list[str] = []
        self._lines: queue.Queue[dict] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._complain, daemon=True).start()
        self.port = self._wait("ready")["ready"]

    def _read(self) -> None:
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def _complain(self) -> None:
        for line in self._process.stderr:
            self.complaints.append(line.rstrip())

    def _wait(self, key: str) -> dict:
        while True:
            try:
                line = self._lines.get(timeout=DEADLINE_S)
            except queue.Empty:
                raise AssertionError(f"no {key} from web-host: {self.complaints}") from None
            if key in line:
                return line
            self.said.append(line)

    def __enter__(self) -> "Host":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> int:
        self._process.terminate()
        code = self._process.wait(timeout=DEADLINE_S)
        self._folder.cleanup()
        return code

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write_token(self, token: str) -> None:
        temporary = self.root / "etc/.token"
        temporary.write_text(token + "\n")
        temporary.rename(self.root / "etc/token")

    def tell(self, **line: object) -> None:
        self.tell_without_waiting(**line)
        self.told()

    def tell_without_waiting(self, **line: object) -> None:
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def told(self) -> None:
        """Waits until what was told has been taken."""
        self._wait("done")

    def asked(self) -> str:
        """What a client asked the controller for, next."""
        for line in self.said:
            if "asked" in line:
                self.said.remove(line)
                return line["asked"]
        return self._wait("asked")["asked"]

    def forget_asked(self) -> None:
        self.tell()
        self.said.clear()

    def asked_nothing(self) -> bool:
        self.tell()  # everything before it has been read now
        return not any("asked" in line for line in self.said)

    def write_rows(self, *rows: str, name: str = "stinky-20261124-10-00-00-1.wiglecsv") -> None:
        file = self.captures / name
        with file.open("a") as out:
            if out.tell() == 0:
                out.write(HEADER)
            out.write("".join(rows))

    def request(self, method: str, path: str, body: bytes | str | None = None, token: bool = True,
                headers: dict | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        sent = {"Authorization": f"Bearer {self.token}"} if token else {}
        sent.update(headers or {})
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def get(self, path: str, **more: object) -> Answer:
        return self.request("GET", path, **more)

    def until(self, path: str, wanted, deadline_s: float = DEADLINE_S) -> dict:
        """GETs until the answer is as wanted: for what comes over inotify."""
        end = time.monotonic() + deadline_s
        while True:
            answer = self.get(path).json
            if wanted(answer):
                return answer
            if time.monotonic() > end:
                raise AssertionError(f"{path} did not become as wanted: {answer}")
            time.sleep(0.02)
