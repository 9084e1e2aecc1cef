#pragma once

#include "common/event_loop.h"

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace stinky::health {

struct HttpRequest {
    std::string url;  ///< http:// only
    std::string user; ///< with `password`: HTTP Basic; empty for none
    std::string password;
    std::string form;                        ///< a body application/x-www-form-urlencoded makes it a POST
    std::chrono::milliseconds timeout{5000}; ///< for the whole of it
};

struct HttpAnswer {
    long status = 0; ///< 0 when there was no answer
    std::string body;
    std::string problem; ///< why there was none
};

/// One request at a time, by libcurl on the event loop. Neither a slow nor a talkative server costs more
/// than the timeout and `mostBytes`. Redirections are not followed and no proxy is asked.
class HttpClient {
public:
    using Done = std::function<void(HttpAnswer)>;
    static constexpr std::size_t mostBytes = 1 << 20;

    /// Throws Error.
    explicit HttpClient(EventLoop& loop);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// `done` is called once, from the loop; it may send the next request. Throws Error when one is under
    /// way.
    void send(const HttpRequest& request, Done done);

    /// `text` for a form's body.
    static std::string escape(const std::string& text);

private:
    static int onSocket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept;
    static int onTimer(CURLM*, long milliseconds, void* self) noexcept;
    static std::size_t onBody(char* data, std::size_t, std::size_t size, void* self) noexcept;

    void act(curl_socket_t fd, int events);
    void finish();

    struct MultiDeleter {
        void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
    };

    struct EasyDeleter {
        void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
    };

    EventLoop& loop_;
    std::map<curl_socket_t, EventSource> sockets_;
    Timer timer_;
    std::unique_ptr<CURLM, MultiDeleter> multi_;
    std::unique_ptr<CURL, EasyDeleter> easy_;
    HttpAnswer answer_;
    Done done_;
};

} // namespace stinky::health
