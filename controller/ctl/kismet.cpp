#include "ctl/kismet.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <iostream>

namespace stinky::ctl {
namespace {

constexpr const char* loginPath = "/var/lib/stinky/kismet/login";
constexpr std::size_t longestField = 128;

std::string hostName() {
    std::array<char, 256> name = {};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string readLogin() {
    try {
        return readFile(loginPath, 512);
    } catch (const Error& e) {
        if (e.code() == ENOENT)
            throw Error("read", loginPath, "Kismet has not been started yet, its login is made then",
                        ENOENT);
        if (e.code() == EACCES)
            throw Error("read", loginPath, "it is for root and the group stinky", EACCES);
        throw;
    }
}

} // namespace

KismetPage kismetPage(const Config& config, const std::string& login, const std::string& host) {
    const std::string& listen = config.text("KISMET_LISTEN");
    const std::string line = login.substr(0, login.find('\n'));
    const auto colon = line.find(':');
    KismetPage page;
    page.url = listen.starts_with("0.0.0.0:")
                   ? fmt::format("http://{}{}/", host, listen.substr(listen.rfind(':')))
                   : fmt::format("http://{}/", listen);
    page.user = displayText(line.substr(0, colon), longestField);
    page.password = colon == std::string::npos ? "" : displayText(line.substr(colon + 1), longestField);
    page.local = listen.starts_with("127.") || listen.starts_with("localhost:");
    return page;
}

std::string renderKismet(const KismetPage& page, const std::string& host) {
    std::string text =
        fmt::format("Address   {}\nUser      {}\nPassword  {}\n", page.url, page.user, page.password);
    if (page.local) {
        const std::string port =
            page.url.substr(page.url.rfind(':') + 1, page.url.size() - page.url.rfind(':') - 2);
        text +=
            fmt::format("\nIt answers on this machine only. From another one:\n"
                        "  ssh -L {0}:127.0.0.1:{0} {1}     then http://127.0.0.1:{0}/\n"
                        "or KISMET_LISTEN=0.0.0.0:{0} in /etc/stinky/stinky.conf opens it to the network.\n",
                        port, host);
    }
    return text;
}

int showKismet(const Config& config, bool json) {
    const std::string host = hostName();
    const KismetPage page = kismetPage(config, readLogin(), host);
    if (json)
        std::cout << nlohmann::ordered_json{{"url", page.url},
                                            {"user", page.user},
                                            {"password", page.password}}
                         .dump(2)
                  << "\n";
    else
        std::cout << renderKismet(page, host);
    return EXIT_SUCCESS;
}

} // namespace stinky::ctl
