#include "web/http_server.h"

#include "common/error.h"
#include "common/part_status.h"
#include "web/header_reader.h"
#include "web/problem.h"
#include "web/request_parts.h"

#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <limits>

namespace stinky::web {

struct HttpServer::Streaming {
    HttpServer* server = nullptr;
    MHD_Connection* connection = nullptr;
    std::unique_ptr<Stream> stream;
    bool suspended = false;
};

/// One client's hold on the text of its answer.
struct HttpServer::Taking {
    HttpServer* server = nullptr;
    HeldTexts::Text text;
};

namespace {

// Every client gets an answer of this size: that it must wait, for one.
constexpr std::size_t smallText = 4096;

double seconds(std::chrono::duration<double> time) {
    return time.count();
}

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
                return exchange->refusal ? static_cast<MHD_Result>(self.send(connection, *exchange,
                                                                             std::move(*exchange->refusal)))
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
        HeaderReader reader(exchange, self.limits_.body);
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

    static void onTaken(void* cls) noexcept {
        auto* taking = static_cast<HttpServer::Taking*>(cls);
        taking->server->texts_.remove(taking->text);
        delete taking;
    }

    static MHD_Response* makeText(HttpServer& self, HeldTexts::Text text) {
        static const auto none = std::make_shared<const std::string>();
        auto taking =
            std::make_unique<HttpServer::Taking>(HttpServer::Taking{&self, text ? std::move(text) : none});
        const HeldTexts::Text& held = taking->text;
        self.texts_.add(held);
        MHD_Response* message = MHD_create_response_from_buffer_with_free_callback_cls(
            // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): it only reads
            held->size(), const_cast<char*>(held->data()), &onTaken, taking.get());
        if (message == nullptr)
            self.texts_.remove(held);
        else
            taking.release(); // NOLINT(bugprone-unused-return-value): the response has it
        return message;
    }

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
                       const Certificate* certificate, Handler handler, Dress dress, Complain complain)
    : limits_(limits),
      handler_(std::move(handler)),
      dress_(std::move(dress)),
      complain_(std::move(complain)) {
    // No thread flag: the loop below drives it. Suspending is for streams that have nothing to say.
    unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
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
        &ServerCallbacks::onLog, this, MHD_OPTION_CONNECTION_LIMIT, limits_.connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits_.memoryPerConnection, MHD_OPTION_CONNECTION_TIMEOUT,
        static_cast<unsigned>(limits_.idle.count()), MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, &ServerCallbacks::onLine, this, MHD_OPTION_NOTIFY_COMPLETED,
        &ServerCallbacks::onDone, this, MHD_OPTION_NOTIFY_CONNECTION, &ServerCallbacks::onConnection, this,
        MHD_OPTION_ARRAY, tls.data(), MHD_OPTION_END));
    if (!daemon_)
        throw Error("start the web server", "on its socket", "libmicrohttpd refused; its log says why");
    const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_.get(), MHD_DAEMON_INFO_EPOLL_FD);
    if (info == nullptr)
        throw Error("start the web server", "on its socket", "libmicrohttpd has no epoll descriptor");
    // Not 0, which means 250 ms: libmicrohttpd asks for "at once" many times per request.
    timer_ = loop.addTimer(std::chrono::microseconds(1), "web timeouts", [this] { turn(); });
    slow_ = loop.addTimer(std::chrono::milliseconds(500), "slow web clients", [this] { cutTheSlow(); });
    io_ = loop.addIo(info->epoll_fd, EPOLLIN, "web clients", [this](std::uint32_t) { turn(); });
    listener_ = std::make_unique<Listener>(
        loop, std::move(listening), limits_.connections, limits_.idle,
        [this](Arrival arrival) { take(std::move(arrival)); }, [this] { return peers_.size(); }, complain_);
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
    return peers_.size() + listener_->silent();
}

