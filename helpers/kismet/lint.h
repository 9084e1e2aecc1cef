#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::kismet {

/// A line of a Kismet configuration that Kismet would pass over in silence.
struct LintProblem {
    int line;            ///< from 1
    std::string message; ///< for people: what is wrong, and the nearest thing that is known

    bool operator==(const LintProblem&) const = default;
};

/// Every line of the text that is no setting of Kismet's. Pure, never throws for what the text says.
std::vector<LintProblem> lint(std::string_view text);

/// The known word that is nearest to `word`; empty when none is near.
std::string_view nearest(std::string_view word, bool sourceOption);

/// One line of a configuration: key, value, and whether "+=" appends. Empty key for a comment or an empty
/// line.
struct Setting {
    std::string key; ///< in small letters: Kismet does not tell them apart
    std::string value;
    bool append = false;
};

Setting parseSetting(std::string_view line);

/// The values of all log_types= lines, each word once; nothing when the text has no such line, or only adds
/// to those of ours with "+=".
std::optional<std::vector<std::string>> logTypes(std::string_view text);

} // namespace stinky::kismet
