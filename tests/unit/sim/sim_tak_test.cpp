#include "sim/tak_socket.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "unit/sim/child_process.h"
#include "unit/sim/cot_sample.h"

namespace stinky::sim::test {

namespace {

/// The program on a free port of the loopback interface.
class Tak {
public:
    explicit Tak(std::vector<std::string> options,
                 const std::vector<std::string>& where = {"--udp", "0", "--bind", "127.0.0.1"})
        : process_(command(std::move(options), where)) {
        const std::string line = process_.errorLine().value_or("nothing");
        if (line.rfind("ready ", 0) != 0) {
            throw std::runtime_error("sim-tak said: " + line);
        }
        endpoint_ = Ipv4Endpoint::parse(line.substr(6));
    }

    void send(const std::string& datagram) const {
        const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const in_addr loopback{htonl(INADDR_LOOPBACK)};
        setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(endpoint_.port);
        inet_pton(AF_INET, endpoint_.address.c_str(), &to.sin_addr);
        ASSERT_EQ(sendto(socket.get(), datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&to),
                         sizeof to),
                  static_cast<ssize_t>(datagram.size()));
    }

    ChildProcess& process() { return process_; }

private:
    static std::vector<std::string> command(std::vector<std::string> options,
                                            const std::vector<std::string>& where) {
        options.insert(options.begin(), where.begin(), where.end());
        options.insert(options.begin(), SIM_TAK);
        return options;
    }

    ChildProcess process_;
    Ipv4Endpoint endpoint_;
};

std::string named(const std::string& callsign) {
    return sampleWith("Cafe, Bar &amp; &quot;Grill&quot; &lt;1&gt;", callsign);
}

bool contains(const std::optional<std::string>& line, std::string_view part) {
    return line && line->find(part) != std::string::npos;
}

} // namespace

TEST(SimTak, ItEndsAfterTheCountOfEvents) {
    Tak tak({"--json", "--count", "2", "--timeout", "20"});
    tak.send(named("one"));
    tak.send(named("two"));
    EXPECT_TRUE(contains(tak.process().outputLine(), R"("callsign":"one")"));
    EXPECT_TRUE(contains(tak.process().outputLine(), R"("callsign":"two")"));
    EXPECT_EQ(tak.process().wait(), 0);
}

TEST(SimTak, ItEndsWhenAllCallsignsWereSeen) {
    Tak tak({"--expect-callsign", "Cafe, Bar & \"Grill\" <1>", "--expect-callsign", "HomeNet", "--timeout",
             "20"});
    tak.send(named("HomeNet"));
    tak.send(named("other"));
    tak.send(sampleEvent());
    EXPECT_EQ(tak.process().wait(), 0);
    EXPECT_TRUE(contains(tak.process().errorLine(), "complete: 3 valid, 0 invalid"));
}

TEST(SimTak, ATimeoutTellsWhatIsMissing) {
    Tak tak({"--expect-callsign", "absent", "--timeout", "0.5"});
    tak.send(named("present"));
    EXPECT_EQ(tak.process().wait(), 1);
    EXPECT_TRUE(contains(tak.process().errorLine(), R"(seen: "present"; callsigns missing: "absent")"));
}

TEST(SimTak, AnInvalidDatagramEndsIt) {
    Tak tak({"--json", "--timeout", "20"});
    tak.send("<event");
    EXPECT_EQ(tak.process().wait(), 3);
    EXPECT_TRUE(contains(tak.process().outputLine(), R"("hex":"3c6576656e74")"));
}

TEST(SimTak, AnInvalidDatagramIsCountedWhereItIsTolerated) {
    Tak tak({"--json", "--tolerate", "--count", "1", "--timeout", "20"});
    tak.send("");
    tak.send(named("good"));
    EXPECT_EQ(tak.process().wait(), 0);
    EXPECT_TRUE(contains(tak.process().outputLine(), R"({"invalid":"an empty datagram")"));
    EXPECT_TRUE(contains(tak.process().outputLine(), R"("callsign":"good")"));
    EXPECT_TRUE(contains(tak.process().errorLine(), "1 valid, 1 invalid"));
}

TEST(SimTak, SigtermEndsItWithASummary) {
    Tak tak({});
    tak.send(named("good"));
    EXPECT_TRUE(contains(tak.process().outputLine(), "48.117300,11.516667"));
    tak.process().signal(SIGTERM);
    EXPECT_EQ(tak.process().wait(), 0);
    EXPECT_TRUE(contains(tak.process().errorLine(), "stopped: 1 valid, 0 invalid"));
}

TEST(SimTak, AMulticastGroupIsHeard) {
    const std::vector<std::string> group{"--multicast", "239.2.3.1:0", "--interface", "lo"};
    Tak tak({"--count", "1", "--timeout", "20"}, group);
    tak.send(named("group"));
    EXPECT_EQ(tak.process().wait(), 0);
}

TEST(SimTak, WrongOptionsAreRefused) {
    const std::vector<std::vector<std::string>> wrong{{"--udp", "70000"},
                                                      {"--bind", "127.0.0.1"},
                                                      {"--udp", "0", "--bind", "host"},
                                                      {"--multicast", "192.0.2.1:6969"},
                                                      {"--multicast", "239.2.3.1:0", "--interface", "none0"},
                                                      {"--count", "0"},
                                                      {"--nonsense"}};
    for (std::vector<std::string> options : wrong) {
        options.insert(options.begin(), SIM_TAK);
        EXPECT_EQ(ChildProcess(options).wait(), 2) << options.at(1);
    }
}

} // namespace stinky::sim::test
