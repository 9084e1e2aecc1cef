#include "ctl/redact.h"

#include <regex>

#include "view/secrets.h"

namespace stinky::ctl {
namespace {

struct Rule {
    std::regex pattern;
    const char* replacement;
};

const std::regex::flag_type flags = std::regex::ECMAScript | std::regex::icase | std::regex::optimize;

std::string anySecretWord() {
    std::string words;
    for (const std::string_view word : view::secretWords)
        words += (words.empty() ? "" : "|") + std::string(word);
    return words;
}

/// A text in quotes of either kind, to its end.
std::string quoted() {
    return R"("(?:[^"\\]|\\.)*"|'[^']*')";
}

std::string redactedLine(const std::string& line) {
    static const Rule rules[] = {
        // 02:00:00:aa:bb:cc, also with dashes
        {std::regex(
             R"(\b([0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2})([:-])[0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}\b)",
             flags),
         "$1$2xx$2xx$2xx"},
        // uids of TAK objects hold the address without colons
        {std::regex(R"(\b(wifi\.[0-9a-f]{6})[0-9a-f]{6}\b)", flags), "$1xxxxxx"},
        // a decimal with four places or more is a coordinate, or needs no more than one to be understood
        {std::regex(R"((-?\b\d{1,3}\.\d)\d{3,}\b)", flags), "$1…"},
        // psk=two words: without quotes nobody knows where it ends
        {std::regex(R"(([a-z_.-]*(?:psk|passw|passphrase)[a-z_]*\s*=\s*)(?:)" + quoted() + R"(|.+))", flags),
         "$1***"},
        // PASSWORD_FILE: x, "token": "x", token=x
        {std::regex(R"(([a-z_.-]*(?:)" + anySecretWord() + R"()[a-z_]*"?\s*[=:]\s*)(?:)" + quoted() +
                        R"(|\S+))",
                    flags),
         "$1***"},
        // --psk x
        {std::regex(R"((\B--?[a-z_-]*(?:)" + anySecretWord() + R"()[a-z_]*\s+)(?:)" + quoted() + R"(|\S+))",
                    flags),
         "$1***"},
        {std::regex(R"((authorization:?\s+\w+\s+)\S+)", flags), "$1***"},
    };
    std::string out = view::withoutLogins(line);
    for (const Rule& rule : rules)
        out = std::regex_replace(out, rule.pattern, rule.replacement);
    return out;
}

// std::regex recurses with the length of what it matches.
constexpr std::size_t longestPiece = 2000;

} // namespace

std::string redacted(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        const std::size_t line = newline == std::string_view::npos ? text.size() : newline;
        if (line > longestPiece)
            out += "(a line of " + std::to_string(line) + " bytes was left out)";
        else
            out += redactedLine(std::string(text.substr(0, line)));
        if (newline != std::string_view::npos)
            out += '\n';
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    }
    return out;
}

} // namespace stinky::ctl
