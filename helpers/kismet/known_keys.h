#pragma once

#include <span>
#include <string_view>

namespace stinky::kismet {

/// The settings that Kismet's sources read (2026-11, git 328b98f7c, and before it back to 2020), sorted. It
/// does not say itself when it does not know one.
std::span<const std::string_view> knownKeys() noexcept;

/// The same of the options of a source= line.
std::span<const std::string_view> knownSourceOptions() noexcept;

} // namespace stinky::kismet
