#include "view/secrets.h"

#include <algorithm>

namespace stinky::view {

bool isSecretName(std::string_view name) {
    std::string small(name);
    std::ranges::transform(small, small.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return std::ranges::any_of(secretWords,
                               [&](std::string_view word) { return small.find(word) != std::string::npos; });
}

std::string withoutLogins(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'"), text.size());
        const std::string_view word = text.substr(0, end);
        const std::size_t scheme = word.find("://");
        // The last one: a password may hold an @ that nobody has escaped.
        const std::size_t at = word.rfind('@');
        if (scheme != std::string_view::npos && at != std::string_view::npos && at > scheme)
            out += std::string(word.substr(0, scheme + 3)) + "***" + std::string(word.substr(at));
        else
            out += word;
        text.remove_prefix(end);
        if (!text.empty()) {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

} // namespace stinky::view
