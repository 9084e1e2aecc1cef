#include "core/state.h"

#include <array>

namespace stinky::core {
namespace {

constexpr std::array<PartHealth, 4> allHealths = {PartHealth::ok, PartHealth::waiting, PartHealth::degraded,
                                                  PartHealth::fault};

} // namespace

const char* toString(State state) noexcept {
    switch (state) {
    case State::inactive:
        return "inactive";
    case State::starting:
        return "starting";
    case State::running:
        return "running";
    case State::degraded:
        return "degraded";
    case State::stopping:
        return "stopping";
    case State::failed:
        return "failed";
    }
    return "failed";
}

const char* toString(Request request) noexcept {
    switch (request) {
    case Request::start:
        return "start";
    case Request::stop:
        return "stop";
    case Request::restart:
        return "restart";
    }
    return "start";
}

const char* toString(PartHealth health) noexcept {
    switch (health) {
    case PartHealth::ok:
        return "ok";
    case PartHealth::waiting:
        return "waiting";
    case PartHealth::degraded:
        return "degraded";
    case PartHealth::fault:
        return "fault";
    }
    return "fault";
}

std::optional<PartHealth> partHealthFromString(std::string_view text) noexcept {
    for (const PartHealth health : allHealths)
        if (text == toString(health))
            return health;
    return std::nullopt;
}

} // namespace stinky::core
