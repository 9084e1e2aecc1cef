#include "web_backend.h"

#include "common/error.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace stinky {
namespace {

constexpr std::chrono::seconds doctorPatience{60};
constexpr std::size_t longestReport = 256 * 1024;

/// A position out of the report of stinky-gps, as fresh as that is.
void takeReport(const core::PartView& part, double now, GpsState& state) {
    const auto counters = nlohmann::json::parse(part.counters, nullptr, false);
    if (!counters.is_object() || part.staleAt(now))
        return;
    const auto number = [&](const char* key) {
        const auto found = counters.find(key);
        return found != counters.end() && found->is_number() ? std::optional(found->get<double>())
                                                             : std::nullopt;
    };
    const auto latitude = number("latitude");
    const auto longitude = number("longitude");
    state.connected = state.answered = true;
    state.satellitesUsed = static_cast<int>(number("satellites").value_or(0));
    state.satellitesSeen = static_cast<int>(number("satellites_seen").value_or(0));
    if (!latitude || !longitude)
        return;
    state.fix.mode = static_cast<int>(number("mode").value_or(2));
    state.fix.latitude = *latitude;
    state.fix.longitude = *longitude;
    state.fix.altitudeMsl = number("altitude");
    state.fix.eph = number("eph");
    state.fix.speed = number("speed");
    state.fix.track = number("track");
    state.fix.monotonic = now;
}

} // namespace

WebBackend::WebBackend(EventLoop& loop, view::Controller& controller, std::string stinkyctl)
    : loop_(loop),
      controller_(controller),
      stinkyctl_(std::move(stinkyctl)),
      patience_(loop.addTimer(std::chrono::seconds(1), "doctor", [this] {
          if (doctor_ > 0)
              kill(doctor_, SIGKILL);
          endDoctor({}, "the checks took more than a minute");
      })) {}

WebBackend::~WebBackend() {
    if (doctor_ > 0) {
        kill(doctor_, SIGKILL);
        waitpid(doctor_, nullptr, 0);
    }
}

void WebBackend::request(core::Request request, Done done) {
    controller_.request(request, "web",
                        [done = std::move(done)](const core::Ticket& ticket) { done(ticket.error); });
}

void WebBackend::restartPart(const std::string& name, Done done) {
    controller_.restartUnits({name}, "web",
                             [done = std::move(done)](const std::vector<core::Ticket>& tickets) {
                                 done(tickets.empty() ? std::string() : tickets.front().error);
                             });
}

const GpsState& WebBackend::gps() const {
    if (const GpsState* live = controller_.gpsState(); live != nullptr && live->answered)
        return *live;
    reported_ = {};
    for (const core::PartView& part : controller_.snapshot().world.parts)
        if (part.part == "gps")
            takeReport(part, controller_.now(), reported_);
    return reported_;
}

void WebBackend::doctor(Report report) {
    waiting_.push_back(std::move(report));
    if (doctor_ > 0)
        return;
    std::array<int, 2> ends = {};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) < 0) {
        endDoctor({}, Error::fromErrno("make", "a pipe", errno).what());
        return;
    }
    output_ = Fd(ends[0]);
    const Fd input(ends[1]);
    posix_spawn_file_actions_t actions = {};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
    posix_spawnattr_t attributes = {};
    posix_spawnattr_init(&attributes);
    // The loop blocks the signals that it watches; a child must not inherit that.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::string first = stinkyctl_;
    std::string second = "doctor";
    std::string third = "--json";
    // The unit's IPAddressDeny= would make each output look unreachable.
    std::string fourth = "--no-connect";
    const std::array<char*, 5> arguments = {first.data(), second.data(), third.data(), fourth.data(),
                                            nullptr};
    const int result =
        posix_spawn(&doctor_, stinkyctl_.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (result != 0) {
        doctor_ = 0;
        endDoctor({}, Error::fromErrno("run", stinkyctl_, result).what());
        return;
    }
    text_.clear();
    readable_ = loop_.addIo(output_.get(), EPOLLIN, "doctor", [this](std::uint32_t) { readDoctor(); });
    patience_.arm(doctorPatience);
}

void WebBackend::readDoctor() {
    std::array<char, 4096> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    const ssize_t length = read(output_.get(), buffer.data(), buffer.size());
    if (length > 0 && text_.size() < longestReport) {
        text_.append(buffer.data(), static_cast<std::size_t>(length));
        return;
    }
    const bool json = nlohmann::json::accept(text_);
    endDoctor(json ? text_ : std::string(), json ? "" : "stinkyctl doctor gave no report");
}

void WebBackend::endDoctor(const std::string& json, const std::string& error) {
    patience_.disarm();
    readable_.reset();
    output_.reset();
    if (doctor_ > 0) {
        // Its output is closed: it has ended, or does so at once.
        waitpid(doctor_, nullptr, 0);
        doctor_ = 0;
    }
    for (const Report& report : std::exchange(waiting_, {}))
        report(json, error);
}

} // namespace stinky
