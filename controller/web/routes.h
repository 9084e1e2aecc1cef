#pragma once

#include "web/problem.h"
#include "web/wall_time.h"
#include "web/web.h"

#include <optional>
#include <string>
#include <string_view>

namespace stinky::web {

using Json = nlohmann::ordered_json;

/// How long an answer that many ask for is given again, s.
inline constexpr double cacheSeconds = 0.2;

struct Web::Route {
    const char* method;
    const char* path; ///< "{}" stands for one segment
    Need need;
    bool legacy;
    Handler handler;
};

/// The segment that "{}" stands for, empty for a path without; nothing when the path is another.
std::optional<std::string> match(std::string_view pattern, std::string_view path);

Response json(unsigned status, const Json& body);

/// The text of an answer; what is no UTF-8 in it is replaced.
std::string dump(const Json& value);

} // namespace stinky::web
