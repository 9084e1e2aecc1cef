"""The command line, scripts/vm."""

import argparse
import json
import sys
from collections.abc import Sequence

from . import dongle, image
from .errors import MachineError
from .instance import DEFAULT_BOOT_S, DEFAULT_MEMORY_MB, Machine
from .progress import Progress

_DESCRIPTION = """\
A machine of our own to run stinky in: Debian 12 in an emulator, with three simulated Wi-Fi radios (wlan0 and wlan1 for
access points, wlan2 for the sensor) and a USB GPS dongle that can be plugged in. No hardware is needed."""

_EPILOG = """\
a first look:
  scripts/vm start                              resumes a booted machine; the very first time it builds and boots it
  scripts/vm install                            puts build/ into it
  scripts/vm gps plug --baud 4800               plugs a receiver in
  scripts/vm ap add --ssid HomeNet              starts an access point
  scripts/vm run -- systemctl start stinky.target
  scripts/vm shell                              a root shell in it
  scripts/vm stop                               ends it and throws its disk away

Several machines run side by side under different names: scripts/vm --name NAME ...
Inside it the host is 10.0.2.2. A reboot from inside switches it off; `start --keep-changes` boots it again."""


def _start(options: argparse.Namespace) -> int:
    Machine.start(options.name, memory_mb=options.memory, cold=options.cold, keep_changes=options.keep_changes,
                  boot_s=options.deadline)
    return 0


def _image(options: argparse.Namespace) -> int:
    progress = Progress("image")
    if options.prune:
        image.prune({machine.image for machine in Machine.all()}, progress)
    print(image.ensure(progress).directory)
    return 0


def _run(options: argparse.Namespace) -> int:
    # One word may be a whole shell line; several are the arguments of one command, each kept as it is.
    command = options.command[0] if len(options.command) == 1 else options.command
    return Machine.find(options.name).guest.attach(command)


def _shell(options: argparse.Namespace) -> int:
    return Machine.find(options.name).guest.attach("", terminal=True)


def _copy(options: argparse.Namespace) -> int:
    Machine.find(options.name).copy_to(*options.source, to=options.destination)
    return 0


def _fetch(options: argparse.Namespace) -> int:
    Machine.find(options.name).copy_from(*options.source, to=options.destination)
    return 0


def _install(options: argparse.Namespace) -> int:
    Machine.find(options.name).install(options.build)
    return 0


def _gps_plug(options: argparse.Namespace) -> int:
    print(Machine.find(options.name).plug_gps(*options.argument, baud=options.baud, socket=options.socket,
                                              simulator=options.simulator))
    return 0


def _gps_unplug(options: argparse.Namespace) -> int:
    Machine.find(options.name).unplug_gps(options.socket)
    return 0


def _ap_add(options: argparse.Namespace) -> int:
    # Arguments are bytes to the system; an SSID that is no valid UTF-8 arrives unharmed.
    ssid = options.ssid.encode(errors="surrogateescape")
    Machine.find(options.name).add_access_point(ssid, options.radio, options.channel, options.psk, options.hidden,
                                                options.bssid)
    return 0


def _ap_remove(options: argparse.Namespace) -> int:
    Machine.find(options.name).remove_access_point(options.radio)
    return 0


def _radio_add(options: argparse.Namespace) -> int:
    print(Machine.find(options.name).add_radio(options.mac))
    return 0


def _radio_remove(options: argparse.Namespace) -> int:
    Machine.find(options.name).remove_radio(options.interface)
    return 0


def _status(options: argparse.Namespace) -> int:
    print(json.dumps(Machine.find(options.name).status(), indent=2))
    return 0


def _console(options: argparse.Namespace) -> int:
    print(Machine(options.name).console_tail(options.lines))
    return 0


def _stop(options: argparse.Namespace) -> int:
    if options.clean:
        Machine.find(options.name).shut_down()
    else:
        Machine(options.name).stop()
    return 0


def _kill(options: argparse.Namespace) -> int:
    Machine.find(options.name).kill()
    return 0


