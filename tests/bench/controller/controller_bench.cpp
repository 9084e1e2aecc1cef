/// The controller on a private bus with a systemd that is played: what it costs, and how fast it tells.
///   controller_bench PATH-OF-STINKY-CONTROLLER [--long] [--check]
/// --long measures idleness for 60 s and the storm for 10 s; --check ends with 1 when a figure is over its
/// limit.

#include "common/bus.h"
#include "common/error.h"
#include "common/part_status.h"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "unit/controller/bus_daemon.h"
#include "unit/controller/fake_systemd.h"
#include "unit/sim/child_process.h"
#include "unit/temporary_directory.h"

namespace stinky::test {
namespace {

using sim::test::ChildProcess;

constexpr const char* controllerName = "org.stinky.Controller1";
constexpr const char* controllerPath = "/org/stinky/Controller1";
constexpr const char* scan = "stinky-scan.service";

/// The played systemd, with a target that is up.
struct Played {
    Played(EventLoop& loop, const std::string& address) : bus(connectTo(loop, address)), systemd(bus.get()) {
        checked(sd_bus_request_name(bus.get(), "org.freedesktop.systemd1", 0), "take the name of",
                "systemd");
        systemd.unit("stinky.target").activeState = "active";
        systemd.unit("stinky.target").wants = {scan, "stinky-tak.service"};
        for (const char* name : {scan, "stinky-tak.service"}) {
            systemd.unit(name).activeState = "active";
            systemd.unit(name).subState = "running";
        }
    }

    bus::Bus bus;
    FakeSystemd systemd;
};

/// READY=1 of the controller, as systemd would get it.
class NotifySocket {
public:
    explicit NotifySocket(const std::string& path)
        : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
            throw Error::fromErrno("bind", path, errno);
        setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }

    ~NotifySocket() { close(fd_); }

    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    bool ready() const {
        char text[512];
        ssize_t n = 0;
        while ((n = recv(fd_, text, sizeof text, 0)) > 0)
            if (std::string_view(text, static_cast<std::size_t>(n)).find("READY=1") !=
                std::string_view::npos)
                return true;
        return false;
    }

private:
    int fd_;
};

struct Cost {
    double cpuSeconds = 0;
    long switches = 0;
    long residentKb = 0;
};

Cost costOf(pid_t pid) {
    Cost cost;
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::vector<std::string> all{std::istream_iterator<std::string>(fields), {}};
    cost.cpuSeconds = static_cast<double>(std::stol(all.at(11)) + std::stol(all.at(12))) /
                      static_cast<double>(sysconf(_SC_CLK_TCK));
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:"))
            cost.residentKb = std::stol(line.substr(6));
        if (line.starts_with("voluntary_ctxt_switches:"))
            cost.switches = std::stol(line.substr(24));
    }
    return cost;
}

void until(EventLoop& loop, const char* what, const std::function<bool()>& condition) {
    const double end = monotonicSeconds() + 30;
    while (!condition()) {
        if (monotonicSeconds() > end)
            throw Error("wait for", what, "it did not come within 30 s");
        loop.runOnce(std::chrono::milliseconds(20));
    }
}

void during(EventLoop& loop, double seconds) {
    for (const double end = monotonicSeconds() + seconds; monotonicSeconds() < end;)
        loop.runOnce(std::chrono::milliseconds(100));
}

struct Figure {
    std::string what;
    double value;
    double limit;
    const char* unit;
};

class Bench {
public:
    Bench(std::string program, bool isLong) : program_(std::move(program)), isLong_(isLong) {
        std::filesystem::create_directory(folder_ / "status");
        daemon_.start();
        setenv("DBUS_SYSTEM_BUS_ADDRESS", daemon_.address().c_str(), 1);
        played_ = std::make_unique<Played>(loop_, daemon_.address());
        watch();
    }

    std::vector<Figure> run() {
        start();
        latency();
        during(loop_, 1);
        // It has no socket: of port 5000 only the libraries are there, most of it GnuTLS.
        figures_.push_back({"resident, without clients (resident.py has them)",
                            static_cast<double>(costOf(pid_).residentKb) / 1024, 10, "MB"});
        idle();
        storm();
        restartOfTheBus();
        return figures_;
    }

private:
    void watch() {
        match_ = bus::addMatch(
            played_->bus.get(),
            std::string("type='signal',path='") + controllerPath + "',member='StateChanged'",
            [this](sd_bus_message* signal) {
                const char* before = nullptr;
                const char* state = nullptr;
                // One change may be told twice, the second time with what is done about it.
                if (sd_bus_message_read(signal, "ss", &before, &state) > 0 && awaited_ == state)
                    changedAt_ = monotonicSeconds();
            });
    }

    void start() {
        const NotifySocket notify(folder_ / "notify");
        const double begin = monotonicSeconds();
        controller_ = std::make_unique<ChildProcess>(
            std::vector<std::string>{program_, "--status-directory", folder_ / "status", "--captures",
                                     folder_.path(), "--config", folder_ / "none.conf"});
        until(loop_, "READY=1", [&] { return notify.ready(); });
        figures_.push_back({"start to READY", (monotonicSeconds() - begin) * 1e3, 200, "ms"});
        unsetenv("NOTIFY_SOCKET");
        until(loop_, "the name", [&] { return ownerPid() > 0; });
        pid_ = ownerPid();
    }

