#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace stinky::tak {

/// The web interface of a running WigleToTAK, which is all that it can be told by. Every call waits for its
/// answer, 5 s at most: whoever feeds it has nothing else to do. They throw Error.
class Original {
public:
    /// `url`: "http://127.0.0.1:8000"
    explicit Original(std::string url) : url_(std::move(url)) {}

    /// Where it sends: to the multicast group, to one host, or both. An empty host means none.
    void configure(bool multicast, const std::string& host, const std::string& port) const;
    /// Ends the broadcast of one file and starts that of another.
    void broadcast(const std::string& directory, const std::string& file) const;
    /// Gives one address a colour.
    void highlight(const std::string& bssid, int colour) const;

private:
    void post(const std::string& route, const nlohmann::json& body) const;

    std::string url_;
};

} // namespace stinky::tak
