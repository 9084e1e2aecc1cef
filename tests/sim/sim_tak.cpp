#include "sim/cot_check.h"
#include "sim/signal_fd.h"
#include "sim/tak_report.h"
#include "sim/tak_socket.h"

#include <CLI/CLI.hpp>

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

namespace stinky::sim {

namespace {

constexpr int exitDone = 0;
constexpr int exitTimeout = 1;
constexpr int exitUsage = 2;
constexpr int exitInvalid = 3;

struct Options {
    std::optional<std::uint16_t> udpPort;
    std::string bindAddress = "0.0.0.0";
    std::string multicast;
    std::string interface;
    std::uint64_t count = 0;
    std::vector<std::string> callsigns;
    double timeout = 0; ///< seconds, 0 for none
    bool json = false;
    bool tolerate = false;
};

class Listener {
public:
    explicit Listener(const Options& options)
        : options_(options), tally_(options.count, options.callsigns), signals_(openTerminationSignals()) {
        openSockets();
    }

    int run();

private:
    using Clock = std::chrono::steady_clock;

    void openSockets();
    std::optional<int> handle(const Datagram& datagram);
    std::optional<int> drain(int fd);
    std::optional<timespec> remaining(Clock::time_point deadline) const;
    int finish(int code, const char* reason) const;

    const Options& options_;
    TakTally tally_;
    UniqueFd signals_;
    std::vector<UniqueFd> sockets_;
};

void Listener::openSockets() {
    if (options_.udpPort) {
        sockets_.push_back(listenUnicast({options_.bindAddress, *options_.udpPort}));
    }
    if (!options_.multicast.empty()) {
        sockets_.push_back(listenMulticast(Ipv4Endpoint::parse(options_.multicast), options_.interface));
    }
    for (const UniqueFd& socket : sockets_) {
        std::fprintf(stderr, "ready %s\n", localEndpoint(socket.get()).text().c_str());
    }
}

int Listener::run() {
    const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                             std::chrono::duration<double>(options_.timeout));
    std::vector<pollfd> fds{{signals_.get(), POLLIN, 0}};
    for (const UniqueFd& socket : sockets_) {
        fds.push_back({socket.get(), POLLIN, 0});
    }
    for (;;) {
        const std::optional<timespec> timeout = remaining(deadline);
        const int ready = ppoll(fds.data(), fds.size(), timeout ? &*timeout : nullptr, nullptr);
        if (ready < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "ppoll");
        }
        if (ready == 0) {
            const bool enough = !tally_.waitsForSomething() && tally_.valid() > 0;
            return finish(enough ? exitDone : exitTimeout, "time is up");
        }
        if (fds[0].revents != 0) {
            return finish(exitDone, "stopped");
        }
        for (std::size_t index = 1; index < fds.size(); ++index) {
            if (fds[index].revents == 0) {
                continue;
            }
            if (const auto code = drain(fds[index].fd)) {
                return *code;
            }
        }
    }
}

std::optional<timespec> Listener::remaining(Clock::time_point deadline) const {
    if (options_.timeout <= 0) {
        return std::nullopt;
    }
    const auto left =
        std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(deadline - Clock::now()));
    const auto whole = std::chrono::floor<std::chrono::seconds>(left);
    return timespec{static_cast<time_t>(whole.count()), static_cast<long>((left - whole).count())};
}

std::optional<int> Listener::drain(int fd) {
    // Bounded, so that a flood cannot keep a signal or the timeout from being seen.
    constexpr int most = 256;
    for (int taken = 0; taken < most; ++taken) {
        const auto datagram = receive(fd);
        if (!datagram) {
            break;
        }
        if (const auto code = handle(*datagram)) {
            return code;
        }
    }
    return std::nullopt;
}

std::optional<int> Listener::handle(const Datagram& datagram) {
    const CotResult result = checkCot(datagram.bytes);
    std::string line;
    if (const auto* defect = std::get_if<CotDefect>(&result)) {
        tally_.addDefect();
        line = options_.json ? defectJson(*defect, datagram) : defectLine(*defect, datagram);
    } else {
        const auto& event = std::get<CotEvent>(result);
        tally_.addEvent(event);
        line = options_.json ? eventJson(event, datagram) : eventLine(event, datagram);
    }
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
    if (std::holds_alternative<CotDefect>(result) && !options_.tolerate) {
        return finish(exitInvalid, "an invalid datagram");
    }
    if (tally_.complete()) {
        return finish(exitDone, "complete");
    }
    return std::nullopt;
}

int Listener::finish(int code, const char* reason) const {
    std::fprintf(stderr, "sim-tak: %s: %s\n", reason, tally_.summary().c_str());
    return code;
}

void addOptions(CLI::App& app, Options& options) {
    auto* udp = app.add_option("--udp", options.udpPort, "listen on this port; 0 takes a free one");
    app.add_option("--bind", options.bindAddress, "the local address for --udp")
        ->check(CLI::ValidIPV4)
        ->needs(udp)
        ->capture_default_str();
    const std::string group = Ipv4Endpoint{takGroup, takPort}.text();
    app.add_option("--multicast", options.multicast,
                   "GROUP:PORT, " + group + " if left out; joined also when there is no --udp")
        ->expected(0, 1)
        ->default_str(group);
    app.add_option("--interface", options.interface, "join the group on this interface");
    app.add_flag("--json", options.json, "one JSON object per datagram and line");
    app.add_option("--count", options.count, "end after so many valid events")->check(CLI::PositiveNumber);
    app.add_option("--expect-callsign", options.callsigns,
                   "end when an event with this callsign was seen; with several, when all were")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--timeout", options.timeout, "seconds")->check(CLI::Range(0.001, 1e6));
    app.add_flag("--tolerate", options.tolerate, "go on after an invalid datagram");
    app.footer(
        "Exit status: 0 what was waited for arrived (without --count and --expect-callsign: at least one "
        "event "
        "before the timeout), or SIGTERM; 1 timeout; 2 usage, or the socket cannot be opened; 3 an invalid "
        "datagram.");
}

} // namespace

} // namespace stinky::sim

int main(int argc, char** argv) {
    CLI::App app("A TAK client: receives Cursor-on-Target events by UDP and checks each one.", "sim-tak");
    stinky::sim::Options options;
    stinky::sim::addOptions(app, options);
    try {
        app.parse(argc, argv);
        const bool flagOnly = app.count("--multicast") > 0 && options.multicast.empty();
        if (flagOnly || (!options.udpPort && options.multicast.empty())) {
            options.multicast =
                stinky::sim::Ipv4Endpoint{stinky::sim::takGroup, stinky::sim::takPort}.text();
        }
        return stinky::sim::Listener(options).run();
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : stinky::sim::exitUsage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sim-tak: %s\n", error.what());
        return stinky::sim::exitUsage;
    }
}
