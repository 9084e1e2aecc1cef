#pragma once

#include "common/event_loop.h"
#include "common/fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>

namespace stinky::test {

/// gpsd's port 2947 on a loop of the test's: takes one client, greets it and says what the test tells it to.
class GpsdStream {
public:
    explicit GpsdStream(EventLoop& loop)
        : loop_(loop), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (!listener_ || bind(listener_.get(), generic, size) < 0 || listen(listener_.get(), 8) < 0 ||
            getsockname(listener_.get(), generic, &size) < 0)
            throw std::system_error(errno, std::generic_category(), "a gpsd for tests");
        endpoint_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        accept_ = loop.addIo(listener_.get(), EPOLLIN, "fake gpsd", [this](std::uint32_t) { take(); });
    }

    const std::string& endpoint() const noexcept { return endpoint_; }

    /// A gpsd that hangs: systemd's socket takes the connection, and nothing follows.
    void beSilent() noexcept { silent_ = true; }

    void answer() noexcept { silent_ = false; }

    int connections() const noexcept { return connections_; }

    const std::string& heard() const noexcept { return heard_; }

    /// What it answers when it is asked for its devices.
    void listAs(const std::string& devices) { devices_ = devices; }

    /// One line of JSON.
    void say(const std::string& line) {
        if (line.starts_with(R"({"class":"DEVICES")"))
            devices_ = line;
        sayRaw(line + "\r\n");
    }

    void sayRaw(const std::string& text) {
        if (send(client_.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0)
            throw std::system_error(errno, std::generic_category(), "talk to the client");
    }

    void hangUp() {
        read_.reset();
        client_.reset();
    }

private:
    void take() {
        read_.reset();
        client_ = Fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        ++connections_;
        read_ = loop_.addIo(client_.get(), EPOLLIN, "fake gpsd's client",
                            [this](std::uint32_t) { listenToClient(); });
        if (silent_)
            return;
        greet();
        list();
    }

    void greet() {
        say(R"({"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14})");
    }

    void list() { say(devices_); }

    void listenToClient() {
        std::array<char, 1024> buffer{};
        const ssize_t n = recv(client_.get(), buffer.data(), buffer.size(), 0);
        if (n <= 0) {
            hangUp();
            return;
        }
        const std::string text(buffer.data(), static_cast<std::size_t>(n));
        heard_ += text;
        if (!silent_ && text.find("?DEVICES") != std::string::npos)
            list();
    }

    EventLoop& loop_;
    Fd listener_;
    Fd client_;
    EventSource accept_;
    EventSource read_;
    std::string endpoint_;
    std::string heard_;
    std::string devices_ = R"({"class":"DEVICES","devices":[]})";
    int connections_ = 0;
    bool silent_ = false;
};

/// What gpsd 3.22 says.
inline constexpr const char* gpsdDevice =
    R"({"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/ttyUSB0","driver":"NMEA0183",)"
    R"("activated":"2026-11-24T16:00:00.000Z","flags":1,"native":0,"bps":4800,"parity":"N","stopbits":1,"cycle":1.00}]})";
inline constexpr const char* gpsdFix =
    R"({"class":"TPV","device":"/dev/ttyUSB0","mode":3,"time":"2026-11-24T16:00:01.000Z","lat":48.1173,"lon":11.516667,)"
    R"("altHAE":592.0,"altMSL":545.4,"eph":7.5,"epv":11.5,"speed":1.5,"track":84.4})";
inline constexpr const char* gpsdNoFix = R"({"class":"TPV","device":"/dev/ttyUSB0","mode":1})";
inline constexpr const char* gpsdSky =
    R"({"class":"SKY","device":"/dev/ttyUSB0","nSat":3,"uSat":2,"satellites":[)"
    R"({"PRN":5,"el":45.0,"az":120.0,"ss":42.0,"used":true,"gnssid":0,"svid":5},)"
    R"({"PRN":66,"el":10.0,"az":310.0,"ss":21.0,"used":true,"gnssid":6,"svid":2},)"
    R"({"PRN":12,"az":77.0,"used":false,"gnssid":0,"svid":12}]})";

} // namespace stinky::test
