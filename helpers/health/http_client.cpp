#include "health/http_client.h"

#include "common/error.h"

#include <sys/epoll.h>

#include <utility>

namespace stinky::health {
namespace {

void initialiseCurl() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
        throw Error("initialise", "libcurl", curl_easy_strerror(result));
}

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
    const CURLcode result = curl_easy_setopt(easy, option, value);
    if (result != CURLE_OK)
        throw Error("prepare", "HTTP request", curl_easy_strerror(result));
}

} // namespace

HttpClient::HttpClient(EventLoop& loop) : loop_(loop) {
    initialiseCurl();
    timer_ = loop_.addTimer(std::chrono::milliseconds(10), "HTTP", [this] { act(CURL_SOCKET_TIMEOUT, 0); });
    multi_.reset(curl_multi_init());
    easy_.reset(curl_easy_init());
    if (!multi_ || !easy_)
        throw Error("initialise", "libcurl", "out of memory");
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, onSocket);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, onTimer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 1L);
}

HttpClient::~HttpClient() {
    if (done_)
        curl_multi_remove_handle(multi_.get(), easy_.get());
    easy_.reset();
    // Closes what it kept open, and calls back for it.
    multi_.reset();
}

void HttpClient::send(const HttpRequest& request, Done done) {
    if (done_)
        throw Error("send request to", request.url, "the one before it is not answered yet");
    CURL* easy = easy_.get();
    curl_easy_reset(easy);
    set(easy, CURLOPT_URL, request.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http");
    set(easy, CURLOPT_NOPROXY, "*");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(easy, CURLOPT_USERAGENT, "stinky-health/" STINKY_VERSION);
    set(easy, CURLOPT_WRITEFUNCTION, onBody);
    set(easy, CURLOPT_WRITEDATA, this);
    if (!request.user.empty()) {
        set(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        set(easy, CURLOPT_USERNAME, request.user.c_str());
        set(easy, CURLOPT_PASSWORD, request.password.c_str());
    }
    if (!request.form.empty())
        set(easy, CURLOPT_COPYPOSTFIELDS, request.form.c_str());
    answer_ = {};
    const CURLMcode result = curl_multi_add_handle(multi_.get(), easy);
    if (result != CURLM_OK)
        throw Error("send request to", request.url, curl_multi_strerror(result));
    done_ = std::move(done);
}

std::string HttpClient::escape(const std::string& text) {
    initialiseCurl();
    const std::unique_ptr<char, void (*)(void*)> escaped(
        curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size())), curl_free);
    return escaped ? escaped.get() : "";
}

int HttpClient::onSocket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept {
    auto* client = static_cast<HttpClient*>(self);
    try {
        client->sockets_.erase(fd);
        if (what == CURL_POLL_REMOVE)
            return 0;
        const std::uint32_t events =
            ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
        client->sockets_.emplace(
            fd, client->loop_.addIo(fd, events, "HTTP", [client, fd](std::uint32_t revents) {
                client->act(fd, ((revents & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                                    ((revents & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                                    ((revents & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0));
            }));
        return 0;
    } catch (...) {
        return -1; // the transfer ends with an error
    }
}

int HttpClient::onTimer(CURLM*, long milliseconds, void* self) noexcept {
    auto* client = static_cast<HttpClient*>(self);
    try {
        if (milliseconds < 0)
            client->timer_.disarm();
        else
            client->timer_.arm(std::chrono::milliseconds(milliseconds));
        return 0;
    } catch (...) {
        return -1;
    }
}

std::size_t HttpClient::onBody(char* data, std::size_t, std::size_t size, void* self) noexcept {
    auto* client = static_cast<HttpClient*>(self);
    try {
        if (client->answer_.body.size() + size > mostBytes) {
            client->answer_.problem = "the answer is too long";
            return 0;
        }
        client->answer_.body.append(data, size);
        return size;
    } catch (...) {
        return 0;
    }
}

void HttpClient::act(curl_socket_t fd, int events) {
    int running = 0;
    const CURLMcode result = curl_multi_socket_action(multi_.get(), fd, events, &running);
    if (result != CURLM_OK)
        throw Error("go on with", "HTTP request", curl_multi_strerror(result));
    finish();
}

void HttpClient::finish() {
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
    if (message == nullptr || message->msg != CURLMSG_DONE)
        return;
    const CURLcode result = message->data.result;
    if (result == CURLE_OK)
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &answer_.status);
    else if (answer_.problem.empty())
        answer_.problem = curl_easy_strerror(result);
    curl_multi_remove_handle(multi_.get(), easy_.get());
    std::exchange(done_, nullptr)(std::move(answer_));
}

} // namespace stinky::health
