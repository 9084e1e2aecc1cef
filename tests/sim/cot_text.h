#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// The lexical forms of which a Cursor-on-Target event is made.
namespace stinky::sim {

/// The offset of the first byte that is not well-formed UTF-8 (RFC 3629: no overlong form, no surrogate,
/// nothing above U+10FFFF).
std::optional<std::size_t> invalidUtf8(std::string_view text);

/// C0 and C1 control characters and DEL, in well-formed UTF-8.
bool hasControlCharacter(std::string_view text);

/// A start tag with a raw control character, a line break included, between the quotes of an attribute. A
/// parser reports such a one as a space.
bool hasControlInQuotes(std::string_view startTag);

/// `yyyy-mm-ddThh:mm:ss[.f...]Z`, an existing date, in nanoseconds since 1970. Years 1970..2200.
std::optional<std::int64_t> parseUtcTime(std::string_view text);

/// A finite decimal number, whole text, the point as decimal separator.
std::optional<double> parseNumber(std::string_view text);

/// `\w+(-\w+)*(;[^;]*)?` of the CoT schema (MITRE, Event-PUBLIC.xsd), ASCII only.
bool isCotType(std::string_view text);

/// `\w(-\w+)*` of the same schema.
bool isCotHow(std::string_view text);

} // namespace stinky::sim
