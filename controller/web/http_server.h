#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "web/held_texts.h"
#include "web/http.h"
#include "web/listener.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

struct MHD_Daemon;
struct MHD_Connection;

namespace stinky::web {

struct Exchange;
struct ServerCallbacks;

/// A certificate with its key, both PEM.
struct Certificate {
    std::string chain;
    std::string key;
};

/// What one server takes from its clients.
struct ServerLimits {
    unsigned connections = 1536;             ///< idle ones included
    std::size_t memoryPerConnection = 10240; ///< for request line and headers, and for writing
    std::size_t body = 16384;                ///< bytes
    std::size_t streams = 256;               ///< connections that stay
    /// Bytes of answers that wait for their clients, where more than one does.
    std::size_t texts = std::size_t{8} << 20U;
    std::chrono::seconds idle{10};            ///< without a byte
    std::chrono::milliseconds request{15000}; ///< from the first moment to the whole request
    std::chrono::milliseconds answer{60000};  ///< to take the answer, and for each byte of it what follows
    double leastRate = 4096;                  ///< bytes a second
};

/// HTTP/1.1 on one listening socket, by libmicrohttpd, on the event loop: no thread. What does not have the
/// form of a request that a route could answer is answered here.
class HttpServer {
public:
    /// Called for each request; must not wait.
    using Handler = std::function<Response(const Request&)>;
    /// Called with each answer before it goes, also with those that no handler made.
    using Dress = std::function<void(const Request&, Response&)>;
    /// Called with what libmicrohttpd complains about and what a handler threw.
    using Complain = std::function<void(const std::string&)>;

    /// Throws Error.
    HttpServer(EventLoop& loop, Fd listening, const ServerLimits& limits, const Certificate* certificate,
               Handler handler, Dress dress, Complain complain);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::size_t connections() const noexcept;

    std::size_t streams() const noexcept { return streams_.size(); }

    const ServerLimits& limits() const noexcept { return limits_; }

private:
    friend struct ServerCallbacks;
    struct Streaming;
    struct Taking;

    struct DaemonDeleter {
        void operator()(MHD_Daemon* daemon) const noexcept;
    };

    void take(Arrival arrival);
    void turn();
    int answer(MHD_Connection* connection, Exchange& exchange);
    int send(MHD_Connection* connection, const Exchange& exchange, Response response);
    bool hasRoomFor(const Response& response) const;
    void wake(Streaming& streaming);
    void arrived(MHD_Connection* connection);
    void left(MHD_Connection* connection);
    void restarted(MHD_Connection* connection);
    void limitAnswer(MHD_Connection* connection, const Response& response);
    void cutTheSlow();
    void armSlow();

    ServerLimits limits_;
    Handler handler_;
    Dress dress_;
    Complain complain_;
    std::map<MHD_Connection*, double> peers_; ///< until when each may take, seconds of CLOCK_MONOTONIC
    std::map<MHD_Connection*, Streaming*> streams_;
    HeldTexts texts_;
    std::unique_ptr<Listener> listener_; ///< libmicrohttpd gets none but those that speak
    std::unique_ptr<MHD_Daemon, DaemonDeleter> daemon_;
    Timer timer_;
    Timer slow_;
    bool slowArmed_ = false;
    EventSource io_;
};

} // namespace stinky::web
