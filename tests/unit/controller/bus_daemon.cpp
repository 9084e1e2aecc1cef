#include "bus_daemon.h"

#include "common/error.h"

#include <fstream>
#include <vector>

#include "unit/sim/child_process.h"

namespace stinky::test {

BusDaemon::BusDaemon(const std::string& folder)
    : config_(folder + "/bus.conf"), address_("unix:path=" + folder + "/bus") {
    std::ofstream(config_)
        << "<busconfig><listen>" << address_
        << "</listen><auth>EXTERNAL</auth><policy context='default'><allow send_destination='*'/>"
           "<allow receive_sender='*'/><allow own='*'/></policy></busconfig>\n";
}

BusDaemon::~BusDaemon() = default;

void BusDaemon::start() {
    daemon_ = std::make_unique<sim::test::ChildProcess>(std::vector<std::string>{
        "/usr/bin/dbus-daemon", "--nofork", "--config-file=" + config_, "--print-address=1"});
    if (!daemon_->outputLine())
        throw Error("start", "dbus-daemon", "it printed no address");
}

void BusDaemon::end() {
    daemon_.reset();
}

bus::Bus connectTo(EventLoop& loop, const std::string& address) {
    sd_bus* raw = nullptr;
    checked(sd_bus_new(&raw), "make", "a bus");
    bus::Bus bus(raw);
    checked(sd_bus_set_address(raw, address.c_str()), "use", address);
    checked(sd_bus_set_bus_client(raw, 1), "use", address);
    checked(sd_bus_start(raw), "connect to", address);
    checked(sd_bus_attach_event(raw, loop.handle(), SD_EVENT_PRIORITY_NORMAL), "serve", address);
    return bus;
}

} // namespace stinky::test
