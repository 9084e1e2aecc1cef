#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stinky {

/// Something in stinky.conf that cannot be used as it stands. The key keeps its default.
struct ConfigProblem {
    int line;            ///< from 1; 0 when the file itself is meant
    std::string message; ///< for people: what is wrong and what is expected
};

/// The settings of /etc/stinky/stinky.conf: lines KEY=VALUE, '#' comments, the value optionally in double
/// quotes. A file with mistakes still gives a usable Config: every key has a checked value, and problems()
/// says what was not taken.
class Config {
public:
    /// All defaults.
    Config();
    /// Never throws for what the text says.
    static Config parse(std::string_view text);
    /// Reads a file; one that does not exist is an empty one. Throws Error when it exists and cannot be
    /// read.
    static Config load(const std::string& path);

    /// The value of a known key; throws std::out_of_range for an unknown one (a programming error).
    const std::string& text(std::string_view key) const;
    /// The value of a key whose kind is a whole number.
    long number(std::string_view key) const;
    /// The value of a key whose kind is a size, in bytes.
    std::uint64_t bytes(std::string_view key) const;
    /// The value split at white space.
    std::vector<std::string> list(std::string_view key) const;

    const std::vector<ConfigProblem>& problems() const noexcept { return problems_; }

private:
    void set(const std::string& key, const std::string& value, int line);

    std::map<std::string, std::string, std::less<>> values_;
    std::vector<ConfigProblem> problems_;
};

/// The known keys in the order of the manual page, each with its default: for check-config and the docs'
/// test.
struct ConfigKey {
    const char* name;
    const char* fallback;
    const char* expected; ///< for people: "on or off", "one of auto, kismet, builtin, none"
};

const std::vector<ConfigKey>& configKeys();

/// Where the programs look when no --config is given.
inline constexpr const char* defaultConfigPath = "/etc/stinky/stinky.conf";

} // namespace stinky
