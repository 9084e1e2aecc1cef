#include "web/header_reader.h"

#include "web/problem.h"

#include <strings.h>

#include <array>
#include <charconv>
#include <utility>

namespace stinky::web {

void HeaderReader::refuse(unsigned status, const char* why) {
    if (!exchange_.refusal)
        exchange_.refusal = problem(status, why);
}

void HeaderReader::length(std::string_view value) {
    std::size_t bytes = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
    if (error == std::errc::result_out_of_range || (error == std::errc() && bytes > bodyLimit_))
        refuse(413, "the body is too large");
    else if (error != std::errc() || end != value.data() + value.size() || lengthSeen_)
        refuse(400, "the Content-Length is no number");
    lengthSeen_ = true;
}

void HeaderReader::take(std::string_view name, std::string_view value) {
    // libmicrohttpd lets "Content-Length : 5" through, which others read as a length (RFC 9112, 5.1).
    if (name.find_first_of(" \t") != std::string_view::npos)
        refuse(400, "a header's name has a blank in it");
    Headers& headers = exchange_.request.headers;
    const std::array<std::pair<std::string_view, std::string*>, 10> known = {
        {{"host", &headers.host},
         {"origin", &headers.origin},
         {"authorization", &headers.authorization},
         {"cookie", &headers.cookie},
         {"accept", &headers.accept},
         {"content-type", &headers.contentType},
         {"range", &headers.range},
         {"if-none-match", &headers.ifNoneMatch},
         {"last-event-id", &headers.lastEventId},
         {"sec-fetch-site", &headers.fetchSite}}};
    const auto is = [&](std::string_view what) {
        return name.size() == what.size() && strncasecmp(name.data(), what.data(), what.size()) == 0;
    };
    for (const auto& [what, field] : known)
        if (is(what)) {
            // Two of one kind are two opinions of who reads which.
            if (!field->empty() || (what == "host" && hostSeen_))
                refuse(400, "a header is there twice");
            hostSeen_ = hostSeen_ || what == "host";
            *field = value;
            return;
        }
    if (is("content-length"))
        length(value);
    else if (is("transfer-encoding"))
        refuse(411, "a body needs a Content-Length");
    else if (is("content-encoding") && value != "identity")
        refuse(415, "a body must not be compressed");
}

} // namespace stinky::web
