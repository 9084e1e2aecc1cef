#include "common/captures.h"
#include "common/config.h"
#include "common/fd.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "temporary_directory.h"

namespace stinky {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::time_t now = 1'800'000'000;
constexpr std::uint64_t everything = 1ULL << 60; ///< no disk has it free: all that may go, goes

class Captures : public ::testing::Test {
protected:
    void make(const std::string& name, std::time_t age) {
        std::ofstream(folder_ / name) << "row\n";
        const timespec times[2] = {{now - age, 0}, {now - age, 0}};
        ASSERT_EQ(utimensat(AT_FDCWD, (folder_ / name).c_str(), times, 0), 0);
    }

    std::vector<std::string> prune(const CaptureRules& rules) {
        std::vector<std::string> names;
        for (const std::string& path : pruneCaptures(folder_.path(), rules, now).removed)
            names.push_back(std::filesystem::path(path).filename());
        return names;
    }

    test::TemporaryDirectory folder_;
};

TEST_F(Captures, AreLeftAloneWhereThereIsRoom) {
    make("a.wiglecsv", 1000000);
    EXPECT_THAT(prune({1, 1, 0}), IsEmpty());
    EXPECT_TRUE(pruneCaptures(folder_.path(), {1, 1, 0}, now).enough({1, 1, 0}));
}

TEST_F(Captures, GoTheOldestFirst) {
    make("new.wiglecsv", 10);
    make("old.wiglecsv", 30);
    make("middle.wiglecsv", 20);
    EXPECT_THAT(prune({1, everything, 0}), ElementsAre("old.wiglecsv", "middle.wiglecsv", "new.wiglecsv"));
}

TEST_F(Captures, GoWhenTheyAreTooOld) {
    make("new.wiglecsv", 99);
    make("old.wiglecsv", 101);
    make("of-tomorrow.wiglecsv", -86400);
    EXPECT_THAT(prune({1, 0, 100}), ElementsAre("old.wiglecsv"));
}

TEST_F(Captures, StayWhileAnybodyHasThemOpen) {
    make("written.wiglecsv", 30);
    make("read.wiglecsv", 20);
    make("closed.wiglecsv", 10);
    const Fd writer(open((folder_ / "written.wiglecsv").c_str(), O_WRONLY | O_CLOEXEC));
    Fd reader(open((folder_ / "read.wiglecsv").c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_THAT(prune({1, everything, 1}), ElementsAre("closed.wiglecsv"));
    reader.reset();
    EXPECT_THAT(prune({1, everything, 1}), ElementsAre("read.wiglecsv"));
}

TEST_F(Captures, AreNothingButRegularFilesOfTheirName) {
    make("notes.txt", 1000);
    make("b.kismet", 1000);
    std::filesystem::create_directory(folder_ / "d.wiglecsv");
    std::filesystem::create_symlink(folder_ / "notes.txt", folder_ / "l.wiglecsv");
    ASSERT_EQ(mkfifo((folder_ / "p.wiglecsv").c_str(), 0600), 0);
    EXPECT_THAT(prune({1, everything, 1}), IsEmpty());
}

TEST_F(Captures, TellThatThereIsNotEnough) {
    const CaptureRules rules{1, everything, 0};
    const CaptureSpace space = pruneCaptures(folder_.path(), rules, now);
    EXPECT_FALSE(space.enough(rules));
    EXPECT_GT(space.free, 0U);
    EXPECT_ANY_THROW(pruneCaptures(folder_ / "none", rules, now));
}

TEST(CaptureIsOver, AtItsSizeAndAtMidnight) {
    const CaptureRules rules{1000, 0, 0};
    constexpr std::time_t evening = 20780 * 86400 - 10;
    EXPECT_FALSE(captureIsOver(rules, 999, evening, evening + 9));
    EXPECT_TRUE(captureIsOver(rules, 1000, evening, evening));
    EXPECT_TRUE(captureIsOver(rules, 0, evening, evening + 10));
    EXPECT_TRUE(captureIsOver(rules, 0, 100, evening)) << "the clock was set";
}

TEST(CaptureRules, AreThoseOfTheSettings) {
    const CaptureRules rules =
        CaptureRules::of(Config::parse("CAPTURE_ROTATE_SIZE=64K\nCAPTURE_KEEP_FREE=5M\nCAPTURE_MAX_AGE=2"));
    EXPECT_EQ(rules.rotateSize, 65536U);
    EXPECT_EQ(rules.keepFree, 5U << 20);
    EXPECT_EQ(rules.maxAge, 2 * 86400);
}

} // namespace
} // namespace stinky