void HttpServer::take(Arrival arrival) {
    // It has the descriptor from here on, also when it refuses, which its log tells; the next turn reads.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are
    MHD_add_connection(daemon_.get(), arrival.fd.release(), reinterpret_cast<sockaddr*>(&arrival.address),
                       arrival.addressSize);
}

void HttpServer::turn() {
    MHD_run(daemon_.get());
    MHD_UNSIGNED_LONG_LONG milliseconds = 0;
    if (MHD_get_timeout(daemon_.get(), &milliseconds) == MHD_YES)
        timer_.arm(std::chrono::milliseconds(milliseconds));
    else
        timer_.disarm();
    armSlow();
}

int HttpServer::answer(MHD_Connection* connection, Exchange& exchange) {
    Response response;
    try {
        response = handler_(exchange.request);
    } catch (const std::exception& e) {
        complain_(exchange.request.method + " " + exchange.request.path + ": " + e.what());
        response = problem(500, "an error inside; the journal has it");
    }
    return send(connection, exchange, std::move(response));
}

int HttpServer::send(MHD_Connection* connection, const Exchange& exchange, Response response) {
    if (response.stream && streams_.size() >= limits_.streams) {
        response = problem(503, "too many live connections");
        response.headers.emplace_back("Retry-After", "10");
    } else if (!hasRoomFor(response)) {
        response = problem(503, "too many answers wait for slow clients");
        response.headers.emplace_back("Retry-After", "10");
    }
    dress_(exchange.request, response);
    limitAnswer(connection, response);
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
        // Chunks are made in the connection's memory; a buffer of its own is for HTTP/1.0 alone.
        message.reset(MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 512, &ServerCallbacks::onRead, raw,
                                                        &ServerCallbacks::onStreamEnd));
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
        message.reset(ServerCallbacks::makeText(*this, response.text));
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

bool HttpServer::hasRoomFor(const Response& response) const {
    return !response.text || response.text->size() <= smallText || texts_.size() == 0 ||
           texts_.sizeWith(response.text) <= limits_.texts;
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
    peers_[connection] = monotonicSeconds() + seconds(limits_.request);
}

void HttpServer::left(MHD_Connection* connection) {
    peers_.erase(connection);
    listener_->makeRoom();
}

void HttpServer::restarted(MHD_Connection* connection) {
    if (const auto peer = peers_.find(connection); peer != peers_.end())
        peer->second = monotonicSeconds() + seconds(limits_.request);
}

void HttpServer::limitAnswer(MHD_Connection* connection, const Response& response) {
    const auto peer = peers_.find(connection);
    if (peer == peers_.end())
        return;
    const std::size_t text = response.text ? response.text->size() : 0;
    const double bytes =
        response.file ? static_cast<double>(response.file->size) : static_cast<double>(text);
    // A stream goes on for as long as its client likes.
    peer->second = response.stream
                       ? std::numeric_limits<double>::infinity()
                       : monotonicSeconds() + seconds(limits_.answer) + bytes / limits_.leastRate;
}

// A client that sends or takes a byte now and then is never idle for libmicrohttpd.
void HttpServer::cutTheSlow() {
    slowArmed_ = false;
    const double now = monotonicSeconds();
    for (const auto& [connection, until] : peers_) {
        const MHD_ConnectionInfo* info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (until <= now && info != nullptr)
            shutdown(info->connect_fd, SHUT_RDWR);
    }
    armSlow();
}

void HttpServer::armSlow() {
    if (slowArmed_)
        return;
    double first = std::numeric_limits<double>::infinity();
    for (const auto& [connection, until] : peers_)
        first = std::min(first, until);
    if (first == std::numeric_limits<double>::infinity())
        return;
    // Not later than for one who comes next.
    const double left = std::clamp(first - monotonicSeconds(), 0.0, seconds(limits_.request));
    slow_.arm(std::chrono::milliseconds(static_cast<long>(left * 1000) + 500));
    slowArmed_ = true;
}

} // namespace stinky::web
