#include "web/http_server.h"

#include "common/error.h"
#include "common/part_status.h"
#include "web/request_parts.h"

#include <nlohmann/json.hpp>

#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace stinky::web {

/// One request while it comes in: made with its first line, gone with its answer.
struct Exchange {
    std::string target;
    Request request;
    std::optional<Response> refusal; ///< for what has not the form of a request
    bool begun = false;
};

struct HttpServer::Streaming {
    HttpServer* server = nullptr;
    MHD_Connection* connection = nullptr;
    std::unique_ptr<Stream> stream;
    bool suspended = false;
};

namespace {

Response problem(unsigned status, const std::string& why) {
    const nlohmann::ordered_json body = {
        {"success", false}, {"status", "error"}, {"message", why}, {"error", why}};
    return Response::of(status, "application/json", body.dump());
}

/// The fields that routes know, and what makes a request unfit.
struct HeaderReader {
    Exchange& exchange;
    std::size_t bodyLimit;
    bool hostSeen = false;
    bool lengthSeen = false;

    void refuse(unsigned status, const char* why) {
        if (!exchange.refusal)
            exchange.refusal = problem(status, why);
    }

    void length(std::string_view value) {
        std::size_t bytes = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
        if (error == std::errc::result_out_of_range || (error == std::errc() && bytes > bodyLimit))
            refuse(413, "the body is too large");
        else if (error != std::errc() || end != value.data() + value.size() || lengthSeen)
            refuse(400, "the Content-Length is no number");
        lengthSeen = true;
    }

    void take(std::string_view name, std::string_view value) {
        Headers& headers = exchange.request.headers;
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
                if (!field->empty() || (what == "host" && hostSeen))
                    refuse(400, "a header is there twice");
                hostSeen = hostSeen || what == "host";
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
};

int needed(const char* what, int result) {
    if (result != MHD_YES)
        throw Error(what, "HTTP response", "out of memory");
    return result;
}

} // namespace

/// What libmicrohttpd calls. Nothing is thrown through it.
struct ServerCallbacks {
    static HttpServer& server(void* cls) { return *static_cast<HttpServer*>(cls); }

    static void* onLine(void*, const char* uri, MHD_Connection*) noexcept {
        try {
            auto exchange = std::make_unique<Exchange>();
            exchange->target = uri;
            return exchange.release();
        } catch (...) {
            return nullptr;
        }
    }

    static MHD_Result onRequest(void* cls, MHD_Connection* connection, const char*, const char* method,
                                const char*, const char* upload, std::size_t* uploadSize,
                                void** context) noexcept {
        auto* exchange = static_cast<Exchange*>(*context);
        if (exchange == nullptr)
            return MHD_NO;
        HttpServer& self = server(cls);
        try {
            if (!exchange->begun) {
                begin(self, connection, *exchange, method);
                return exchange->refusal
                           ? static_cast<MHD_Result>(self.send(connection, std::move(*exchange->refusal)))
                           : MHD_YES;
            }
            if (*uploadSize > 0) {
                // Its length was announced and is within the limit.
                exchange->request.body.append(upload, *uploadSize);
                *uploadSize = 0;
                return MHD_YES;
            }
            return static_cast<MHD_Result>(self.answer(connection, *exchange));
        } catch (const std::exception& e) {
            self.complain_(e.what());
        } catch (...) {
            self.complain_("an unknown exception");
        }
        return MHD_NO; // closes the connection
    }

    static void begin(HttpServer& self, MHD_Connection* connection, Exchange& exchange, const char* method) {
        exchange.begun = true;
        Request& request = exchange.request;
        request.method = method;
        HeaderReader reader{exchange, self.limits_.body};
        MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &onHeader, &reader);
        if (auto target = parseTarget(exchange.target)) {
            request.path = std::move(target->path);
            request.query = std::move(target->query);
        } else {
            reader.refuse(400, "the address is malformed");
        }
        const MHD_ConnectionInfo* info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        if (info != nullptr)
            request.peer = Address::of(info->client_addr);
    }

    static MHD_Result onHeader(void* cls, MHD_ValueKind, const char* name, std::size_t nameSize,
                               const char* value, std::size_t valueSize) noexcept {
        try {
            static_cast<HeaderReader*>(cls)->take({name, nameSize},
                                                  {value == nullptr ? "" : value, valueSize});
            return MHD_YES;
        } catch (...) {
            return MHD_NO;
        }
    }

    static void onDone(void* cls, MHD_Connection* connection, void** context,
                       MHD_RequestTerminationCode) noexcept {
        delete static_cast<Exchange*>(*context);
        *context = nullptr;
        server(cls).restarted(connection);
    }

    static void onConnection(void* cls, MHD_Connection* connection, void**,
                             MHD_ConnectionNotificationCode code) noexcept {
        try {
            if (code == MHD_CONNECTION_NOTIFY_STARTED)
                server(cls).arrived(connection);
            else
                server(cls).left(connection);
        } catch (...) { // out of memory: the connection is then only not watched
        }
    }

