#include "tak/outputs/resolver.h"

#include "common/error.h"
#include "common/fd.h"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <system_error>
#include <thread>

namespace stinky::tak {
namespace {

Resolution lookUp(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM; // one answer for each address
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    Resolution resolution;
    if (error != 0) {
        resolution.problem =
            error == EAI_SYSTEM ? std::system_category().message(errno) : gai_strerror(error);
        return resolution;
    }
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        Address address;
        address.length = std::min<socklen_t>(each->ai_addrlen, sizeof address.storage);
        std::memcpy(&address.storage, each->ai_addr, address.length);
        resolution.addresses.push_back(address);
    }
    freeaddrinfo(found);
    return resolution;
}

} // namespace

struct Resolver::Question {
    std::string host;
    std::uint16_t port = 0;
    Fd done; ///< readable when `resolution` may be read
    std::atomic<bool> written{false};
    Resolution resolution;
};

std::vector<Address> numericAddress(const std::string& host, std::uint16_t port) {
    return lookUp(host, port, AI_NUMERICHOST | AI_NUMERICSERV).addresses;
}

void Resolver::ask(EventLoop& loop, const std::string& host, std::uint16_t port,
                   std::function<void(Resolution)> answer) {
    cancel();
    auto question = std::make_shared<Question>();
    question->host = host;
    question->port = port;
    question->done = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!question->done)
        throw Error::fromErrno("ask for the address of", host, errno);
    question_ = question;
    answered_ = loop.addIo(question->done.get(), EPOLLIN, "address of " + host,
                           [this, answer = std::move(answer)](std::uint32_t) {
                               const std::shared_ptr<Question> answered = question_;
                               cancel();
                               if (answered->written.load(std::memory_order_acquire))
                                   answer(std::move(answered->resolution));
                           });
    const auto finish = [question](Resolution resolution) {
        question->resolution = std::move(resolution);
        question->written.store(true, std::memory_order_release);
        eventfd_write(question->done.get(), 1);
    };
    try {
        std::thread([question, finish] {
            finish(lookUp(question->host, question->port, AI_ADDRCONFIG));
        }).detach();
    } catch (const std::system_error& e) {
        finish({{}, e.what()});
    }
}

void Resolver::cancel() noexcept {
    answered_.reset();
    question_.reset();
}

} // namespace stinky::tak
