#pragma once

#include <optional>
#include <string_view>

namespace stinky::core {

/// How the whole stack stands. `running` means that data flows; `degraded` that it is up and something is
/// amiss.
enum class State { inactive, starting, running, degraded, stopping, failed };

/// The word that goes over D-Bus: "running".
const char* toString(State state) noexcept;

/// What an operator can ask for.
enum class Request { start, stop, restart };

/// "start", "stop" or "restart".
const char* toString(Request request) noexcept;

/// How a part says it stands, in the words of its status file.
enum class PartHealth { ok, waiting, degraded, fault };

/// "ok", "waiting", "degraded" or "fault".
const char* toString(PartHealth health) noexcept;

/// Nothing for any other word.
std::optional<PartHealth> partHealthFromString(std::string_view text) noexcept;

} // namespace stinky::core
