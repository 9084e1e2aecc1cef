#include "web/page_files.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <gnutls/crypto.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace stinky::web {
namespace {

constexpr const char* script = "text/javascript; charset=utf-8";
constexpr const char* style = "text/css; charset=utf-8";

struct Served {
    const char* name;
    const char* type;
};

constexpr std::array<Served, 14> pageFiles = {{{"main.js", script},
                                               {"api.js", script},
                                               {"strings.js", script},
                                               {"dom.js", script},
                                               {"panels.js", script},
                                               {"table.js", script},
                                               {"map.js", script},
                                               {"sky.js", script},
                                               {"charts.js", script},
                                               {"logs.js", script},
                                               {"stream.js", script},
                                               {"order.js", script},
                                               {"dots.js", script},
                                               {"icon.svg", "image/svg+xml"}}};
constexpr std::array<Served, 2> leafletFiles = {{{"leaflet.min.js", script}, {"leaflet.css", style}}};
constexpr std::string_view stylePlace = "/* style.css */";

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view text) {
    Digest digest = {};
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, text.data(), text.size(), digest.data()) < 0)
        throw Error("hash", "a file of the page", "gnutls refused");
    return digest;
}

std::string base64(const Digest& digest) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < digest.size(); i += 3) {
        const unsigned a = digest.at(i);
        const unsigned b = i + 1 < digest.size() ? digest.at(i + 1) : 0;
        const unsigned c = i + 2 < digest.size() ? digest.at(i + 2) : 0;
        text += alphabet[a >> 2];
        text += alphabet[(a & 3U) << 4 | b >> 4];
        text += i + 1 < digest.size() ? alphabet[(b & 15U) << 2 | c >> 6] : '=';
        text += i + 2 < digest.size() ? alphabet[c & 63U] : '=';
    }
    return text;
}

/// "https://tiles.example/{z}/{x}/{y}.png" -> "https://tiles.example"; empty for what is no such URL.
std::string originOf(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos)
        return {};
    const std::string_view origin = url.substr(0, url.find('/', scheme + 3));
    // It becomes a part of a header: nothing that ends a source or a directive.
    return origin.find_first_of(" ;,'\"{}") == std::string_view::npos ? std::string(origin) : std::string();
}

} // namespace

PageFiles::PageFiles(const std::string& page, const std::string& leaflet, const std::string& tiles) {
    std::string html = readFile(page + "/index.html");
    const std::string sheet = readFile(page + "/style.css");
    const std::size_t place = html.find(stylePlace);
    if (place == std::string::npos)
        throw Error("put the style into", page + "/index.html", "it has no place for it");
    html.replace(place, stylePlace.size(), sheet);
    add("/", "text/html; charset=utf-8", std::move(html));
    for (const Served& file : pageFiles)
        add(std::string("/") + file.name, file.type, readFile(page + "/" + file.name));
    for (const Served& file : leafletFiles) {
        try {
            add(std::string("/leaflet/") + file.name, file.type, readFile(leaflet + "/" + file.name));
        } catch (const Error& e) {
            if (e.code() != ENOENT)
                throw;
        }
    }
    const std::string tileOrigin = originOf(tiles);
    policy_ = "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-" + base64(sha256(sheet)) +
              "'; img-src 'self' data:" + (tileOrigin.empty() ? "" : " " + tileOrigin) +
              "; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
}

void PageFiles::add(const std::string& path, const std::string& type, std::string text) {
    std::string tag = '"' + base64(sha256(text)).substr(0, 22) + '"';
    files_[path] = {type, std::move(tag), std::make_shared<const std::string>(std::move(text))};
}

std::optional<Response> PageFiles::get(const Request& request) const {
    const auto found = files_.find(request.path);
    if (found == files_.end())
        return {};
    const File& file = found->second;
    Response response;
    // Long enough for the worker, which takes some files that the page has just got.
    response.headers = {{"ETag", file.tag},
                        {"Cache-Control", file.type == script ? "max-age=5" : "no-cache"}};
    // With a 304 too: browsers take its headers for those of the page that they kept.
    // A worker is bound by the policy of its own script.
    if (request.path == "/" || file.type == script)
        response.headers.emplace_back("Content-Security-Policy", policy_);
    response.type = file.type;
    if (request.headers.ifNoneMatch == file.tag) {
        response.status = 304;
        response.type.clear();
        return response;
    }
    response.text = file.text;
    return response;
}

} // namespace stinky::web
