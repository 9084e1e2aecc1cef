"""Frames as drivers hand them over, and pcap files of them."""

import struct
from dataclasses import dataclass
from pathlib import Path

RADIOTAP = 127  # the link type of a pcap file
FCS_AT_END, BAD_FCS = 0x10, 0x40
BEACON, PROBE_RESPONSE = 0x80, 0x50
ESS, IBSS, PRIVACY = 0x0001, 0x0002, 0x0010

# Fields of radiotap: bit, alignment (https://www.radiotap.org/fields/defined).
TSFT, FLAGS, RATE, CHANNEL, SIGNAL, ANTENNA, RX_FLAGS = (0, 8), (1, 1), (2, 1), (3, 2), (5, 1), (11, 1), (14, 2)
MCS, AMPDU, TIMESTAMP, HE = (19, 1), (20, 4), (22, 8), (23, 2)
RADIOTAP_NAMESPACE, VENDOR_NAMESPACE, MORE = 29, 30, 31


def radiotap(*words: list[tuple[tuple[int, int], bytes]], after: bytes = b"", vendor: bool = False) -> bytes:
    """A header with one list of fields for each word of it_present; `after`: what follows, of nobody's concern."""
    present, last = [], len(words) - 1
    for number, fields in enumerate(words):
        mask = sum(1 << bit for (bit, _), _ in fields)
        if number < last:
            mask |= 1 << MORE | 1 << RADIOTAP_NAMESPACE
        present.append(mask | (1 << VENDOR_NAMESPACE if vendor and number == last else 0))
    body = bytearray(4 + 4 * len(present))
    for fields in words:
        for (_, alignment), value in fields:
            body += bytes(-len(body) % alignment) + value
    body += after
    return struct.pack("<BBH", 0, 0, len(body)) + struct.pack(f"<{len(present)}I", *present) + bytes(body[4 + 4 * len(present):])


def _channel(megahertz: int) -> bytes:
    return struct.pack("<HH", megahertz, 0x0140 if megahertz > 4900 else 0x00A0)


def _signal(dbm: int) -> bytes:
    return struct.pack("<b", dbm)


def rt2800usb(megahertz: int, dbm: int, flags: int = 0) -> bytes:
    """18 bytes: no time, one signal, an antenna."""
    return radiotap([(FLAGS, bytes([flags])), (RATE, b"\x02"), (CHANNEL, _channel(megahertz)), (SIGNAL, _signal(dbm)),
                     (ANTENNA, b"\x01"), (RX_FLAGS, b"\0\0")])


def ath9k_htc(megahertz: int, dbm: int, flags: int = FCS_AT_END) -> bytes:
    """26 bytes: the card's clock before them, the checksum behind the frame."""
    return radiotap([(TSFT, struct.pack("<Q", 0x1FFE32DF)), (FLAGS, bytes([flags])), (RATE, b"\x02"),
                     (CHANNEL, _channel(megahertz)), (SIGNAL, _signal(dbm)), (ANTENNA, b"\0"), (RX_FLAGS, b"\0\0")])


def ath9k(megahertz: int, combined: int, *chains: int, flags: int = 0) -> bytes:
    """A word of it_present for each receive chain: its signal and its number."""
    first = [(TSFT, struct.pack("<Q", 7)), (FLAGS, bytes([flags])), (RATE, b"\x0c"), (CHANNEL, _channel(megahertz)),
             (SIGNAL, _signal(combined)), (RX_FLAGS, b"\0\0")]
    return radiotap(first, *([(SIGNAL, _signal(dbm)), (ANTENNA, bytes([n]))] for n, dbm in enumerate(chains)))


def mt76(megahertz: int, combined: int, *chains: int, he: bool = False) -> bytes:
    """56 bytes with two chains: a device's timestamp aligned to eight; with `he` the fields of an 802.11ax frame."""
    first = [(TSFT, struct.pack("<Q", 7)), (FLAGS, b"\0"), (RATE, b"\x0c"), (CHANNEL, _channel(megahertz)),
             (SIGNAL, _signal(combined)), (RX_FLAGS, b"\0\0"), (TIMESTAMP, struct.pack("<QHBB", 9, 0, 1, 1))]
    if he:
        first = [field for field in first if field[0] != RATE] + [(HE, bytes(12))]
    return radiotap(first, *([(SIGNAL, _signal(dbm)), (ANTENNA, bytes([n]))] for n, dbm in enumerate(chains)))


