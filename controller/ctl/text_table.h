#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace stinky::ctl {

/// What the screen can show.
struct Screen {
    bool colour = false;
    std::size_t width = 0; ///< columns; longer lines are cut with an ellipsis; 0 for no limit
    bool clears = false;   ///< it is a terminal, which the sequence for that clears
};

/// The screen of stdout: its width, and colours on a terminal only (https://no-color.org is heeded).
Screen screenOfStdout();

/// What goes before a picture that takes the place of another: nothing where the screen does not clear.
std::string clearing(const Screen& screen);

/// Columns that a UTF-8 text takes: two for a letter of East Asia or an emoji, none for an accent that
/// stands over the one before.
std::size_t columns(const std::string& text);
/// The text, cut with an ellipsis where it is longer than `width` columns.
std::string cut(const std::string& text, std::size_t width);
std::string padded(const std::string& text, std::size_t width);
/// Lines of at most `width` columns (0: one line), broken at blanks, each with `indent` before it and '\n'
/// after it.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width);

/// `text` in the colour of a state ("running", "ok", "degraded", "failed", ...); as it is without `colour`.
std::string coloured(const std::string& text, const std::string& state, bool colour);

/// One cell: its text, and the state whose colour it has.
struct Cell {
    std::string text;
    std::string state = {};
};

/// Rows under a heading, two columns indented and two apart; the last column takes what is left of the
/// screen.
std::string textTable(const std::vector<std::string>& head, const std::vector<std::vector<Cell>>& rows,
                      const Screen& screen);

} // namespace stinky::ctl
