#pragma once

#include "web/http.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stinky::web {

/// The files of the page, read once: a handler reads none. The style sheet is put into the page itself, so
/// that the first paint needs one round trip.
class PageFiles {
public:
    /// `page`: folder with index.html and what belongs to it. `leaflet`: folder of the map library; the page
    /// works without it. `tiles`: TILES_URL=, may be empty. Throws Error.
    PageFiles(const std::string& page, const std::string& leaflet, const std::string& tiles);

    /// Nothing for a path that is no file of the page.
    std::optional<Response> get(const Request& request) const;

private:
    struct File {
        std::string type;
        std::string tag; ///< ETag
        std::shared_ptr<const std::string> text;
    };

    void add(const std::string& path, const std::string& type, std::string text);

    std::map<std::string, File> files_;
    std::string policy_; ///< Content-Security-Policy
};

} // namespace stinky::web
