#include "tak/wigletotak/original.h"

#include "common/error.h"

#include <curl/curl.h>

#include <memory>

namespace stinky::tak {
namespace {

constexpr long limitSeconds = 5;

std::size_t forget(char*, std::size_t size, std::size_t count, void*) noexcept {
    return size * count;
}

} // namespace

void Original::post(const std::string& route, const nlohmann::json& body) const {
    const std::string url = url_ + route;
    const std::string text = body.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
        curl_slist_append(nullptr, "Content-Type: application/json"), &curl_slist_free_all);
    if (!curl || !headers)
        throw Error("ask", url, "out of memory");
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, limitSeconds);
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, text.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, forget);
    const CURLcode code = curl_easy_perform(curl.get());
    if (code != CURLE_OK)
        throw Error("ask", url, curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        throw Error("ask", url, "it answered " + std::to_string(status));
}

void Original::configure(bool multicast, const std::string& host, const std::string& port) const {
    post("/update_analysis_mode", {{"mode", "realtime"}});
    post("/update_multicast_state", {{"takMulticast", multicast}});
    post("/update_tak_settings", {{"tak_server_ip", host}, {"tak_server_port", port}});
}

void Original::broadcast(const std::string& directory, const std::string& file) const {
    // A second start would be a second thread beside the first.
    post("/stop_broadcast", nlohmann::json::object());
    post("/start_broadcast", {{"directory", directory}, {"filename", file}});
}

void Original::highlight(const std::string& bssid, int colour) const {
    post("/add_to_blacklist", {{"mac", bssid}, {"argb_value", std::to_string(colour)}});
}

} // namespace stinky::tak
