#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stinky {

/// True when the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, up to U+10FFFF).
bool isUtf8(std::string_view bytes) noexcept;

/// Bytes from the air as text that may stand on any screen: well-formed UTF-8, at most `limit` code points,
/// without control characters (C0, DEL, C1), bidirectional controls, zero-width and other format characters,
/// line and paragraph separators, non-characters. Bytes that are not UTF-8 are read as hexadecimal:
/// "0xff00". Trailing and leading white space is cut.
std::string displayText(std::string_view bytes, std::size_t limit);

/// Escapes for XML 1.0 text and double-quoted attributes. The text must be UTF-8 without control characters.
std::string xmlEscape(std::string_view text);

/// A name as the instance of a systemd unit (systemd.unit(5), "String escaping"): '/' becomes '-', and what
/// is not in the alphabet of unit names becomes \xNN.
std::string escapeInstance(std::string_view name);

} // namespace stinky
