"""Runs in the guest: makes or removes a simulated radio by mac80211_hwsim's generic netlink family.

    hwsim_radio.py add [MAC]    prints the new network interface
    hwsim_radio.py remove IF    pulls the card that has this interface
"""

import os
import socket
import struct
import sys

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK = 0x1, 0x4
NLMSG_ERROR = 0x2
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
HWSIM_CMD_NEW_RADIO, HWSIM_CMD_DEL_RADIO = 4, 5
HWSIM_ATTR_RADIO_NAME, HWSIM_ATTR_PERM_ADDR = 17, 22


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def request(netlink: socket.socket, family: int, command: int, payload: bytes) -> list[bytes]:
    """The payloads of the answers before the acknowledgement."""
    body = struct.pack("=BBH", command, 1, 0) + payload
    netlink.send(struct.pack("=IHHII", 16 + len(body), family, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + body)
    answers = []
    while True:
        received = netlink.recv(65536)
        while received:
            length, kind = struct.unpack_from("=IH", received)
            message, received = received[16:length], received[(length + 3) & ~3:]
            if kind != NLMSG_ERROR:
                answers.append(message)
                continue
            # hwsim acknowledges a new radio with its number: only what is negative is an error.
            code = struct.unpack_from("=i", message)[0]
            if code < 0:
                raise OSError(-code, os.strerror(-code))
            return answers


def family_id(netlink: socket.socket, name: str) -> int:
    answer = request(netlink, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, attribute(CTRL_ATTR_FAMILY_NAME, name.encode() + b"\0"))
    attributes = answer[0][4:]
    while attributes:
        length, kind = struct.unpack_from("=HH", attributes)
        if kind == CTRL_ATTR_FAMILY_ID:
            return struct.unpack_from("=H", attributes, 4)[0]
        attributes = attributes[(length + 3) & ~3:]
    raise OSError(f"{name} has no family id")


def interfaces() -> set[str]:
    return {name for name in os.listdir("/sys/class/net") if os.path.exists(f"/sys/class/net/{name}/phy80211")}


def main() -> None:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as netlink:
        netlink.bind((0, 0))
        hwsim = family_id(netlink, "MAC80211_HWSIM")
        if sys.argv[1] == "add":
            before = interfaces()
            address = b"".join(attribute(HWSIM_ATTR_PERM_ADDR, bytes.fromhex(mac.replace(":", "")))
                               for mac in sys.argv[2:3])
            request(netlink, hwsim, HWSIM_CMD_NEW_RADIO, address)
            print(*(interfaces() - before))
        else:
            with open(f"/sys/class/net/{sys.argv[2]}/phy80211/name", encoding="ascii") as phy:
                name = phy.read().strip()
            request(netlink, hwsim, HWSIM_CMD_DEL_RADIO, attribute(HWSIM_ATTR_RADIO_NAME, name.encode() + b"\0"))


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"hwsim: {error}")
