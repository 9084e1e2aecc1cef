// A stand-in for Kismet: takes its command line and its override file, serves the answers that a real one
// gave, writes a wiglecsv log, and fails in the ways that a real one does, as a file tells it at each
// request.
//   sim-kismet [Kismet's options] --override FILE
//   $SIM_KISMET_DATA   folder of recorded answers
//   $SIM_KISMET_STATE  file with one word: ok, starting, no-source, error, still, no-log, refuse, hang, die
#include "sim/unique_fd.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Json = nlohmann::json;
using stinky::sim::UniqueFd;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string contentOf(const std::string& path) {
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
}

std::map<std::string, std::string> readOverride(const std::string& path) {
    std::map<std::string, std::string> settings;
    std::istringstream lines(contentOf(path));
    for (std::string line; std::getline(lines, line);)
        if (const auto equals = line.find('='); equals != std::string::npos && !line.starts_with('#'))
            settings[line.substr(0, equals)] = line.substr(equals + 1);
    return settings;
}

std::string base64(const std::string& text) {
    constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string encoded;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            encoded += i + k <= text.size() ? alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
    return encoded;
}

class Kismet {
public:
    explicit Kismet(std::map<std::string, std::string> settings) : settings_(std::move(settings)) {
        sources_ = Json::parse(contentOf(environment("SIM_KISMET_DATA") + "/datasource_all_sources.json"));
        system_ = Json::parse(contentOf(environment("SIM_KISMET_DATA") + "/system_status.json"));
        openLog();
        listen();
    }

    [[noreturn]] void serve() {
        for (;;) {
            UniqueFd client(accept(listener_.get(), nullptr, nullptr));
            if (client.get() < 0)
                continue;
            const std::string request = receive(client.get());
            const std::string state = word();
            if (state == "die")
                throw std::runtime_error("FATAL: told to die");
            if (state == "hang") {
                hung_.push_back(std::move(client));
                continue;
            }
            if (state != "starting")
                send(client.get(), answer(request, state));
        }
    }

private:
    std::string setting(const std::string& key, const std::string& fallback) const {
        const auto found = settings_.find(key);
        return found == settings_.end() ? fallback : found->second;
    }

    static std::string word() {
        const std::string content = contentOf(environment("SIM_KISMET_STATE"));
        return content.substr(0, content.find('\n'));
    }

    void listen() {
        listener_ = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int on = 1;
        setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(setting("httpd_port", "2501"))));
        inet_pton(AF_INET, setting("httpd_bind_address", "127.0.0.1").c_str(), &address.sin_addr);
        if (bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
            ::listen(listener_.get(), 16) < 0)
            throw std::runtime_error("FATAL: cannot listen");
    }

    static std::string receive(int fd) {
        std::string request;
        char buffer[4096];
        for (;;) {
            const ssize_t got = read(fd, buffer, sizeof buffer);
            if (got <= 0)
                return request;
            request.append(buffer, static_cast<std::size_t>(got));
            const auto end = request.find("\r\n\r\n");
            if (end == std::string::npos)
                continue;
            const auto length = request.find("Content-Length: ");
            if (length == std::string::npos || length > end ||
                request.size() >= end + 4 + std::stoul(request.substr(length + 16)))
                return request;
        }
    }

    static void send(int fd, const std::pair<int, std::string>& reply) {
        const std::string text = fmt::format(
            "HTTP/1.1 {} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: "
            "close\r\n\r\n{}",
            reply.first, reply.second.size(), reply.second);
        if (write(fd, text.data(), text.size()) < 0)
            std::cerr << "client is gone\n";
    }

    std::pair<int, std::string> answer(const std::string& request, const std::string& state) {
        const auto from = request.find(' ') + 1;
        const std::string path = request.substr(from, request.find(' ', from) - from);
        if (path == "/system/user_status.json")
            return {200, R"({"kismet.system.user":"stinky-scan"})"};
        const std::string login = setting("httpd_username", "") + ":" + setting("httpd_password", "");
        if (state == "refuse" || request.find("Authorization: Basic " + base64(login)) == std::string::npos)
            return {401, "Login required"};
        if (path == "/datasource/all_sources.json")
            return {200, sources(state).dump()};
        if (path == "/system/status.json")
            return {200, system_.dump()};
        if (path == "/gps/all_gps.json")
            return {
                200,
                R"([{"kismet.gps.connected":1,"kismet.gps.location":{"kismet.common.location.fix":3}}])"};
        if (path == "/logging/active.json")
            return {200, state == "no-log" ? "[]" : logs_.dump()};
        if (path == "/logging/by-class/wiglecsv/start.cmd") {
            openLog();
            return {200, logs_.back().dump()};
        }
        for (Json& log : logs_)
            if (path == "/logging/by-uuid/" + log["kismet.logfile.uuid"].get<std::string>() + "/stop.cmd") {
                log["kismet.logfile.open"] = 0;
                return {200, "OK\n"};
            }
        return {404, "no such endpoint"};
    }

    Json sources(const std::string& state) {
        if (state == "no-source")
            return Json::array();
        if (state != "still") {
            ++packets_;
            writeRow();
        }
        sources_[0]["kismet.datasource.num_packets"] = packets_;
        sources_[0]["kismet.datasource.running"] = state == "error" ? 0 : 1;
        sources_[0]["kismet.datasource.error"] = state == "error" ? 1 : 0;
        sources_[0]["kismet.datasource.error_reason"] =
            state == "error" ? "Failed to bring up interface 'wlan2', errno 132" : "";
        return sources_;
    }

    void openLog() {
        const std::string stem = setting("log_prefix", ".") + "/" + setting("log_title", "Kismet");
        const std::string path = fmt::format("{}-20261123-05-07-07-{}.wiglecsv", stem, logs_.size() + 1);
        if (std::ofstream log(path); log)
            log << "WigleWifi-1.6,appRelease=Kismet2026110,model=Kismet,release=2026.11.0,device=kismet\n"
                   "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,CurrentLongitude,"
                   "AltitudeMeters,AccuracyMeters,RCOIs,MfgrId,Type\n";
        else
            return;
        logs_.push_back(
            {{"kismet.logfile.uuid", fmt::format("A0000000-0000-0000-0000-{:012}", logs_.size())},
             {"kismet.logfile.path", path},
             {"kismet.logfile.open", 1}});
    }

    void writeRow() {
        for (const Json& log : logs_)
            if (log["kismet.logfile.open"] == 1)
                std::ofstream(log["kismet.logfile.path"].get<std::string>(), std::ios::app) << fmt::format(
                    "02:00:00:00:00:{:02x},HomeNet,[WPA2-PSK-CCMP][ESS],2026-11-23 05:07:30,6,2437000,-30,"
                    "48.117300,11.516667,545.400000,0,WIFI\n",
                    packets_ % 256);
    }

    std::map<std::string, std::string> settings_;
    Json sources_;
    Json system_;
    Json logs_ = Json::array();
    unsigned packets_ = 440;
    UniqueFd listener_;
    std::vector<UniqueFd> hung_;
};

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    std::string override;
    for (int i = 1; i + 1 < argc; ++i)
        if (std::string(argv[i]) == "--override")
            override = argv[i + 1];
    try {
        Kismet(readOverride(override)).serve();
    } catch (const std::exception& e) {
        std::cerr << e.what() << "\n";
    }
    return EXIT_FAILURE;
}
