"""Access points as their beacons, for injection: more than there are radios, of every kind."""

import struct
from dataclasses import dataclass, field


def _element(kind: int, body: bytes) -> bytes:
    return bytes([kind, len(body)]) + body


def _rsn(*suites: int) -> bytes:
    keys = b"".join(b"\x00\x0f\xac" + bytes([suite]) for suite in suites)
    return _element(48, b"\x01\x00\x00\x0f\xac\x04\x01\x00\x00\x0f\xac\x04" + struct.pack("<H", len(suites)) + keys + b"\0\0")


_WPA = _element(221, b"\x00\x50\xf2\x01\x01\x00\x00\x50\xf2\x02\x01\x00\x00\x50\xf2\x02\x01\x00\x00\x50\xf2\x02")
_PRIVACY = 0x0010

# Elements, capabilities, and what WiGLE calls it.
OPEN = (b"", 0, "[ESS]")
WEP = (b"", _PRIVACY, "[WEP][ESS]")
WPA = (_WPA, _PRIVACY, "[WPA-PSK-TKIP][ESS]")
WPA2 = (_rsn(2), _PRIVACY, "[WPA2-PSK-CCMP][ESS]")
WPA3 = (_rsn(8), _PRIVACY, "[WPA3-SAE-CCMP][ESS]")
BOTH = (_rsn(2, 8), _PRIVACY, "[WPA2-PSK-CCMP][WPA3-SAE-CCMP][ESS]")
OWE = (_rsn(18), _PRIVACY, "[WPA3-OWE-CCMP][ESS]")
ENTERPRISE = (_rsn(1), _PRIVACY, "[WPA2-EAP-CCMP][ESS]")


@dataclass(frozen=True)
class Beacon:
    number: int
    ssid: bytes
    channel: int
    security: tuple = field(default=OPEN)
    hidden: bool = False

    @property
    def bssid(self) -> str:
        # Not locally administered: such a one without a name is taken for somebody's phone, and no event of TAK.
        return f"04:00:00:00:00:{self.number:02x}"

    @property
    def mode(self) -> str:
        return self.security[2]

    def frame(self) -> bytes:
        elements, capabilities, _ = self.security
        bssid = bytes.fromhex(self.bssid.replace(":", ""))
        head = b"\x80\0\0\0" + b"\xff" * 6 + bssid + bssid + b"\0\0"
        name = bytes(len(self.ssid)) if self.hidden else self.ssid
        # On 5 GHz an access point names its channel in HT Operation only.
        own = _element(61, bytes([self.channel]) + bytes(21)) if self.channel > 14 else _element(3, bytes([self.channel]))
        return (head + bytes(8) + b"\x64\x00" + struct.pack("<H", 1 | capabilities) + _element(0, name) +
                _element(1, b"\x82\x84\x8b\x96") + own + elements)


# Those of 2.4 GHz are heard on 6, whatever channel they are on: what they say themselves counts.
LOW = [
    Beacon(1, b"plain", 6), Beacon(2, b"hidden one", 6, WPA2, hidden=True), Beacon(3, b"", 1, WPA2),
    Beacon(4, "Café Zürich".encode(), 7, WPA2), Beacon(5, b"comma, inside", 5, WPA), Beacon(6, b'quote "inside"', 6, BOTH),
    Beacon(7, b"<a href='x'>&amp;", 6, WEP), Beacon(8, b"back\\slash \\101", 4, WPA2), Beacon(9, "📶 émoji".encode(), 6, WPA3),
    Beacon(10, b"x" * 32, 6, ENTERPRISE), Beacon(11, bytes(range(0x80, 0x90)), 6), Beacon(12, b" spaces ", 8, WPA2),
    Beacon(13, b"tab\tand\nline", 6, OWE), Beacon(14, b"WigleWifi-1.6", 13),
]
HIGH = [
    Beacon(15, b"five", 36, WPA2), Beacon(16, "fünf".encode(), 36, WPA3), Beacon(17, b"forty", 40, BOTH),
    Beacon(18, b"enterprise 5", 36, ENTERPRISE), Beacon(19, b"", 44, WPA3), Beacon(20, b"open, five", 36),
]
