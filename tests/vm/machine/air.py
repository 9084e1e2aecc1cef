"""The simulated air: access points by hostapd on the guest's radios, and radios that come and go."""

import re
from dataclasses import dataclass
from pathlib import Path

from .errors import MachineError
from .guest import Guest

RADIO_TOOL = Path(__file__).resolve().parent / "hwsim_radio.py"
SENSOR = "wlan2"

# hostapd goes to the background when it beacons, so the unit's start is the wait for that, and its failure tells why.
# The configuration comes on stdin: a passphrase and an SSID pass no shell.
_START_AP = """
set -eu
radio=$1 seconds=$2
unit=sim-ap-$radio
configuration=/run/$unit.conf
if systemctl --quiet is-active "$unit"; then
    echo "it is one already" >&2
    exit 1
fi
cat > "$configuration"
if ! systemd-run --quiet --collect --unit="$unit" --property=Type=forking --property=PIDFile="/run/$unit.pid" \\
        --property=TimeoutStartSec="$seconds" hostapd -B -P "/run/$unit.pid" "$configuration"; then
    journalctl --quiet --no-pager --output=cat --lines=20 --unit="$unit" >&2
    exit 1
fi
iw dev "$radio" info | grep -q 'type AP'
"""


@dataclass(frozen=True)
class AccessPoint:
    ssid: bytes
    radio: str = "wlan0"
    channel: int = 6
    psk: str | None = None
    hidden: bool = False
    bssid: str | None = None

    def __post_init__(self) -> None:
        if len(self.ssid) > 32:
            raise MachineError(f"an SSID has at most 32 bytes, this one has {len(self.ssid)}")
        if self.radio == SENSOR:
            raise MachineError(f"{SENSOR} is the sensor's; access points live on the other radios")
        if self.psk is not None and not re.fullmatch(r"[ -~]{8,63}", self.psk):
            raise MachineError("a passphrase has 8 to 63 printable ASCII characters")
        if self.bssid is not None and not re.fullmatch(r"([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", self.bssid):
            raise MachineError(f"{self.bssid} is not a MAC address")

    def configuration(self) -> str:
        lines = [
            f"interface={self.radio}", "driver=nl80211",
            f"ssid2={self.ssid.hex()}",  # hexadecimal, so that any bytes pass
            f"hw_mode={'g' if self.channel <= 14 else 'a'}", f"channel={self.channel}",
            f"ignore_broadcast_ssid={1 if self.hidden else 0}",
        ]
        if self.channel > 11:
            # Without a country nothing may beacon there. Not set for the others: a fresh machine has none.
            lines.append("country_code=DE")
        if self.bssid is not None:
            lines.append(f"bssid={self.bssid}")
        if self.psk is not None:
            lines += ["wpa=2", "wpa_key_mgmt=WPA-PSK", "rsn_pairwise=CCMP", f"wpa_passphrase={self.psk}"]
        return "\n".join(lines) + "\n"


def add_access_point(guest: Guest, point: AccessPoint, deadline_s: float = 30.0) -> None:
    """Returns when it beacons."""
    started = guest.run(["sh", "-c", _START_AP, "start-ap", point.radio, f"{deadline_s:g}"], check=False,
                        stdin=point.configuration(), timeout=deadline_s + 30)
    if started.returncode != 0:
        raise MachineError(f"no access point on {point.radio}: {started.stderr.strip()}")


def remove_access_point(guest: Guest, radio: str) -> None:
    unit = f"sim-ap-{radio}"
    stopped = guest.run(["systemctl", "stop", unit], check=False)
    if stopped.returncode != 0:
        raise MachineError(f"{radio} is no access point: {stopped.stderr.strip()}")
    guest.run(["rm", "-f", f"/run/{unit}.conf"])


def _radio(guest: Guest, *arguments: str) -> str:
    # The program itself goes by stdin: nothing has to be installed in the guest.
    ran = guest.run(["python3", "-", *arguments], check=False, stdin=RADIO_TOOL.read_bytes())
    if ran.returncode != 0:
        raise MachineError(ran.stderr.strip())
    return ran.stdout.strip()


def add_radio(guest: Guest, mac: str | None = None) -> str:
    """Plugs another card in; the name of its interface."""
    interface = _radio(guest, "add", *([mac] if mac else []))
    guest.run("udevadm settle --timeout=30")
    return interface


def remove_radio(guest: Guest, interface: str) -> None:
    """Pulls the card out, as from a USB socket."""
    _radio(guest, "remove", interface)
