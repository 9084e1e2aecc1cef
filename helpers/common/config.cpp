#include "common/config.h"

#include "common/atomic_file.h"
#include "common/config_keys.h"
#include "common/error.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace stinky {
namespace {

constexpr std::size_t longestValue = 4096;

const CheckedKey* find(std::string_view name) {
    for (const CheckedKey& key : checkedKeys())
        if (name == key.key.name)
            return &key;
    return nullptr;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string_view unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

} // namespace

const std::vector<ConfigKey>& configKeys() {
    static const std::vector<ConfigKey> keys = [] {
        std::vector<ConfigKey> all;
        for (const CheckedKey& key : checkedKeys())
            all.push_back(key.key);
        return all;
    }();
    return keys;
}

Config::Config() {
    for (const ConfigKey& key : configKeys())
        values_.emplace(key.name, key.fallback);
}

void Config::set(const std::string& key, const std::string& value, int line) {
    const CheckedKey* known = find(key);
    if (known == nullptr)
        problems_.push_back({line, key + ": no such setting, ignored"});
    else if (value.size() > longestValue || !known->valid(value))
        problems_.push_back({line, key + "=" + value.substr(0, 80) + ": expected " + known->key.expected +
                                       "; using " + values_.at(key)});
    else
        values_[key] = value;
}

Config Config::parse(std::string_view text) {
    Config config;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty() || line.front() == '#')
            continue;
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            config.problems_.push_back({number, "not a line of the form KEY=VALUE, ignored"});
            continue;
        }
        config.set(std::string(trim(line.substr(0, equals))),
                   std::string(unquoted(trim(line.substr(equals + 1)))), number);
    }
    return config;
}

Config Config::load(const std::string& path) {
    try {
        return parse(readFile(path, 64 * 1024));
    } catch (const Error& e) {
        if (e.code() == ENOENT)
            return {};
        throw;
    }
}

const std::string& Config::text(std::string_view key) const {
    const auto found = values_.find(key);
    if (found == values_.end())
        throw std::out_of_range("no setting " + std::string(key));
    return found->second;
}

long Config::number(std::string_view key) const {
    return std::stol(text(key));
}

std::uint64_t Config::bytes(std::string_view key) const {
    return sizeOf(text(key)).value();
}

std::vector<std::string> Config::list(std::string_view key) const {
    return words(text(key));
}

} // namespace stinky
