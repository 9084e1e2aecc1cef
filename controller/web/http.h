#pragma once

#include "common/fd.h"
#include "web/network.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stinky::web {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// The headers that routes look at; empty where the client sent none.
struct Headers {
    std::string host, origin, authorization, cookie, accept, contentType, range, ifNoneMatch, lastEventId,
        fetchSite;
};

/// One request, checked for form: the path is decoded and has no "..", the query has no name twice.
struct Request {
    std::string method;
    std::string path;
    Parameters query;
    Headers headers;
    std::string body;
    std::optional<Address> peer; ///< nothing for a peer that is not on IP
};

/// A body that goes on until the client leaves.
class Stream {
public:
    virtual ~Stream() = default;
    /// Puts at most `size` bytes to `buffer`; 0 when there is nothing now, nothing at all when it has ended.
    virtual std::optional<std::size_t> read(char* buffer, std::size_t size) = 0;

    /// Set by the server: call it when there is something again, never from read().
    std::function<void()> wake;
};

/// A part of a regular file.
struct FileBody {
    Fd fd;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// An answer: its body is the text, or the file, or the stream.
struct Response {
    unsigned status = 200;
    std::string type = "application/json";
    std::shared_ptr<const std::string> text;
    std::optional<FileBody> file;
    std::unique_ptr<Stream> stream;
    std::vector<std::pair<const char*, std::string>> headers;

    static Response of(unsigned status, std::string type, std::string body) {
        Response response;
        response.status = status;
        response.type = std::move(type);
        response.text = std::make_shared<const std::string>(std::move(body));
        return response;
    }
};

} // namespace stinky::web
