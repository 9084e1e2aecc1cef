#pragma once

#include "common/mac_address.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::tak {

/// The lists of TAK_IGNORE= and TAK_HIGHLIGHT=. An entry is a BSSID ("02:11:22:33:44:55", with '*' and '?'
/// if it holds a ':' at all), the first three octets of one (an OUI, "02:11:22"), or an SSID, with '*' and
/// '?'; as entries are separated by blanks, '?' stands for one in an SSID. "ssid:" before an entry makes it
/// an SSID whatever it looks like.
class PatternList {
public:
    PatternList() = default;
    /// Throws Error for what cannot be an entry.
    explicit PatternList(const std::vector<std::string>& entries);

    bool empty() const noexcept { return patterns_.empty(); }

    bool matches(const MacAddress& bssid, std::string_view ssid) const;

private:
    struct Pattern {
        std::string text;
        bool ofBssid;
    };

    std::vector<Pattern> patterns_;
};

/// TAK_HIGHLIGHT=: entries as above, each with "=COLOUR" behind it where it is not magenta: a name (red,
/// orange, yellow, green, cyan, blue, magenta, white, black) or a signed number as TAK has it.
class HighlightList {
public:
    HighlightList() = default;
    explicit HighlightList(const std::vector<std::string>& entries);

    /// The colour of the first entry that matches.
    std::optional<int> colour(const MacAddress& bssid, std::string_view ssid) const;

private:
    struct Entry {
        PatternList pattern;
        int colour;
    };

    std::vector<Entry> entries_;
};

/// '*' stands for any bytes, '?' for one. For BSSIDs, case is ignored by giving both in lower case.
bool globMatches(std::string_view pattern, std::string_view text) noexcept;

} // namespace stinky::tak
