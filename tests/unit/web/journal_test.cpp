#include "common/part_status.h"
#include "web/journal.h"

#include <gmock/gmock.h>
#include <systemd/sd-journal.h>

#include <dlfcn.h>

#include <cerrno>
#include <fstream>

#include "temporary_directory.h"

namespace {

bool broken = false;

} // namespace

/// In the place of libsystemd's: a journal that breaks while it is read.
extern "C" int sd_journal_process(sd_journal* journal) {
    if (broken)
        return -EIO;
    static const auto real =
        reinterpret_cast<int (*)(sd_journal*)>(dlsym(RTLD_NEXT, "sd_journal_process")); // NOLINT
    return real(journal);
}

namespace stinky::web {
namespace {

using ::testing::HasSubstr;

class LogFollowerTest : public ::testing::Test {
protected:
    ~LogFollowerTest() override { broken = false; }

    EventLoop loop;
    test::TemporaryDirectory folder;
    std::unique_ptr<LogFollower> follower;
};

TEST_F(LogFollowerTest, AJournalThatBreaksEndsItAndNotTheLoop) {
    std::string ended;
    follower = std::make_unique<LogFollower>(
        loop, folder.path(), [](const view::LogRecord&) {},
        [&](const std::string& why) {
            ended = why;
            follower.reset();
        });
    broken = true;
    std::ofstream(folder / "new.journal") << "x"; // it looks what is new
    const double end = monotonicSeconds() + 30;
    while (ended.empty() && monotonicSeconds() < end)
        ASSERT_NO_THROW(loop.runOnce(std::chrono::milliseconds(100)));
    EXPECT_THAT(ended, HasSubstr("journal"));
    EXPECT_EQ(follower, nullptr);
}

TEST(PartOf, IsThatOfTheUnitWhoeverWrote) {
    const auto part = [](const char* unit, const char* identifier) {
        view::LogRecord record;
        record.unit = unit;
        record.identifier = identifier;
        return partOf(record);
    };
    EXPECT_EQ(part("stinky-scan.service", "stinky-scan"), "scan");
    EXPECT_EQ(part("stinky-scan.service", "systemd"), "scan");
    EXPECT_EQ(part("stinky-kismet.service", "stinky-health"), "kismet");
    EXPECT_EQ(part("stinky-radio@wlan2.service", "systemd"), "radio@wlan2");
    EXPECT_EQ(part("stinky.target", "systemd"), "stinky.target");
    EXPECT_EQ(part("ssh.service", "stinky-tak"), "tak");
    EXPECT_EQ(part("ssh.service", "systemd"), "");
    EXPECT_EQ(part("", "stinky"), "");
}

TEST(IsOfPart, TakesTheInstancesOfAKind) {
    EXPECT_TRUE(isOfPart("radio", "radio"));
    EXPECT_TRUE(isOfPart("radio@wlan2", "radio"));
    EXPECT_TRUE(isOfPart("radio@wlan2", "radio@wlan2"));
    EXPECT_FALSE(isOfPart("radio", "radio@wlan2"));
    EXPECT_FALSE(isOfPart("wigletotak-feed", "wigletotak"));
}

} // namespace
} // namespace stinky::web
