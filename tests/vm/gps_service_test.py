"""GPS as the machine sees it: receivers that come and go, a gpsd that dies, ports that others use."""

import os
import unittest

from case import SensorCase
from sensor import DEADLINE_S, LATITUDE, part

LONG = os.environ.get("STINKY_LONG") == "yes"
RATES = (9600, 4800, 38400, 57600, 115200)
# A report with a position, of that device.
TPV = "timeout {limit} gpspipe -w | grep -q -m 1 '\"class\":\"TPV\",\"device\":\"{device}\".*\"lat\":'"


class GpsService(SensorCase):
    settings = "SCANNER=none\nTAK_PART=none\nGPS_WAIT=3"
    parts = ("stinky-gps",)

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.back_to_the_start)

    def back_to_the_start(self) -> None:
        for dongle in self.machine.status()["dongles"]:
            self.machine.unplug_gps(dongle["socket"])
        self.machine.wait_until("! ls /dev/ttyUSB*", DEADLINE_S)
        self.machine.run("systemctl stop stinky.target stinky-gps.service", timeout=DEADLINE_S)

    def plug(self, *arguments: str, baud: int = 9600, socket: int = 0) -> str:
        device = self.machine.plug_gps(*arguments, baud=baud, socket=socket, simulator=self.simulator)
        return device.removeprefix("/dev/")

    def wait_handed_over(self, port: str) -> None:
        self.machine.wait_until(f"systemctl is-active stinky-gps@{port}", DEADLINE_S)

    def wait_state(self, state: str) -> None:
        self.machine.wait_until(f"grep -q '\"state\":\"{state}\"' /run/stinky/status/gps.json", DEADLINE_S)

    def assert_position(self, port: str) -> None:
        self.machine.run(TPV.format(limit=DEADLINE_S, device=f"/dev/{port}"), timeout=DEADLINE_S + 10)

    def assert_nothing_left(self) -> None:
        self.machine.wait_until("! ls /dev/ttyUSB* && ! pgrep -f '[s]tinky-gps-probe'", DEADLINE_S)
        units = "systemctl list-units --no-legend --all --state=active,activating,deactivating,failed 'stinky-gps@*'"
        self.machine.wait_until(f"test -z \"$({units})\"", DEADLINE_S)
        self.machine.wait_until("! timeout 5 gpspipe -w -n 2 | grep -q ttyUSB", DEADLINE_S)

    def journal(self, unit: str) -> str:
        return self.machine.run(f"journalctl -b --no-pager -o cat -u {unit}").stdout

    def test_the_start_goes_on_without_a_receiver_and_takes_one_later(self) -> None:
        self.start_target()
        self.assertEqual(part(self.machine, "gps")["state"], "waiting")
        self.assertIn("going on without GPS", self.journal("stinky-gps"))
        self.plug("--lat", LATITUDE, baud=38400)
        self.wait_state("ok")
        counters = part(self.machine, "gps")["counters"]
        self.assertEqual(counters["mode"], 3)
        self.assertAlmostEqual(counters["latitude"], float(LATITUDE), places=5)
        # gpsd tells the speed only when it is asked, which may be after the position.
        self.machine.wait_until("grep -q '\"baud\":38400' /run/stinky/status/gps.json", DEADLINE_S)
        # They are told apart from the position, and less often.
        self.machine.wait_until("grep -q '\"satellites\":[1-9]' /run/stinky/status/gps.json", DEADLINE_S)
        self.assertIn("first fix", self.journal("stinky-gps"))

    def test_a_receiver_that_is_there_before_the_start_is_used_at_once(self) -> None:
        self.wait_handed_over(self.plug(baud=4800))
        self.start_target()
        self.wait_state("ok")

    def test_gpsd_killed_comes_back_and_has_its_receiver_again(self) -> None:
        port = self.plug(baud=57600)
        self.wait_handed_over(port)
        for running in (False, True):
            with self.subTest(target_runs=running):
                if running:
                    self.start_target()
                    self.wait_state("ok")
                self.assert_position(port)
                pid = self.machine.run("pidof gpsd").stdout.strip()
                self.machine.run(f"kill -9 {pid}")
                self.machine.wait_until(f"pidof gpsd | grep -vqw {pid}", DEADLINE_S)
                self.assert_position(port)
                if running:
                    self.wait_state("ok")
        self.machine.run("systemctl restart gpsd.service", timeout=DEADLINE_S)
        self.assert_position(port)
        self.assertIn("handed to gpsd again", self.journal("stinky-gps-supply"))

    def test_a_gpsd_that_hangs_is_restarted(self) -> None:
        port = self.plug()
        self.wait_handed_over(port)
        self.start_target()
        self.wait_state("ok")
        self.machine.run("kill -STOP $(pidof gpsd)")
        self.machine.wait_until("journalctl -b -o cat -u stinky-gps | grep -q 'restarting it, 1 of 2'", DEADLINE_S)
        self.wait_state("ok")
        self.assert_position(port)
        self.assertEqual(part(self.machine, "gps")["counters"]["gpsd_restarts"], 1)

    def test_rounds_of_plugging_at_changing_rates_leave_nothing(self) -> None:
        for turn in range(20 if LONG else 3):
            with self.subTest(turn=turn):
                port = self.plug(baud=RATES[(turn + 1) % len(RATES)])
                self.wait_handed_over(port)
                self.assert_position(port)
                self.machine.unplug_gps()
                self.assert_nothing_left()
        self.assertEqual(self.machine.run("systemctl --failed --no-legend").stdout, "")

    def test_a_dongle_pulled_in_the_middle_of_a_probe_leaves_nothing(self) -> None:
        # It says nothing, so that the probe goes on.
        port = self.plug("--silent")
        self.machine.wait_until(f"pgrep -f '[s]tinky-gps-probe.*{port}'", DEADLINE_S)
        self.machine.unplug_gps()
        self.assert_nothing_left()
        self.assertEqual(self.machine.run("systemctl --failed --no-legend").stdout, "")

    def test_two_dongles_serve_side_by_side(self) -> None:
        ports = [self.plug(baud=4800), self.plug(baud=115200, socket=1)]
        for port in ports:
            self.wait_handed_over(port)
            self.assert_position(port)
        self.machine.unplug_gps(0)
        self.machine.wait_until(f"! systemctl is-active stinky-gps@{ports[0]}", DEADLINE_S)
        self.assert_position(ports[1])

    def test_a_port_that_another_process_has_is_left_alone_and_it_is_named(self) -> None:
        # The first probe finds nothing, and the port is free for somebody else.
        port = self.plug("--chatter")
        state = f"test \"$(systemctl show --value -p Result stinky-gps@{port})\" = exec-condition"
        self.machine.wait_until(state, DEADLINE_S)
        self.machine.run(f"systemd-run --quiet --unit=holder --service-type=exec sh -c 'exec sleep 1000 < /dev/{port}'")
        self.addCleanup(self.machine.run, "systemctl stop holder", check=False)
        held = self.machine.run(f"/usr/lib/stinky/stinky-gps check /dev/{port}", check=False)
        self.assertEqual(held.returncode, 75)
        self.machine.run(f"systemctl start stinky-gps@{port}", check=False, timeout=DEADLINE_S)
        self.assertRegex(self.journal(f"stinky-gps@{port}"), rf"/dev/{port} is left alone: sleep \(process \d+\) has it open")
        self.assertEqual(self.machine.run("systemctl --failed --no-legend").stdout, "")

    def test_gpsd_answers_with_ipv6_switched_off(self) -> None:
        self.machine.run("sysctl -q net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.lo.disable_ipv6=1")
        self.addCleanup(self.machine.run, "sysctl -q net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.lo.disable_ipv6=0")
        self.machine.run("systemctl stop gpsd.service gpsd.socket && systemctl start gpsd.socket", timeout=DEADLINE_S)
        port = self.plug()
        self.wait_handed_over(port)
        self.assert_position(port)


if __name__ == "__main__":
    unittest.main()
