#include "ctl/logs.h"
#include "sim/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "unit/temporary_directory.h"
#include "view/journal.h"

namespace stinky::ctl {
namespace {

using testing::ElementsAre;

const std::vector<std::string> known = {
    "stinky.target",      "stinky-radio@wlan1.service", "stinky-radio@wlan2.service",
    "stinky-gps.service", "stinky-gps@ttyUSB0.service", "stinky-tak.service",
    "stinky-cgps.service"};

TEST(UnitsOfName, AreThoseThatAPersonMeans) {
    EXPECT_THAT(unitsOfName("radio", known),
                ElementsAre("stinky-radio@wlan1.service", "stinky-radio@wlan2.service"));
    EXPECT_THAT(unitsOfName("radio@wlan2", known), ElementsAre("stinky-radio@wlan2.service"));
    EXPECT_THAT(unitsOfName("stinky-radio@wlan2", known), ElementsAre("stinky-radio@wlan2.service"));
    EXPECT_THAT(unitsOfName("gps", known), ElementsAre("stinky-gps.service", "stinky-gps@ttyUSB0.service"));
    EXPECT_THAT(unitsOfName("tak", known), ElementsAre("stinky-tak.service"));
    EXPECT_THAT(unitsOfName("stinky.target", known), ElementsAre("stinky.target"));
    EXPECT_THAT(unitsOfName("scan", known), ElementsAre("stinky-scan.service")) << "it may have run before";
    EXPECT_THAT(unitsOfName("radio@wlan2", {}), ElementsAre("stinky-radio@wlan2.service"));
    EXPECT_THAT(unitsOfName("gpsd.service", known), ElementsAre("gpsd.service"));
}

TEST(UnitsIn, LeavesOutWhatIsNotOurs) {
    const StatusView view = parseDescription(
        R"({"state":"running","units":[{"name":"stinky-radio@wlan2.service"},{"name":"stinky.target"},)"
        R"({"name":"sys-subsystem-net-devices-wlan2.device","role":"device"},{"name":"not-stinky-x.service"}]})");
    EXPECT_THAT(unitsIn(view), testing::UnorderedElementsAre("stinky-radio@wlan2.service", "stinky.target"));
}

/// A journal of this boot.
class JournalTest : public testing::Test {
protected:
    JournalTest() {
        std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
        std::erase(boot, '-');
        add("SYSLOG_IDENTIFIER=systemd\n_PID=1\nUNIT=stinky-radio@wlan2.service\nMESSAGE=Started it");
        add("SYSLOG_IDENTIFIER=stinky-radio\n_SYSTEMD_UNIT=stinky-radio@wlan2.service\nMESSAGE=held");
        add("SYSLOG_IDENTIFIER=systemd\n_PID=1\nUNIT=ssh.service\nMESSAGE=Started another");
        add("SYSLOG_IDENTIFIER=stinky-tak\nUNIT=\033[2Jtak\nMESSAGE=sending");
        const std::string file = folder / "export";
        std::ofstream(file) << records;
        sim::test::ChildProcess writer(
            {"/lib/systemd/systemd-journal-remote", "--output=" + (folder / "test.journal"), file});
        EXPECT_EQ(writer.wait(), 0);
    }

    void add(const std::string& fields) {
        const std::string time = std::to_string(1'764'000'000'000'000 + 1000 * ++count);
        records += "__REALTIME_TIMESTAMP=" + time + "\n__MONOTONIC_TIMESTAMP=" + std::to_string(count) +
                   "\n_BOOT_ID=" + boot + "\nPRIORITY=6\n" + fields + "\n\n";
    }

    std::vector<std::string> messages(const view::LogQuery& query) {
        std::vector<std::string> list;
        for (const view::LogRecord& record : view::Journal(folder.path()).read(query)) {
            list.push_back(record.message);
            EXPECT_EQ(logLine(record, false).find('\033'), std::string::npos);
        }
        return list;
    }

    test::TemporaryDirectory folder;
    std::string boot;
    std::string records;
    int count = 0;
};

TEST_F(JournalTest, OfAllHasWhatSystemdSaysOfInstancesThatAreKnown) {
    view::LogQuery query;
    EXPECT_THAT(messages(query), ElementsAre("held", "sending"));
    query.known = known;
    EXPECT_THAT(messages(query), ElementsAre("Started it", "held", "sending"));
    query.units = unitsOfName("radio", known);
    EXPECT_THAT(messages(query), ElementsAre("Started it", "held"));
}

} // namespace
} // namespace stinky::ctl
