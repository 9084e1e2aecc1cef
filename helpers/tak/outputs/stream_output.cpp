#include "tak/outputs/stream_output.h"

#include "common/error.h"
#include "common/part_status.h"
#include "tak/cot.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::size_t bufferSize = 48 * 1024; // about 60 events; more waits as tracks, which are newer then

void tune(int fd, std::chrono::milliseconds deadAfter) {
    const int on = 1;
    const int idle = std::max(1, static_cast<int>(deadAfter.count() / 2000));
    const int interval = std::max(1, idle / 3);
    const int probes = 3;
    const unsigned limit = static_cast<unsigned>(deadAfter.count());
    // A refusal of one of these leaves the connection as good as it was.
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
}

} // namespace

StreamOutput::StreamOutput(EventLoop& loop, OutputUrl url, TlsSettings tls, StreamRules rules,
                           OutputEvents events)
    : loop_(loop),
      url_(std::move(url)),
      tlsSettings_(std::move(tls)),
      rules_(rules),
      backoff_(rules.backoff),
      events_(std::move(events)) {
    timer_ = loop_.addTimer(std::chrono::milliseconds(50), url_.text, [this] {
        if (phase_ == Phase::pause)
            start();
        else if (phase_ == Phase::up)
            backoff_.reset();
        else
            lose(phase_ == Phase::resolving    ? "find the address of " + url_.host + ": no answer in time"
                 : phase_ == Phase::connecting ? "connect to " + url_.text + ": no answer in time"
                                               : "speak TLS with " + url_.text + ": no answer in time");
    });
    status_.problem = "connecting to " + url_.text;
    start();
}

void StreamOutput::start() {
    timer_.arm(rules_.connectLimit);
    problem_.clear();
    addresses_ = numericAddress(url_.host, url_.port);
    if (!addresses_.empty()) {
        connectNext();
        return;
    }
    phase_ = Phase::resolving;
    resolver_.ask(loop_, url_.host, url_.port, [this](Resolution resolution) {
        addresses_ = std::move(resolution.addresses);
        if (addresses_.empty())
            lose("find the address of " + url_.host + ": " + resolution.problem);
        else
            connectNext();
    });
}

void StreamOutput::connectNext() {
    phase_ = Phase::connecting;
    io_.reset();
    while (!addresses_.empty()) {
        const Address address = addresses_.front();
        addresses_.erase(addresses_.begin());
        socket_ = Fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (socket_ &&
            (connect(socket_.get(), address.get(), address.length) == 0 || errno == EINPROGRESS)) {
            tune(socket_.get(), rules_.deadAfter);
            io_ = loop_.addIo(socket_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, url_.text,
                              [this](std::uint32_t) { onIo(); });
            return;
        }
        problem_ = Error::fromErrno("connect to", url_.text, errno).what();
    }
    lose(problem_);
}

void StreamOutput::onIo() {
    try {
        if (phase_ == Phase::connecting) {
            int error = 0;
            socklen_t size = sizeof error;
            getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
            sockaddr_storage peer = {};
            socklen_t length = sizeof peer;
            if (error != 0) {
                problem_ = Error::fromErrno("connect to", url_.text, error).what();
                connectNext();
                return;
            }
            if (getpeername(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &length) < 0)
                return; // not connected yet
            if (secure()) {
                tls_ = openTls(tlsSettings_, socket_.get());
                phase_ = Phase::handshake;
            } else {
                becomeUp();
            }
        }
        if (phase_ == Phase::handshake)
            shakeHands();
        if (phase_ == Phase::up) {
            read();
            if (phase_ == Phase::up) {
                blocked_ = false;
                write();
                if (phase_ == Phase::up && !blocked_)
                    events_.ready();
            }
        }
    } catch (const Error& e) {
        lose(e.what());
    }
}

void StreamOutput::shakeHands() {
    switch (tls_->handshake()) {
    case TlsSession::Result::done:
        becomeUp();
        break;
    case TlsSession::Result::closed:
        lose("speak TLS with " + url_.text + ": it closed the connection");
        break;
    case TlsSession::Result::again:
        break;
    }
}

void StreamOutput::becomeUp() {
    phase_ = Phase::up;
    addresses_.clear();
    buffer_.resize(bufferSize);
    timer_.arm(rules_.steadyAfter);
    setUp(monotonicSeconds());
    events_.changed();
    events_.fresh();
}

void StreamOutput::read() {
    bool closed = false;
    if (tls_) {
        closed = tls_->drain() == TlsSession::Result::closed;
    } else {
        std::array<char, 16384> forgotten;
        ssize_t n = 0;
        while ((n = recv(socket_.get(), forgotten.data(), forgotten.size(), MSG_DONTWAIT)) > 0) {
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            throw Error::fromErrno("read from", url_.text, errno);
        closed = n == 0;
    }
    if (closed)
        lose("send to " + url_.text + ": it closed the connection");
}

void StreamOutput::write() {
    while (begin_ < end_ && !blocked_) {
        const std::string_view text(buffer_.data() + begin_, end_ - begin_);
        std::size_t taken = 0;
        if (tls_) {
            const TlsSession::Result result = tls_->write(text, taken);
            if (result == TlsSession::Result::closed)
                return; // read() says so
            blocked_ = result == TlsSession::Result::again;
        } else {
            const ssize_t n = ::send(socket_.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n < 0 && errno != EAGAIN && errno != EINTR)
                throw Error::fromErrno("send to", url_.text, errno);
            blocked_ = n < 0 && errno == EAGAIN;
            taken = n > 0 ? static_cast<std::size_t>(n) : 0;
        }
        countSent(taken);
    }
}

void StreamOutput::countSent(std::size_t bytes) {
    begin_ += bytes;
    while (!lengths_.empty() && bytes >= lengths_.front()) {
        bytes -= lengths_.front();
        lengths_.pop_front();
        ++status_.sent;
    }
    if (!lengths_.empty())
        lengths_.front() -= bytes;
    if (begin_ == end_)
        begin_ = end_ = 0;
}

void StreamOutput::lose(const std::string& why) {
    phase_ = Phase::pause;
    resolver_.cancel();
    io_.reset();
    tls_.reset();
    socket_.reset();
    // The tracks of which these tell are sent again on the next connection.
    status_.dropped += lengths_.size();
    lengths_.clear();
    begin_ = end_ = 0;
    blocked_ = false;
    timer_.arm(backoff_.next());
    if (setProblem(why))
        events_.changed();
}

std::span<char> StreamOutput::space() {
    if (phase_ != Phase::up || blocked_)
        return {};
    if (buffer_.size() - end_ < largestEvent && begin_ > 0) {
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
        end_ -= begin_;
        begin_ = 0;
    }
    if (buffer_.size() - end_ < largestEvent)
        flush();
    if (phase_ != Phase::up || buffer_.size() - end_ < largestEvent)
        return {};
    return {buffer_.data() + end_, largestEvent};
}

void StreamOutput::commit(std::size_t length) {
    end_ += length;
    lengths_.push_back(length);
}

void StreamOutput::flush() {
    if (phase_ != Phase::up)
        return;
    try {
        write();
    } catch (const Error& e) {
        lose(e.what());
    }
}

void StreamOutput::networkChanged() {
    if (phase_ != Phase::pause)
        return;
    backoff_.reset();
    start();
}

} // namespace stinky::tak
