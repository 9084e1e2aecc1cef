#include "common/atomic_file.h"
#include "common/error.h"
#include "common/part_status.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "notify_socket.h"
#include "temporary_directory.h"

namespace stinky {
namespace {

PartReport sample() {
    PartReport report;
    report.part = "scan";
    report.state = PartState::degraded;
    report.reason = "no frame for 31 s";
    report.inputAge = 31.5;
    report.counters = {{"frames", 17}};
    return report;
}

TEST(PartReport, IsReadBackAsItWasWritten) {
    EXPECT_EQ(partReportFromJson(toJson(sample(), 12.5)), sample());
    EXPECT_EQ(toJson(sample(), 12.5).at("monotonic_s"), 12.5);
    EXPECT_TRUE(toJson(sample(), 12.5).at("output_age_s").is_null());
}

TEST(PartReport, IsRefusedWhenAFieldIsMissingOrWrong) {
    for (const char* key : {"part", "state", "reason", "input_age_s", "output_age_s", "counters"}) {
        auto json = toJson(sample(), 1);
        json.erase(key);
        EXPECT_THROW(partReportFromJson(json), Error) << key;
    }
    auto json = toJson(sample(), 1);
    json["state"] = "splendid";
    EXPECT_THROW(partReportFromJson(json), Error);
    EXPECT_THROW(partReportFromJson(nlohmann::json::array()), Error);
}

class Reporting : public ::testing::Test {
protected:
    nlohmann::json file() const { return nlohmann::json::parse(readFile(directory_ / "scan.json")); }

    test::TemporaryDirectory directory_;
    EventLoop loop_;
    PartReport report_ = sample();
};

TEST_F(Reporting, WritesAtOnceWhenStateOrReasonDiffer) {
    StatusReporter reporter(loop_, directory_.path(), [this] { return report_; });
    reporter.changed();
    EXPECT_EQ(file().at("state"), "degraded");
    report_.state = PartState::ok;
    reporter.changed();
    EXPECT_EQ(file().at("state"), "ok");
}

TEST_F(Reporting, WritesNothingAgainForAPartThatIsEventDriven) {
    report_.eventDriven = true;
    StatusReporter reporter(loop_, directory_.path(), [this] { return report_; });
    EXPECT_TRUE(loop_.runOnce(std::chrono::seconds(5)));
    EXPECT_EQ(file().at("event_driven"), true);
    EXPECT_EQ(partReportFromJson(file()), report_);
    sd_event* event = loop_.handle();
    // Nothing is armed: with a timeout of 0 the loop has nothing to do, and never will.
    EXPECT_EQ(sd_event_prepare(event), 0);
    EXPECT_EQ(sd_event_wait(event, 10500000), 0) << "longer than a heart-beat";
}

TEST_F(Reporting, WritesCountersLaterAndOnlyOnce) {
    StatusReporter reporter(loop_, directory_.path(), [this] { return report_; });
    reporter.changed();
    report_.counters["frames"] = 18;
    reporter.counted();
    reporter.counted();
    EXPECT_EQ(file().at("counters").at("frames"), 17);
    while (file().at("counters").at("frames") != 18)
        ASSERT_TRUE(loop_.runOnce(std::chrono::seconds(5)));
}

TEST_F(Reporting, IsThereBeforeSystemdHearsThatThePartIsReady) {
    test::NotifySocket systemd(loop_, directory_ / "notify");
    StatusReporter reporter(loop_, directory_.path(), [this] { return report_; });
    reporter.ready();
    reporter.ready();
    systemd.hear();
    // STATUS= is said where the file is written.
    EXPECT_THAT(systemd.said(), testing::ElementsAre("STATUS=degraded: no frame for 31 s", "READY=1"));
    EXPECT_EQ(file().at("state"), "degraded");
}

TEST_F(Reporting, LeavesNoFileBehind) {
    {
        StatusReporter reporter(loop_, directory_.path(), [this] { return report_; });
        reporter.changed();
        ASSERT_TRUE(std::filesystem::exists(directory_ / "scan.json"));
    }
    EXPECT_FALSE(std::filesystem::exists(directory_ / "scan.json"));
}

TEST_F(Reporting, SurvivesADirectoryThatCannotBeWritten) {
    StatusReporter reporter(loop_, directory_ / "missing", [this] { return report_; });
    EXPECT_NO_THROW(reporter.changed());
}

} // namespace
} // namespace stinky
