#include "common/error.h"
#include "common/log.h"
#include "common/part_status.h"
#include "core/machine.h"
#include "dbus/authorizer.h"
#include "dbus/controller_object.h"
#include "systemd/announcer.h"
#include "systemd/part_directory.h"
#include "systemd/systemd_client.h"

#include <cstdlib>
#include <cstring>
#include <iostream>

namespace {

using namespace stinky;

int run(const std::string& statusDirectory) {
    EventLoop loop;
    loop.exitOnSignals();
    loop.enableWatchdog();
    const bus::Bus bus = bus::openSystem(loop);
    systemd::SystemdClient systemd(loop, bus.get(), systemd::systemdName);
    core::Machine machine(systemd, monotonicSeconds);
    dbus::PolkitAuthorizer authorizer(bus.get());
    dbus::ControllerObject object(bus.get(), machine, authorizer);
    systemd::PartDirectory parts(
        loop, statusDirectory, [&](auto views) { machine.setParts(std::move(views)); },
        [&] { machine.reconsider(); });
    machine.observe([&](const core::Snapshot& before, const core::Snapshot& now) {
        // The name comes last: who finds it finds the truth behind it.
        if (!before.discovered && now.discovered)
            object.requestName();
        object.publish(before, now);
        systemd::announce(before, now);
    });
    parts.start();
    systemd.start(machine);
    return loop.run();
}

} // namespace

int main(int argc, char** argv) {
    log::setUp("controller");
    const bool directory = argc == 3 && std::strcmp(argv[1], "--status-directory") == 0;
    if (argc != 1 && !directory) {
        std::cerr << "usage: stinky-controller [--status-directory DIRECTORY]\n";
        return 2;
    }
    try {
        return run(directory ? argv[2] : STINKY_STATUS_DIRECTORY);
    } catch (const Error& e) {
        log::failure("controller", e);
    } catch (const std::exception& e) {
        log::error("controller", e.what());
    }
    return EXIT_FAILURE;
}
