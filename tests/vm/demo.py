"""The main job, shown: scripts/demo calls this when everything is built."""

import argparse
import sys
import time

from machine import Machine, MachineError

from sensor import BUILD, DEADLINE_S, LATITUDE, LONGITUDE, TakListener, configure

ACCESS_POINTS = (("HomeNet", "wlan1", 6, "correct horse"), ('Cafe, Bar & "Grill" <1>', "wlan0", 1, None))


def say(title: str) -> None:
    print(f"\n== {title}", flush=True)


def show(event: dict) -> None:
    print(f"  {event['callsign']:<26}{event['uid'].rpartition('.')[2]}  {event['lat_text']}, {event['lon_text']}  "
          f"ce {event['ce']:g} m", flush=True)


def air_and_dongle(machine: Machine) -> None:
    for ssid, radio, channel, psk in ACCESS_POINTS:
        machine.add_access_point(ssid, radio=radio, channel=channel, psk=psk)
    machine.plug_gps(baud=4800)


def start(machine: Machine) -> None:
    say("systemctl start stinky.target (by stinkyctl, which shows each part turning ready)")
    began = time.monotonic()
    code = machine.guest.attach("stinkyctl start")
    print(f"  all parts are up after {time.monotonic() - began:.1f} s", flush=True)
    if code != 0:
        raise MachineError(f"stinkyctl start ended with {code}")


def first_events(tak: TakListener) -> None:
    say("what a TAK client on this side receives (name, BSSID, position)")
    for ssid, *_ in ACCESS_POINTS:
        event = next((e for e in tak.events if e["callsign"] == ssid), None) or tak.wait_for(ssid)
        show(event)
        if (event["lat_text"], event["lon_text"]) != (LATITUDE, LONGITUDE):
            raise MachineError(f"{ssid} is at {event['lat_text']}, {event['lon_text']}, not where the receiver is: "
                               f"{LATITUDE}, {LONGITUDE}")


def status(machine: Machine) -> None:
    say("stinkyctl status")
    machine.wait_until("stinkyctl status --json | grep -q '\"running\"'", DEADLINE_S)
    machine.guest.attach("stinkyctl status")


def stay(machine: Machine, tak: TakListener) -> None:
    say("it goes on: Ctrl-C ends it and throws the machine away")
    print(f"  a shell in it    scripts/vm --name {machine.name} shell\n"
          f"  pull the dongle  scripts/vm --name {machine.name} gps unplug\n"
          f"  its journal      scripts/vm --name {machine.name} run -- journalctl -f -u 'stinky-*'\n", flush=True)
    while True:
        try:
            show(tak.next(deadline_s=3600))
        except MachineError:
            print("  nothing new in the last hour")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    tak = TakListener()
    try:
        with Machine.start("demo") as machine:
            machine.install(BUILD)
            configure(machine, ["udp+multicast://239.2.3.1:6969", f"udp://10.0.2.2:{tak.port}"])
            air_and_dongle(machine)
            start(machine)
            first_events(tak)
            status(machine)
            if not options.once:
                stay(machine, tak)
    except MachineError as error:
        print(f"demo: failed: {error}", flush=True)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: ended")
        return 0
    finally:
        tak.close()
    print("\ndemo: ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