    static ssize_t onRead(void* cls, std::uint64_t, char* buffer, std::size_t size) noexcept {
        auto& streaming = *static_cast<HttpServer::Streaming*>(cls);
        try {
            const auto length = streaming.stream->read(buffer, size);
            if (!length)
                return MHD_CONTENT_READER_END_OF_STREAM;
            if (*length == 0) {
                streaming.suspended = true;
                MHD_suspend_connection(streaming.connection);
            }
            return static_cast<ssize_t>(*length);
        } catch (...) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }

    static void onStreamEnd(void* cls) noexcept {
        auto* streaming = static_cast<HttpServer::Streaming*>(cls);
        streaming->server->streams_.erase(streaming->connection);
        delete streaming;
    }

    static void onText(void* cls) noexcept { delete static_cast<std::shared_ptr<const std::string>*>(cls); }

    // NOLINTNEXTLINE(cert-dcl50-cpp): the signature is libmicrohttpd's
    static void onLog(void* cls, const char* format, va_list arguments) noexcept {
        std::array<char, 512> text = {};
        std::vsnprintf(text.data(), text.size(), format, arguments);
        try {
            std::string_view line(text.data());
            while (line.ends_with('\n'))
                line.remove_suffix(1);
            server(cls).complain_(std::string(line));
        } catch (...) { // a complaint that nobody can hear
        }
    }
};

void HttpServer::DaemonDeleter::operator()(MHD_Daemon* daemon) const noexcept {
    MHD_stop_daemon(daemon);
}

HttpServer::HttpServer(EventLoop& loop, Fd listening, const ServerLimits& limits,
                       const Certificate* certificate, Handler handler, Complain complain)
    : limits_(limits), handler_(std::move(handler)), complain_(std::move(complain)) {
    // No thread flag: the loop below drives it. Suspending is for streams that have nothing to say.
    unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
    std::array<MHD_OptionItem, 3> tls = {};
    std::size_t count = 0;
    if (certificate != nullptr) {
        flags |= MHD_USE_TLS;
        // NOLINTBEGIN(cppcoreguidelines-pro-type-const-cast): the option table is not const
        tls.at(count++) = {MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char*>(certificate->chain.c_str())};
        tls.at(count++) = {MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char*>(certificate->key.c_str())};
        // NOLINTEND(cppcoreguidelines-pro-type-const-cast)
    }
    tls.at(count) = {MHD_OPTION_END, 0, nullptr};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
    daemon_.reset(MHD_start_daemon(
        flags, 0, nullptr, nullptr, &ServerCallbacks::onRequest, this, MHD_OPTION_EXTERNAL_LOGGER,
        &ServerCallbacks::onLog, this, MHD_OPTION_LISTEN_SOCKET, listening.get(),
        MHD_OPTION_CONNECTION_LIMIT, limits_.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        limits_.memoryPerConnection, MHD_OPTION_CONNECTION_TIMEOUT,
        static_cast<unsigned>(limits_.idle.count()), MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, &ServerCallbacks::onLine, this, MHD_OPTION_NOTIFY_COMPLETED,
        &ServerCallbacks::onDone, this, MHD_OPTION_NOTIFY_CONNECTION, &ServerCallbacks::onConnection, this,
        MHD_OPTION_ARRAY, tls.data(), MHD_OPTION_END));
    if (!daemon_)
        throw Error("start the web server", "on its socket", "libmicrohttpd refused; its log says why");
    listening.release(); // it closes the socket at its end
    const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_.get(), MHD_DAEMON_INFO_EPOLL_FD);
    if (info == nullptr)
        throw Error("start the web server", "on its socket", "libmicrohttpd has no epoll descriptor");
    // Not 0, which means 250 ms: libmicrohttpd asks for "at once" many times per request.
    timer_ = loop.addTimer(std::chrono::microseconds(1), "web timeouts", [this] { turn(); });
    slow_ = loop.addTimer(std::chrono::milliseconds(500), "slow web clients", [this] { cutTheSlow(); });
    io_ = loop.addIo(info->epoll_fd, EPOLLIN, "web clients", [this](std::uint32_t) { turn(); });
    turn();
}

HttpServer::~HttpServer() {
    io_.reset();
    timer_.reset();
    slow_.reset();
    for (const auto& [connection, streaming] : streams_)
        if (streaming->suspended)
            MHD_resume_connection(connection);
}

std::size_t HttpServer::connections() const noexcept {
    return peers_.size();
}

void HttpServer::turn() {
    const std::size_t before = connections();
    MHD_run(daemon_.get());
    // At its limit libmicrohttpd stops accepting, and starts again only in the next run after one has left.
    if (before >= limits_.connections && connections() < before)
        MHD_run(daemon_.get());
    MHD_UNSIGNED_LONG_LONG milliseconds = 0;
    if (MHD_get_timeout(daemon_.get(), &milliseconds) == MHD_YES)
        timer_.arm(std::chrono::milliseconds(milliseconds));
    else
        timer_.disarm();
    armSlow();
}

