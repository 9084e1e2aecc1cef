// The header fields that routes read, one after the other, and a body of JSON.
#include "web/request_parts.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>

using namespace stinky;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto cookie = web::cookieValue(text, "stinky");
    if (cookie && cookie->find(';') != std::string::npos)
        std::abort();
    const auto bearer = web::bearerToken(text);
    if (bearer && (bearer->empty() || bearer->find(' ') != std::string::npos))
        std::abort();
    const auto host = web::hostOf(text);
    if (host && (host->empty() || host->find_first_of(" /@[]") != std::string::npos))
        std::abort();
    for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{10}, UINT64_MAX}) {
        web::ByteRange range;
        if (web::parseRange(text, length, range) == web::RangeKind::part &&
            (range.first > range.last || range.last >= length))
            std::abort();
    }
    web::accepts(text, "application/geo+json");
    if (web::isCaptureName(text) && text.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos)
        std::abort();
    const auto body = nlohmann::ordered_json::parse(text, nullptr, false);
    if (body.is_object() && body.contains("token") && body["token"].is_string())
        web::equalInConstantTime(body["token"].get<std::string>(), "token");
    return 0;
}
