#include "ctl/text_table.h"

#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cwchar>
#include <string_view>
#include <utility>

namespace stinky::ctl {
namespace {

/// While it lives wcwidth(3) knows letters beyond ASCII: the program's own locale is "C".
class Utf8Letters {
public:
    Utf8Letters() : before_(uselocale(locale())) {}

    ~Utf8Letters() { uselocale(before_); }

    Utf8Letters(const Utf8Letters&) = delete;
    Utf8Letters& operator=(const Utf8Letters&) = delete;

private:
    static locale_t locale() {
        // It is a part of glibc's package. Without it (null) nothing is changed, and letters have one
        // column.
        static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return utf8;
    }

    locale_t before_;
};

struct Letter {
    std::size_t bytes;
    std::size_t columns;
};

/// The first of a text that is not empty; a Utf8Letters must be alive.
Letter firstLetter(std::string_view text) {
    const auto follows = [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    };
    const auto end = std::find_if_not(text.begin() + 1, text.end(), follows);
    const auto bytes = static_cast<std::size_t>(end - text.begin());
    wchar_t letter = 0;
    std::mbstate_t state = {};
    const int width = std::mbrtowc(&letter, text.data(), bytes, &state) == bytes ? wcwidth(letter) : -1;
    return {bytes, width < 0 ? 1 : static_cast<std::size_t>(width)};
}

constexpr std::array<std::pair<std::string_view, const char*>, 20> colours = {{
    {"running", "\033[32m"},      {"active", "\033[32m"},     {"ok", "\033[32m"},
    {"ready", "\033[32m"},        {"starting", "\033[33m"},   {"activating", "\033[33m"},
    {"stopping", "\033[33m"},     {"restarting", "\033[33m"}, {"waiting", "\033[33m"},
    {"deactivating", "\033[33m"}, {"degraded", "\033[33m"},   {"warning", "\033[33m"},
    {"failed", "\033[31m"},       {"fault", "\033[31m"},      {"silent", "\033[31m"},
    {"masked", "\033[31m"},       {"missing", "\033[31m"},    {"broken", "\033[31m"},
    {"inactive", "\033[2m"},      {"stopped", "\033[2m"},
}};

} // namespace

Screen screenOfStdout() {
    Screen screen;
    if (isatty(STDOUT_FILENO) != 1)
        return screen;
    const char* noColour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    screen.clears = terminal == nullptr || std::string_view(terminal) != "dumb";
    screen.colour = screen.clears && (noColour == nullptr || *noColour == '\0');
    winsize size = {};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        screen.width = size.ws_col;
    return screen;
}

std::string clearing(const Screen& screen) {
    return screen.clears ? "\033[H\033[2J" : "";
}

std::size_t columns(const std::string& text) {
    const Utf8Letters letters;
    std::size_t count = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const Letter letter = firstLetter(rest);
        count += letter.columns;
        rest.remove_prefix(letter.bytes);
    }
    return count;
}

std::string cut(const std::string& text, std::size_t width) {
    if (columns(text) <= width)
        return text;
    if (width == 0)
        return "";
    const Utf8Letters letters;
    std::string_view rest = text;
    for (std::size_t room = width - 1; !rest.empty();) {
        const Letter letter = firstLetter(rest);
        if (letter.columns > room)
            break;
        room -= letter.columns;
        rest.remove_prefix(letter.bytes);
    }
    return text.substr(0, text.size() - rest.size()) + "…";
}

std::string padded(const std::string& text, std::size_t width) {
    const std::size_t used = columns(text);
    return used >= width ? text : text + std::string(width - used, ' ');
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
    const std::string margin(indent, ' ');
    if (width == 0)
        return margin + text + "\n";
    const std::size_t room = width > indent + 1 ? width - indent : 1;
    std::string out;
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word = cut(text.substr(at, end - at), room);
        if (!line.empty() && columns(line) + 1 + columns(word) > room) {
            out += margin + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
        at = end + 1;
    }
    return out + margin + line + "\n";
}

std::string coloured(const std::string& text, const std::string& state, bool colour) {
    const auto entry = std::ranges::find(colours, state, [](const auto& pair) { return pair.first; });
    return !colour || entry == colours.end() || text.empty() ? text : entry->second + text + "\033[0m";
}

std::string textTable(const std::vector<std::string>& head, const std::vector<std::vector<Cell>>& rows,
                      const Screen& screen) {
    std::vector<std::vector<Cell>> all(1);
    for (const std::string& title : head)
        all[0].push_back({title});
    all.insert(all.end(), rows.begin(), rows.end());
    std::vector<std::size_t> widths(head.size());
    for (const auto& row : all)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], columns(row[i].text));
    std::string out;
    for (const auto& row : all) {
        std::string line;
        std::size_t used = 0;
        std::size_t blanks = 2;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool last = i + 1 == row.size();
            std::string text = row[i].text;
            if (screen.width > 0)
                text = cut(text, screen.width > used + blanks ? screen.width - used - blanks : 0);
            if (!text.empty()) {
                line += std::string(blanks, ' ') + coloured(text, row[i].state, screen.colour);
                used += blanks + columns(text);
                blanks = 0;
            }
            if (!last)
                blanks += widths[i] - std::min(widths[i], columns(text)) + 2;
        }
        out += line + "\n";
    }
    return out;
}

} // namespace stinky::ctl