    pid_t ownerPid() {
        const auto call = bus::newCall(played_->bus.get(), "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetConnectionUnixProcessID");
        sd_bus_message_append(call.get(), "s", controllerName);
        std::uint32_t pid = 0;
        bool answered = false;
        calls_ = std::make_unique<bus::Calls>(played_->bus.get());
        calls_->send(call.get(), std::chrono::seconds(5), [&](sd_bus_message* reply) {
            answered = true;
            if (bus::failureOf(reply).name.empty())
                sd_bus_message_read(reply, "u", &pid);
        });
        until(loop_, "an answer of the bus", [&] { return answered; });
        return static_cast<pid_t>(pid);
    }

    void latency() {
        std::vector<double> took;
        const int rounds = isLong_ ? 2000 : 300;
        for (int i = 0; i < rounds; ++i) {
            const bool down = i % 2 == 0;
            awaited_ = down ? "degraded" : "running";
            changedAt_ = 0;
            const double begin = monotonicSeconds();
            played_->systemd.set(scan, down ? "inactive" : "active", down ? "dead" : "running");
            until(loop_, "StateChanged", [&] { return changedAt_ > 0; });
            took.push_back((changedAt_ - begin) * 1e3);
            // Its log must not fill the pipe.
            while (controller_->errorLine(std::chrono::milliseconds(0))) {
            }
        }
        std::ranges::sort(took);
        figures_.push_back({"change to signal, median", took[took.size() / 2], 0, "ms"});
        figures_.push_back({"change to signal, p99", took[took.size() * 99 / 100], 10, "ms"});
    }

    void idle() {
        const double seconds = isLong_ ? 60 : 5;
        during(loop_, 2);
        const long before = costOf(pid_).switches;
        during(loop_, seconds);
        // A limit of 0 means none here: less than half a wake-up.
        figures_.push_back({fmt::format("wake-ups in {:.0f} s idle", seconds),
                            static_cast<double>(costOf(pid_).switches - before), 0.5, ""});
    }

    void storm() {
        const double seconds = isLong_ ? 10 : 3;
        const Cost before = costOf(pid_);
        PartReport report;
        report.part = "scan";
        report.state = PartState::ok;
        const std::string path = folder_ / "status/scan.json";
        int written = 0;
        const double begin = monotonicSeconds();
        while (monotonicSeconds() - begin < seconds) {
            // A machine that is too slow for that many writes as many as it can.
            for (int burst = 0; burst < 100 && written < (monotonicSeconds() - begin) * 1000; ++burst) {
                report.counters["frames"] = ++written;
                std::ofstream(path + ".new") << toJson(report, monotonicSeconds()).dump();
                std::filesystem::rename(path + ".new", path);
            }
            loop_.runOnce(std::chrono::microseconds(500));
        }
        const double share = (costOf(pid_).cpuSeconds - before.cpuSeconds) / seconds * 100;
        // The limit is for 1,000/s.
        const double rate = written / seconds;
        figures_.push_back(
            {fmt::format("storm of {:.0f} status files/s", rate), share, 5 * rate / 1000, "% of a core"});
    }

    void restartOfTheBus() {
        match_.reset();
        calls_.reset();
        daemon_.end();
        played_.reset();
        daemon_.start();
        const double begin = monotonicSeconds();
        played_ = std::make_unique<Played>(loop_, daemon_.address());
        until(loop_, "the name on the new bus", [&] { return ownerPid() > 0; });
        figures_.push_back(
            {"truth after a restart of the bus", (monotonicSeconds() - begin) * 1e3, 1000, "ms"});
        if (ownerPid() != pid_)
            throw Error("find", "the controller", "it is another process");
    }

    std::string program_;
    bool isLong_;
    TemporaryDirectory folder_;
    EventLoop loop_;
    BusDaemon daemon_{folder_.path()};
    std::unique_ptr<Played> played_;
    std::unique_ptr<bus::Calls> calls_;
    bus::Slot match_;
    std::unique_ptr<ChildProcess> controller_;
    pid_t pid_ = 0;
    std::string awaited_;
    double changedAt_ = 0; ///< when StateChanged came last, to the state that is awaited
    std::vector<Figure> figures_;
};

int run(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto has = [&](const char* option) {
        return std::erase(arguments, option) > 0;
    };
    const bool isLong = has("--long") || std::getenv("STINKY_LONG") != nullptr;
    const bool check = has("--check");
    if (arguments.size() != 1) {
        std::cerr << "usage: controller_bench PATH-OF-STINKY-CONTROLLER [--long] [--check]\n";
        return 2;
    }
    int result = EXIT_SUCCESS;
    fmt::print("| what | figure | limit |\n|---|---:|---:|\n");
    for (const Figure& figure : Bench(arguments[0], isLong).run()) {
        fmt::print("| {} | {:.2f} {} | {} |\n", figure.what, figure.value, figure.unit,
                   figure.limit > 0 ? fmt::format("{} {}", figure.limit, figure.unit) : "");
        if (check && figure.limit > 0 && figure.value > figure.limit)
            result = EXIT_FAILURE;
    }
    return result;
}

} // namespace
} // namespace stinky::test

int main(int argc, char** argv) {
    try {
        return stinky::test::run(argc, argv);
    } catch (const std::exception& e) {
        std::cerr << "controller_bench: " << e.what() << "\n";
    }
    return EXIT_FAILURE;
}
