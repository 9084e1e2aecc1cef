#pragma once

#include "web/http.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is read out of the parts of a request: functions of hostile text, each with a bound of its own.
namespace stinky::web {

/// The part of a request line between method and version.
struct Target {
    std::string path;
    Parameters query;
};

/// "/a%20b?x=1&y" -> "/a b", {{"x","1"},{"y",""}}. Nothing when it is not in origin form, has a broken
/// escape, a control character or bytes that are not UTF-8 after decoding, an empty or dotted segment ("//",
/// "/./", "/../", escaped too), an escaped '/', more than 32 parameters or one of them twice.
std::optional<Target> parseTarget(std::string_view text);

/// The value of a cookie; nothing when it is not there or there twice (RFC 6265, 4.2.1).
std::optional<std::string> cookieValue(std::string_view header, std::string_view name);

/// The token of "Bearer xyz"; the scheme in any case (RFC 9110, 11.1).
std::optional<std::string> bearerToken(std::string_view header);

/// The host of a Host header without its port, in lower case, "[" and "]" of IPv6 cut; nothing when it is
/// none.
std::optional<std::string> hostOf(std::string_view header);

/// Bytes `first` to `last` of a file.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

enum class RangeKind { whole, part, unsatisfiable };

/// One range of "bytes=..." for a file of `size` bytes; several, or another unit, mean the whole
/// (RFC 9110, 14.2: a server may ignore them).
RangeKind parseRange(std::string_view header, std::uint64_t size, ByteRange& range);

/// True when `type` ("application/geo+json") is named in an Accept header, without q=0.
bool accepts(std::string_view header, std::string_view type);

/// A file name of a capture: no folder, no leading dot, at most 200 of [A-Za-z0-9._-].
bool isCaptureName(std::string_view name);

/// Equal, in a time that depends on the lengths only.
bool equalInConstantTime(std::string_view a, std::string_view b) noexcept;

} // namespace stinky::web
