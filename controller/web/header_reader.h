#pragma once

#include "web/http.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stinky::web {

/// One request while it comes in: made with its first line, gone with its answer.
struct Exchange {
    std::string target;
    Request request;
    std::optional<Response> refusal; ///< for what has not the form of a request
    bool begun = false;
};

/// Takes the header fields that routes know, and finds what makes a request unfit.
class HeaderReader {
public:
    HeaderReader(Exchange& exchange, std::size_t bodyLimit) : exchange_(exchange), bodyLimit_(bodyLimit) {}

    void take(std::string_view name, std::string_view value);
    /// The first refusal holds.
    void refuse(unsigned status, const char* why);

private:
    void length(std::string_view value);

    Exchange& exchange_;
    std::size_t bodyLimit_;
    bool hostSeen_ = false;
    bool lengthSeen_ = false;
};

} // namespace stinky::web
