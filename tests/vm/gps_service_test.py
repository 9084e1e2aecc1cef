"""GPS as the survey sees it: its service, a gpsd that dies, its displays, the clock, and ports that others use."""

import time
import unittest

from receivers import LONG, ReceiverCase
from sensor import DEADLINE_S, LATITUDE, LONGITUDE, part

# A gpsd that takes connections and says nothing.
HANGING = "[Service]\nType=exec\nExecStart=\nExecStart=/bin/sleep infinity\n"
HANGING_PATH = "/run/systemd/system/gpsd.service.d/99-hangs.conf"
# As an NTP daemon does: adjtimex(2) with ADJ_STATUS and ADJ_MAXERROR takes STA_UNSYNC away.
DISCIPLINE = "perl -e 'my $t = pack(\"L x4 q4 l x4 x160\", 0x14, 0, 0, 0, 0, 0); exit(syscall(159, $t) < 0)'"


class GpsService(ReceiverCase):
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

        shown = self.machine.run("stinkyctl gps").stdout
        self.assertRegex(shown, rf"● 3D fix, \d+ of \d+ satellites used\n  Receiver   /dev/ttyUSB0, NMEA0183, 38400 bit/s\n"
                                rf"  Position   {LATITUDE} {LONGITUDE}")
        self.assertRegex(shown, r"SYSTEM +PRN +ELEV +AZIM +USED +dB +SIGNAL\n +GPS +\d+ +\d+ +\d+ +yes +\d+ +█+")
        watched = self.machine.run("timeout --preserve-status 10 stinkyctl gps --watch").stdout
        self.assertGreaterEqual(watched.count(f"Position   {LATITUDE}"), 3)
        self.assertNotIn("\033[2J", watched, "a pipe is not cleared")

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
        self.wait_journal("stinky-gps", "restarting it, 1 of 2")
        self.wait_state("ok")
        self.assert_position(port)
        self.assertEqual(part(self.machine, "gps")["counters"]["gpsd_restarts"], 1)

    @unittest.skipUnless(LONG, "takes two minutes")
    def test_a_gpsd_that_stays_silent_is_given_up_and_the_rest_goes_on(self) -> None:
        self.machine.run(f"mkdir -p $(dirname {HANGING_PATH}); cat > {HANGING_PATH}; systemctl daemon-reload; "
                         "systemctl restart gpsd.service", stdin=HANGING, timeout=DEADLINE_S)
        self.addCleanup(self.machine.run, f"rm -f {HANGING_PATH}; systemctl daemon-reload; systemctl restart gpsd.service",
                        timeout=DEADLINE_S)
        self.start_target()
        self.wait_journal("stinky-gps", "after 2 restarts: going on without GPS")
        self.assertRegex(self.journal("stinky-gps"), r"(?s)restarting it, 1 of 2.*restarting it, 2 of 2")
        self.wait_state("degraded")
        self.machine.run("systemctl is-active stinky.target stinky-gps.service")
        # It notices when gpsd is there again.
        self.machine.run(f"rm {HANGING_PATH}; systemctl daemon-reload; systemctl restart gpsd.service", timeout=DEADLINE_S)
        self.plug()
        self.wait_state("ok")

    def test_a_busy_port_is_left_alone_until_it_is_free(self) -> None:
        port = self.plug_unseen(baud=4800)
        unit = f"stinky-gps@{port}"
        self.machine.run(f"systemd-run --quiet --unit=holder --service-type=exec sh -c 'exec sleep 1000 < /dev/{port}'")
        self.addCleanup(self.machine.run, "systemctl stop holder", check=False)
        self.assertEqual(self.machine.run(f"/usr/lib/stinky/stinky-gps check /dev/{port}", check=False).returncode, 75)
        self.machine.run(f"systemctl start {unit}", check=False, timeout=DEADLINE_S)
        self.assertRegex(self.journal(unit), rf"/dev/{port} is left alone: sleep \(process \d+\) has it open; "
                                             "it is looked at again when that lets go")
        self.machine.wait_until(f"systemctl is-active stinky-gps-free@{port}", DEADLINE_S)
        self.assertEqual(self.machine.run(f"systemctl is-active {unit}", check=False).stdout.strip(), "inactive")
        self.assert_no_failed_unit()

        # Another one closes it: the first still has it.
        self.machine.run(f"stat /dev/{port} && true < /dev/{port}")
        self.assertEqual(self.machine.run(f"systemctl is-active {unit}", check=False).stdout.strip(), "inactive")

        self.machine.run("systemctl stop holder")
        self.wait_handed_over(port)
        self.assertIn(f"/dev/{port} is free: looking for a receiver", self.journal(f"stinky-gps-free@{port}"))
        self.assert_position(port)
        self.machine.unplug_gps()
        self.assert_nothing_left()

    def test_a_busy_port_that_is_pulled_out_leaves_nothing(self) -> None:
        port = self.plug_unseen()
        self.machine.run(f"systemd-run --quiet --unit=holder --service-type=exec sh -c 'exec sleep 1000 < /dev/{port}'")
        self.addCleanup(self.machine.run, "systemctl stop holder", check=False)
        self.machine.run(f"systemctl start stinky-gps@{port}", check=False, timeout=DEADLINE_S)
        self.machine.wait_until(f"systemctl is-active stinky-gps-free@{port}", DEADLINE_S)
        self.machine.unplug_gps()
        self.machine.run("systemctl stop holder", check=False)
        self.assert_nothing_left()
        self.assert_no_failed_unit()

    def test_a_login_or_the_console_on_a_port_is_named(self) -> None:
        said = self.machine.run("/usr/lib/stinky/stinky-gps check /dev/ttyS0", check=False)
        self.assertEqual(said.returncode, 75)
        self.assertIn("the kernel's console is on it", said.stderr)
        port = self.plug_unseen()
        self.machine.run(f"systemctl start serial-getty@{port}")
        self.addCleanup(self.machine.run, f"systemctl stop serial-getty@{port}", check=False)
        self.machine.run(f"systemctl start stinky-gps@{port}", check=False, timeout=DEADLINE_S)
        self.assertIn(f"a login waits on it: systemctl disable --now serial-getty@{port}.service",
                      self.journal(f"stinky-gps@{port}"))

    def test_cgps_is_on_its_console_and_never_critical(self) -> None:
        self.set("GPS_DISPLAY_TTY=/dev/tty8")
        self.start_target()
        screen = "tr -d '\\0' < /dev/vcs8"
        self.machine.wait_until(f"{screen} | grep -q 'no GPS receiver'", DEADLINE_S)
        self.plug()
        self.machine.wait_until(f"{screen} | grep -q 'Latitude' && {screen} | grep -q '3D FIX'", DEADLINE_S)
        self.machine.wait_until("systemctl kill -s KILL stinky-cgps; systemctl is-failed stinky-cgps", DEADLINE_S)
        self.addCleanup(self.machine.run, "systemctl reset-failed stinky-cgps", check=False)
        self.assertIn("Start request repeated too quickly", self.journal("stinky-cgps"))
        self.machine.run("systemctl is-active stinky.target stinky-gps.service")

    def guest_is_behind_s(self) -> float:
        return time.time() - float(self.machine.run("date +%s.%N").stdout)

    def test_the_clock_is_set_once_and_only_when_nothing_keeps_it(self) -> None:
        self.addCleanup(lambda: self.machine.run(f"date --set=@{time.time():.3f}"))
        self.set("GPS_TIME=yes")
        self.wait_handed_over(self.plug())
        set_back = "date --set='1 hour ago'"
        trusted = "grep -q '\"time_trusted\":{}' /run/stinky/status/gps.json"

        self.machine.run(f"{set_back} && {DISCIPLINE}")
        self.start_target()
        self.machine.wait_until(trusted.format("true"), DEADLINE_S)
        self.machine.run(f"timeout {DEADLINE_S} gpspipe -w | grep -m 5 '\"class\":\"TPV\".*\"lat\":'", timeout=DEADLINE_S + 10)
        self.assertEqual(self.machine.run("journalctl -b -o cat STINKY_EVENT=clock-set").stdout, "")
        self.assertGreater(self.guest_is_behind_s(), 3000)
        self.machine.run(set_back)
        self.machine.wait_until("journalctl -b -o cat STINKY_EVENT=clock-set | grep -q 'set from GPS, by +'", DEADLINE_S)
        # The report comes after the record, and what is in the one from before says nothing.
        self.machine.wait_until("grep -q '\"time_set\":true' /run/stinky/status/gps.json", DEADLINE_S)
        self.machine.wait_until(trusted.format("true"), DEADLINE_S)
        # An emulated machine on a busy host hears late.
        self.assertLess(abs(self.guest_is_behind_s()), 60)

        self.machine.run(set_back)
        self.machine.wait_until(trusted.format("false"), DEADLINE_S)
        self.assertGreater(self.guest_is_behind_s(), 3000)
        self.assertEqual(len(self.machine.run("journalctl -b -o cat STINKY_EVENT=clock-set").stdout.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
