#pragma once

#include "ctl/doctor/checks.h"

#include <gtest/gtest.h>
#include <linux/nl80211.h>

#include <functional>
#include <ostream>

namespace stinky::ctl {

/// A machine on which all is well.
inline Facts healthy() {
    Facts f;
    f.configPath = "/etc/stinky/stinky.conf";
    f.config = Config::parse("TAK_OUTPUTS=udp://10.0.0.9:4242");
    f.root = true;
    f.status = StatusView();
    f.status->state = "running";
    UnitLine port;
    port.name = "stinky-gps@ttyUSB0.service";
    port.activeState = "active";
    f.status->units.push_back(port);
    f.status->radios = {{{"interface", "wlan2"}, {"held", true}}};
    f.ports = {{"ttyUSB0", "0403:6001", "FT232", "ftdi_sio", {"gpsd"}, true}};
    f.udevRule = true;
    f.gps.connected = f.gps.answered = true;
    f.gps.devices = {"/dev/ttyUSB0"};
    f.gps.fix.mode = 3;
    f.gps.fix.monotonic = 100;
    f.gpsAt = 101;
    f.clockSynchronised = true;
    f.year = 2026;
    f.radio.known = true;
    f.radio.name = "wlan2";
    f.radio.interface = WifiInterface();
    f.radio.interface->type = NL80211_IFTYPE_MONITOR;
    f.radio.canMonitor = true;
    f.radio.usableChannels = 11;
    f.radio.driver = "rt2800usb";
    f.radio.country = "DE";
    f.radio.managedByNm = false;
    f.freeBytes = 12'000'000'000;
    f.cgroupControllers = "cpuset cpu io memory pids";
    f.throttled = 0;
    f.outputs = {{"udp://10.0.0.9:4242", ""}};
    f.certificates = {{"/etc/stinky/tak.pem", "", 300}};
    f.listeners = {
        {"tcp", 2947, true, {"gpsd"}}, {"tcp", 5000, true, {"systemd"}}, {"tcp", 80, false, {"nginx"}}};
    f.secrets = {{"/etc/stinky/tak.key", 0640}};
    f.webToken = true;
    return f;
}

struct Case {
    const char* name; ///< of the test
    const char* check;
    std::function<void(Facts&)> harm;
    Result result;
    const char* what;
    const char* fix;
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.name;
}

class DoctorTable : public testing::TestWithParam<Case> {};

inline void settings(Facts& f, const char* text) {
    f.config = Config::parse(text);
}

} // namespace stinky::ctl
