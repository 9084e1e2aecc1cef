#pragma once

#include "web/http.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stinky::web {

/// What a route asks of who calls it.
enum class Need {
    nothing, ///< the page itself, its login, the contract
    read,    ///< the token, or nothing with OPEN_READS=yes
    change,  ///< the token, always
};

/// Who may: from the settings and the names of the machine.
struct AccessRules {
    bool openReads = false;
    std::vector<Network> legacyOpen;  ///< old routes without a token, from here
    std::vector<std::string> origins; ///< "http://192.168.1.5:8092": other pages that may call
    std::vector<std::string> hosts;   ///< names of this machine, in lower case; IP addresses always are
    bool tls = false;
};

/// A refusal: status, and a sentence for people.
struct Refusal {
    unsigned status = 403;
    std::string why;
    std::optional<unsigned> retryAfter = {}; ///< seconds
};

/// Decides for each request whether it is taken. Knows the token, the sessions and the failed tries; time
/// comes in as seconds of CLOCK_MONOTONIC, randomness from the kernel.
class Access {
public:
    explicit Access(AccessRules rules) : rules_(std::move(rules)) {}

    /// Empty: there is none, nobody gets in. A new token ends all sessions.
    void setToken(std::string token);

    const AccessRules& rules() const noexcept { return rules_; }

    /// Host and Origin, which hold for every request: against DNS rebinding and foreign pages.
    std::optional<Refusal> checkOrigin(const Request& request) const;
    /// `legacy`: one of the old routes.
    std::optional<Refusal> check(const Request& request, Need need, bool legacy, double now);

    /// The Set-Cookie header of a new session, or why there is none.
    std::optional<Refusal> logIn(const Request& request, std::string_view token, double now,
                                 std::string& cookie);
    /// Ends the session of the request; the Set-Cookie header that takes the cookie away.
    std::string logOut(const Request& request);
    /// Whether the client has a session or the token; a wrong token counts as a failed try here too, or this
    /// would tell right from wrong as often as somebody likes.
    std::optional<Refusal> know(const Request& request, double now, bool& known);
    /// True for an Origin that is a page of ours under another name.
    bool isForeignFriend(std::string_view origin) const;

private:
    struct Tries {
        unsigned failed = 0;
        double since = 0;
    };

    bool hasSession(const Request& request, double now);
    bool sameOrigin(const Request& request) const;
    std::optional<Refusal> checkBearer(const Request& request, double now);
    std::optional<Refusal> blocked(const Request& request, double now);
    void failed(const Request& request, double now);

    AccessRules rules_;
    std::string token_;
    std::map<std::string, double> sessions_; ///< when each ends
    std::map<Address, Tries> tries_;
};

/// 32 bytes of the kernel's randomness in base64url: 43 characters. Throws Error.
std::string newSecret();

} // namespace stinky::web