def hwsim(megahertz: int, dbm: int) -> bytes:
    """mac80211_hwsim: time, rate, no antenna of its own."""
    return radiotap([(TSFT, struct.pack("<Q", 7)), (FLAGS, b"\0"), (RATE, b"\x02"), (CHANNEL, _channel(megahertz)),
                     (SIGNAL, _signal(dbm)), (RX_FLAGS, b"\0\0")])


def iwlwifi(megahertz: int, dbm: int) -> bytes:
    """A-MPDU and MCS fields, then a namespace of the vendor's own: its fields have a length that only it knows."""
    return radiotap([(TSFT, struct.pack("<Q", 7)), (FLAGS, b"\0"), (CHANNEL, _channel(megahertz)), (SIGNAL, _signal(dbm)),
                     (RX_FLAGS, b"\0\0"), (MCS, b"\x07\0\x05"), (AMPDU, bytes(8))],
                    after=b"\x00\x17\xf2\x01\x04\x00\xaa\xbb\xcc\xdd", vendor=True)


def silent(megahertz: int) -> bytes:
    """A driver that tells no signal."""
    return radiotap([(FLAGS, b"\0"), (CHANNEL, _channel(megahertz))])


def element(kind: int, body: bytes) -> bytes:
    return bytes([kind, len(body)]) + body


def ds(channel: int) -> bytes:
    return element(3, bytes([channel]))


def ht(channel: int) -> bytes:
    """HT Capabilities and HT Operation, which alone names the channel on 5 GHz."""
    return element(45, bytes(26)) + element(61, bytes([channel]) + bytes(21))


def vht(centre: int) -> bytes:
    return element(191, bytes(12)) + element(192, bytes([1, centre, 0, 0, 0]))


def he(primary: int = 0, vht_info: bool = False, cohosted: bool = False) -> bytes:
    """HE Operation (9.4.2.249), with 6 GHz information when it has a primary channel."""
    parameters = (1 << 17 if primary else 0) | (1 << 14 if vht_info else 0) | (1 << 15 if cohosted else 0)
    body = bytes([36]) + parameters.to_bytes(3, "little") + b"\x2a\xfc\xff" + bytes(3 * vht_info) + bytes(cohosted)
    return element(255, body + (bytes([primary, 2, primary + 2, 0, 6]) if primary else b""))


def rsn(*akms: int, pairwise: tuple[int, ...] = (4,), group: int = 4, capabilities: int = 0) -> bytes:
    def suites(kinds: tuple[int, ...]) -> bytes:
        return struct.pack("<H", len(kinds)) + b"".join(b"\x00\x0f\xac" + bytes([kind]) for kind in kinds)
    return element(48, b"\x01\x00\x00\x0f\xac" + bytes([group]) + suites(pairwise) + suites(akms) + struct.pack("<H", capabilities))


WPA = element(221, b"\x00\x50\xf2\x01\x01\x00\x00\x50\xf2\x02\x01\x00\x00\x50\xf2\x02\x01\x00\x00\x50\xf2\x02")
WMM = element(221, b"\x00\x50\xf2\x02" + bytes(20))
WPS = element(221, b"\x00\x50\xf2\x04\x10\x4a\x00\x01\x10")
OWE_TRANSITION = element(221, b"\x50\x6f\x9a\x1c\x06\x00\x00\x00\x00\x63\x04open")
RATES = element(1, b"\x82\x84\x8b\x96\x0c\x12\x18\x24")
COUNTRY = element(7, b"DE \x01\x0d\x14")


def management(number: int, ssid: bytes, *elements: bytes, control: int = BEACON, capabilities: int = ESS,
               ht_control: bool = False) -> bytes:
    """A beacon or probe response of 06:00:00:00:00:<number>."""
    bssid = bytes([6, 0, 0, 0, 0, number])
    head = bytes([control, 0x80 if ht_control else 0, 0, 0]) + b"\xff" * 6 + bssid + bssid + b"\0\0" + bytes(4 * ht_control)
    return (head + bytes(8) + b"\x64\x00" + struct.pack("<H", capabilities) + element(0, ssid) + RATES + b"".join(elements))


@dataclass(frozen=True)
class Captured:
    """A record of a pcap file."""
    packet: bytes
    time: float
    length: int = 0  # on the air, when less was captured

    def record(self) -> bytes:
        seconds = int(self.time)
        return struct.pack("<IIII", seconds, round((self.time - seconds) * 1e6), len(self.packet),
                           self.length or len(self.packet)) + self.packet


def pcap_head(link: int = RADIOTAP) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)


def write_pcap(path: Path, frames: list[Captured], link: int = RADIOTAP) -> Path:
    path.write_bytes(pcap_head(link) + b"".join(frame.record() for frame in frames))
    return path
