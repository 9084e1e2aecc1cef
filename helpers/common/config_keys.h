#pragma once

#include "common/config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What values the keys of stinky.conf may have: for config.cpp alone.
namespace stinky {

struct CheckedKey {
    ConfigKey key;
    bool (*valid)(std::string_view);
};

/// In the order of the manual page.
const std::vector<CheckedKey>& checkedKeys();

/// Split at blanks and tabs.
std::vector<std::string> words(std::string_view text);

/// "200M": bytes, or with a letter for a power of 1024; nothing when it is none, or more than 2^50.
std::optional<std::uint64_t> sizeOf(std::string_view text);

} // namespace stinky
