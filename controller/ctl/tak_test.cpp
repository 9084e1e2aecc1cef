#include "ctl/tak_test.h"

#include "common/error.h"
#include "common/fd.h"
#include "common/text.h"

#include <nlohmann/json.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace stinky::ctl {
namespace {

constexpr int patienceMilliseconds = 5000;
constexpr std::size_t longestProblem = 500; ///< a server may have words in it
constexpr std::size_t longestAnswer = 64 * 1024;

std::string ask(const std::string& path) {
    const Fd peer(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof address.sun_path - 1));
    if (!peer || connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
        const bool gone = errno == ENOENT || errno == ECONNREFUSED;
        throw gone ? Error("ask", "stinky-tak", "it does not run; 'stinkyctl start' starts it")
                   : Error::fromErrno("ask stinky-tak at", path, errno);
    }
    constexpr std::string_view request = "test\n";
    if (send(peer.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
        throw Error::fromErrno("ask stinky-tak at", path, errno);
    std::string answer;
    while (!answer.ends_with('\n') && answer.size() < longestAnswer) {
        pollfd waiting = {peer.get(), POLLIN, 0};
        char buffer[4096];
        if (poll(&waiting, 1, patienceMilliseconds) != 1)
            throw Error("ask", "stinky-tak", "no answer in 5 s");
        const ssize_t n = recv(peer.get(), buffer, sizeof buffer, 0);
        if (n <= 0)
            throw Error("ask", "stinky-tak", "it hung up");
        answer.append(buffer, static_cast<std::size_t>(n));
    }
    return answer;
}

std::string fitting(const nlohmann::json& text) {
    return displayText(text.get<std::string>(), longestProblem);
}

bool everySent(const nlohmann::json& outputs) {
    return !outputs.empty() && std::all_of(outputs.begin(), outputs.end(), [](const auto& each) {
        return each.at("sent").template get<bool>();
    });
}

} // namespace

std::string renderTakTest(const std::string& answer) {
    const nlohmann::json json = nlohmann::json::parse(answer);
    const nlohmann::json& outputs = json.at("outputs");
    if (outputs.empty())
        return "TAK_OUTPUTS= is empty: nothing was sent\n";
    std::string text;
    for (const nlohmann::json& each : outputs)
        text += fitting(each.at("url")) + ": " +
                (each.at("sent").get<bool>() ? "sent" : "not sent: " + fitting(each.at("problem"))) + "\n";
    return text;
}

int testTakOutputs(const std::string& socketPath, bool json) {
    const std::string answer = ask(socketPath);
    std::cout << (json ? answer : renderTakTest(answer));
    return everySent(nlohmann::json::parse(answer).at("outputs")) ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace stinky::ctl