def _list(_: argparse.Namespace) -> int:
    for machine in Machine.all():
        print(f"{machine.name}\t{'running ' + machine.web_url if machine.running() else 'off, its disk is kept'}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/vm", description=_DESCRIPTION, epilog=_EPILOG,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="default", help="which machine (default: %(default)s)")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(under, name: str, does, text: str) -> argparse.ArgumentParser:
        made = under.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        made.set_defaults(does=does)
        return made

    def group(name: str, text: str):
        return commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".").add_subparsers(
            metavar="COMMAND", required=True)

    build = command(commands, "image", _image, "build the disk image where it is missing, and print its directory")
    build.add_argument("--prune", action="store_true", help="first remove old images that no machine uses")

    start = command(commands, "start", _start, "start the machine, with a fresh disk")
    start.add_argument("--cold", action="store_true", help="boot it rather than resume a booted one")
    start.add_argument("--keep-changes", action="store_true", help="boot the disk that `kill` or `stop --clean` left")
    start.add_argument("--memory", type=int, default=DEFAULT_MEMORY_MB, metavar="MB", help="(default: %(default)s)")
    start.add_argument("--deadline", type=float, default=DEFAULT_BOOT_S, metavar="S",
                       help="give up after so many seconds (default: %(default)g)")

    run = command(commands, "run", _run, "run a command as root in the machine; its exit code is ours")
    run.add_argument("command", nargs="+", metavar="CMD", help="one word is a shell line; put -- before options")

    command(commands, "shell", _shell, "a root shell in the machine")

    copy = command(commands, "copy", _copy, "copy files or folders into the machine")
    copy.add_argument("source", nargs="+", metavar="SRC")
    copy.add_argument("destination", metavar="GUEST_DEST")

    fetch = command(commands, "fetch", _fetch, "copy files or folders out of the machine")
    fetch.add_argument("source", nargs="+", metavar="GUEST_SRC")
    fetch.add_argument("destination", metavar="DEST")

    install = command(commands, "install", _install, "install a build into the machine, by its own install rules")
    install.add_argument("build", nargs="?", default=str(image.REPOSITORY / "build"), metavar="BUILD_DIR",
                         help="(default: %(default)s)")

    gps = group("gps", "plug a simulated USB GPS dongle in, or pull it out")
    plug = command(gps, "plug", _gps_plug, "plug a dongle in, and print its device in the machine")
    plug.add_argument("--baud", type=int, default=4800, help="the speed of its line (default: %(default)s)")
    plug.add_argument("--simulator", default=str(dongle.SIMULATOR), help="(default: %(default)s)")
    plug.add_argument("argument", nargs="*", metavar="ARG", help="after --: more arguments for the simulator")
    unplug = command(gps, "unplug", _gps_unplug, "pull a dongle out")
    for each in (plug, unplug):
        each.add_argument("--port", dest="socket", type=int, choices=dongle.SOCKETS, default=0,
                          help="which USB socket (default: %(default)s)")

    points = group("ap", "start or stop an access point")
    add = command(points, "add", _ap_add, "start an access point; returns when it beacons")
    add.add_argument("--ssid", required=True, help="any text, up to 32 bytes")
    add.add_argument("--channel", type=int, default=6, metavar="N", help="(default: %(default)s)")
    add.add_argument("--psk", metavar="PASS", help="WPA2 with this passphrase (default: open)")
    add.add_argument("--hidden", action="store_true", help="beacons do not carry the SSID")
    add.add_argument("--bssid", metavar="MAC", help="(default: the radio's own)")
    remove = command(points, "remove", _ap_remove, "stop an access point")
    for each in (add, remove):
        each.add_argument("--radio", default="wlan0", metavar="IF", help="(default: %(default)s)")

    radios = group("radio", "plug a Wi-Fi card in, or pull it out")
    plug_card = command(radios, "add", _radio_add, "plug a card in, and print its interface, the lowest free wlanN")
    plug_card.add_argument("--mac", help="its address (default: the next of hwsim's)")
    command(radios, "remove", _radio_remove, "pull a card out").add_argument("interface", metavar="IF")

    command(commands, "status", _status, "ports, process, dongles and uptime, as JSON")
    console = command(commands, "console", _console, "the end of the machine's serial console")
    console.add_argument("--lines", type=int, default=40, metavar="N", help="(default: %(default)s)")
    stop = command(commands, "stop", _stop, "end the machine at once and throw its disk away")
    stop.add_argument("--clean", action="store_true", help="an orderly shutdown, and the disk is kept")
    command(commands, "kill", _kill, "a power cut; the disk is kept")
    command(commands, "list", _list, "all machines")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.does(options)
    except MachineError as error:
        print(f"scripts/vm: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
