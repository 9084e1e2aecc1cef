#include "web/access.h"

#include "common/error.h"
#include "web/request_parts.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>

namespace stinky::web {
namespace {

constexpr const char* cookieName = "stinky";
constexpr double sessionSeconds = 7 * 24 * 3600.0;
constexpr std::size_t mostSessions = 64;
// Guessing 256 bits is hopeless; the limit keeps a misconfigured client from filling the log.
constexpr unsigned mostFailures = 5;
constexpr double failureWindow = 60;
constexpr std::size_t mostAddresses = 256;

} // namespace

std::string newSecret() {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::array<unsigned char, 32> bytes = {};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw Error::fromErrno("read random bytes", "getrandom", errno);
    std::string text;
    unsigned bits = 0;
    unsigned held = 0;
    for (const unsigned char byte : bytes) {
        bits = bits << 8 | byte;
        for (held += 8; held >= 6; held -= 6)
            text += alphabet[bits >> (held - 6) & 63];
    }
    text += alphabet[bits << (6 - held) & 63];
    return text;
}

void Access::setToken(std::string token) {
    if (token == token_)
        return;
    token_ = std::move(token);
    sessions_.clear();
}

bool Access::isForeignFriend(std::string_view origin) const {
    return std::find(rules_.origins.begin(), rules_.origins.end(), origin) != rules_.origins.end();
}

bool Access::sameOrigin(const Request& request) const {
    return request.headers.origin == (rules_.tls ? "https://" : "http://") + request.headers.host;
}

std::optional<Refusal> Access::checkOrigin(const Request& request) const {
    const auto host = hostOf(request.headers.host);
    if (!host)
        return Refusal{400, "a Host header is needed that names this machine"};
    // A name that somebody else's DNS points at us is how a foreign page would get in; an address is none.
    if (!Address::parse(*host) && *host != "localhost" &&
        std::find(rules_.hosts.begin(), rules_.hosts.end(), *host) == rules_.hosts.end())
        return Refusal{421, "this machine has another name; add it to WEB_HOSTS="};
    const std::string& origin = request.headers.origin;
    if (!origin.empty() && !sameOrigin(request) && !isForeignFriend(origin))
        return Refusal{403, "pages from elsewhere may not call; add theirs to WEB_ORIGINS="};
    return {};
}

bool Access::hasSession(const Request& request, double now) {
    const auto value = cookieValue(request.headers.cookie, cookieName);
    if (!value)
        return false;
    const auto session = sessions_.find(*value);
    if (session == sessions_.end())
        return false;
    if (session->second > now)
        return true;
    sessions_.erase(session);
    return false;
}

std::optional<Refusal> Access::blocked(const Request& request, double now) {
    const auto found = request.peer ? tries_.find(*request.peer) : tries_.end();
    if (found == tries_.end())
        return {};
    const double left = found->second.since + failureWindow - now;
    if (left <= 0) {
        tries_.erase(found);
        return {};
    }
    if (found->second.failed < mostFailures)
        return {};
    return Refusal{429, "too many wrong tokens from this address", static_cast<unsigned>(std::ceil(left))};
}

void Access::failed(const Request& request, double now) {
    if (!request.peer)
        return;
    if (tries_.size() >= mostAddresses && !tries_.contains(*request.peer)) {
        std::erase_if(tries_, [&](const auto& entry) { return entry.second.since + failureWindow <= now; });
        // Still full: a flood from many addresses. The oldest makes room.
        if (tries_.size() >= mostAddresses)
            tries_.erase(std::min_element(tries_.begin(), tries_.end(), [](const auto& a, const auto& b) {
                return a.second.since < b.second.since;
            }));
    }
    Tries& tries = tries_[*request.peer];
    if (tries.failed++ == 0)
        tries.since = now;
}

std::optional<Refusal> Access::checkBearer(const Request& request, double now) {
    if (auto refusal = blocked(request, now))
        return refusal;
    const auto bearer = bearerToken(request.headers.authorization);
    if (bearer && equalInConstantTime(*bearer, token_))
        return {};
    failed(request, now);
    return Refusal{401, "the token is wrong: 'stinkyctl token' shows it"};
}

std::optional<Refusal> Access::know(const Request& request, double now, bool& known) {
    known = hasSession(request, now);
    if (known || token_.empty() || request.headers.authorization.empty())
        return {};
    auto refusal = checkBearer(request, now);
    known = !refusal;
    return refusal && refusal->status == 429 ? std::move(refusal) : std::nullopt;
}

std::optional<Refusal> Access::check(const Request& request, Need need, bool legacy, double now) {
    if (need == Need::nothing || (need == Need::read && rules_.openReads) ||
        (legacy && request.peer && anyContains(rules_.legacyOpen, *request.peer)))
        return {};
    if (hasSession(request, now)) {
        // Browsers send the cookie by themselves, and Origin with everything that changes something.
        if (need == Need::change && request.headers.origin.empty() &&
            request.headers.fetchSite != "same-origin")
            return Refusal{403, "a change with a cookie needs the Origin header that browsers send"};
        return {};
    }
    if (token_.empty())
        return Refusal{503, "this machine has no token yet: run 'stinkyctl token --new' as root"};
    if (request.headers.authorization.empty())
        return Refusal{401, "a token is needed: 'stinkyctl token' shows it"};
    return checkBearer(request, now);
}

std::optional<Refusal> Access::logIn(const Request& request, std::string_view token, double now,
                                     std::string& cookie) {
    if (token_.empty())
        return Refusal{503, "this machine has no token yet: run 'stinkyctl token --new' as root"};
    if (auto refusal = blocked(request, now))
        return refusal;
    if (!equalInConstantTime(token, token_)) {
        failed(request, now);
        return Refusal{401, "the token is wrong: 'stinkyctl token' shows it"};
    }
    if (sessions_.size() >= mostSessions)
        sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; }));
    const std::string session = newSecret();
    sessions_.emplace(session, now + sessionSeconds);
    cookie = std::string(cookieName) + "=" + session + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
             std::to_string(static_cast<long>(sessionSeconds)) + (rules_.tls ? "; Secure" : "");
    return {};
}

std::string Access::logOut(const Request& request) {
    if (const auto value = cookieValue(request.headers.cookie, cookieName))
        sessions_.erase(*value);
    return std::string(cookieName) + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0";
}

} // namespace stinky::web
