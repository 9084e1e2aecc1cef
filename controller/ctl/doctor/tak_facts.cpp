#include "ctl/doctor/tak_facts.h"

#include "common/error.h"
#include "common/fd.h"
#include "ctl/doctor/certificate_facts.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace stinky::ctl {
namespace {

constexpr int connectPatienceMs = 2000;

std::string errnoText(int code) {
    return Error::fromErrno("", "", code).why();
}

/// Connects to one address: of a datagram socket that asks only for a route. Empty when it worked.
std::string problemOf(const addrinfo& address) {
    const Fd fd(
        socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
    if (!fd)
        return errnoText(errno);
    if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0)
        return {};
    if (errno != EINPROGRESS)
        return errnoText(errno);
    pollfd wait = {fd.get(), POLLOUT, 0};
    if (poll(&wait, 1, connectPatienceMs) != 1)
        return "no answer within 2 s";
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? "" : errnoText(error);
}

std::string problemOf(const std::string& url) {
    const Endpoint endpoint = endpointOf(url);
    if (endpoint.host.empty())
        return "this is no URL of an output";
    addrinfo hints = {};
    hints.ai_socktype = endpoint.scheme.starts_with("udp") ? SOCK_DGRAM : SOCK_STREAM;
    addrinfo* list = nullptr;
    if (const int r = getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &list); r != 0)
        return gai_strerror(r);
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
    std::string problem;
    for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
        problem = problemOf(*at);
        if (problem.empty())
            break;
    }
    return problem;
}

} // namespace

Endpoint endpointOf(const std::string& url) {
    const std::size_t begin = url.find("://");
    if (begin == std::string::npos)
        return {};
    Endpoint endpoint;
    endpoint.scheme = url.substr(0, begin);
    std::string rest = url.substr(begin + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size())
        return {};
    endpoint.host = rest.substr(0, colon);
    endpoint.port = rest.substr(colon + 1);
    if (endpoint.host.front() == '[' && endpoint.host.back() == ']')
        endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    return endpoint;
}

void gatherTak(Facts& facts, bool connect) {
    for (const std::string& url : facts.config.list("TAK_OUTPUTS"))
        facts.outputs.push_back({url, connect ? problemOf(url) : "", connect});
    for (const char* key : {"TAK_TLS_CA", "TAK_TLS_CERT"})
        if (const std::string& path = facts.config.text(key); !path.empty())
            facts.certificates.push_back(certificateOf(path, facts.config.text("TAK_TLS_PASSWORD_FILE")));
}

} // namespace stinky::ctl