int HttpServer::answer(MHD_Connection* connection, Exchange& exchange) {
    if (const auto peer = peerOf_.find(connection); peer != peerOf_.end())
        peer->second->answering = true;
    Response response;
    try {
        response = handler_(exchange.request);
    } catch (const std::exception& e) {
        complain_(exchange.request.method + " " + exchange.request.path + ": " + e.what());
        response = problem(500, "an error inside; the journal has it");
    }
    return send(connection, std::move(response));
}

int HttpServer::send(MHD_Connection* connection, Response response) {
    if (response.stream && streams_.size() >= limits_.streams) {
        response = problem(503, "too many live connections");
        response.headers.emplace_back("Retry-After", "10");
    }
    using Message = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;
    Message message(nullptr, &MHD_destroy_response);
    if (response.stream) {
        auto streaming = std::make_unique<Streaming>();
        streaming->server = this;
        streaming->connection = connection;
        streaming->stream = std::move(response.stream);
        Streaming* raw = streaming.get();
        raw->stream->wake = [this, raw] {
            wake(*raw);
        };
        streams_.emplace(connection, raw);
        message.reset(MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, &ServerCallbacks::onRead,
                                                        raw, &ServerCallbacks::onStreamEnd));
        if (message)
            streaming.release(); // NOLINT(bugprone-unused-return-value): the response has it
        else
            streams_.erase(connection);
        // It lives on heart-beats; a client that went is found out by the next of them.
        MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 60U);
    } else if (response.file) {
        message.reset(MHD_create_response_from_fd_at_offset64(response.file->size, response.file->fd.get(),
                                                              response.file->offset));
        if (message)
            response.file->fd.release();
    } else {
        static const auto none = std::make_shared<const std::string>();
        auto* held = new std::shared_ptr<const std::string>(response.text ? response.text : none);
        message.reset(MHD_create_response_from_buffer_with_free_callback_cls(
            // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): it only reads
            (*held)->size(), const_cast<char*>((*held)->data()), &ServerCallbacks::onText, held));
        if (!message)
            delete held;
    }
    if (!message)
        throw Error("make an answer", "HTTP response", "out of memory");
    if (!response.type.empty())
        needed("set the type",
               MHD_add_response_header(message.get(), "Content-Type", response.type.c_str()));
    for (const auto& [name, value] : response.headers)
        needed("add a header", MHD_add_response_header(message.get(), name, value.c_str()));
    return MHD_queue_response(connection, response.status, message.get());
}

void HttpServer::wake(Streaming& streaming) {
    if (!streaming.suspended)
        return;
    streaming.suspended = false;
    MHD_resume_connection(streaming.connection);
    // Without a thread of its own libmicrohttpd tells nobody: the next turn takes it up, one for all that
    // wake.
    timer_.arm(std::chrono::microseconds(0));
}

void HttpServer::arrived(MHD_Connection* connection) {
    peers_.push_back({connection, monotonicSeconds()});
    peerOf_[connection] = std::prev(peers_.end());
}

void HttpServer::left(MHD_Connection* connection) {
    const auto found = peerOf_.find(connection);
    if (found == peerOf_.end())
        return;
    peers_.erase(found->second);
    peerOf_.erase(found);
}

void HttpServer::restarted(MHD_Connection* connection) {
    const auto found = peerOf_.find(connection);
    if (found == peerOf_.end())
        return;
    found->second->since = monotonicSeconds();
    found->second->answering = false;
    peers_.splice(peers_.end(), peers_, found->second);
}

// A client that sends a byte now and then is never idle for libmicrohttpd.
void HttpServer::cutTheSlow() {
    slowArmed_ = false;
    const double limit = std::chrono::duration<double>(limits_.request).count();
    const double now = monotonicSeconds();
    for (const Peer& peer : peers_) {
        if (now - peer.since < limit)
            break;
        const MHD_ConnectionInfo* info =
            MHD_get_connection_info(peer.connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (!peer.answering && info != nullptr)
            shutdown(info->connect_fd, SHUT_RDWR);
    }
    armSlow();
}

void HttpServer::armSlow() {
    if (slowArmed_)
        return;
    const auto slowest =
        std::find_if(peers_.begin(), peers_.end(), [](const Peer& peer) { return !peer.answering; });
    if (slowest == peers_.end())
        return;
    const double left =
        slowest->since + std::chrono::duration<double>(limits_.request).count() - monotonicSeconds();
    slow_.arm(std::chrono::milliseconds(static_cast<long>(std::max(left, 0.0) * 1000) + 500));
    slowArmed_ = true;
}

} // namespace stinky::web
