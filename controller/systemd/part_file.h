#pragma once

#include "core/world.h"

#include <string>
#include <string_view>

namespace stinky::systemd {

inline constexpr std::size_t largestPartFile = 64 * 1024;

/// The part that a status file is of: "scan" for "scan.json"; empty for a name that no part writes.
std::string_view partOfFileName(std::string_view fileName) noexcept;

/// What a status file says. `part` is the name that the file's name gives. Whatever the text holds, this
/// gives a view: a file that cannot be taken is a fault with the reason, dated `now` (seconds of
/// CLOCK_MONOTONIC).
core::PartView parsePartFile(const std::string& part, std::string_view text, double now) noexcept;

/// Reads and parses "<folder>/<part>.json" as above, and never more than 64 KiB: no links, no pipes. False
/// when there is no such file (any more).
bool readPartFile(int folder, const std::string& part, double now, core::PartView& view);

} // namespace stinky::systemd
