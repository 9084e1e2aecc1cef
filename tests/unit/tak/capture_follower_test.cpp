#include "common/error.h"
#include "tak/capture_follower.h"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <utime.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

#include "temporary_directory.h"

namespace stinky::tak {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Following : public ::testing::Test {
protected:
    std::unique_ptr<CaptureFollower> follow(std::optional<CapturePosition> resumeAt = {},
                                            const std::string& only = {}) {
        return std::make_unique<CaptureFollower>(
            loop_,
            CaptureFollower::Options{directory_.path(), only, std::chrono::minutes(10), std::move(resumeAt)},
            CaptureFollower::Callbacks{[this](const std::string& path, bool resumed) {
                                           files_.push_back((resumed ? "resumed " : "") +
                                                            std::filesystem::path(path).filename().string());
                                       },
                                       [this](std::string_view line) { lines_.emplace_back(line); },
                                       [this] {
                                           ++pauses_;
                                       }});
    }

    void append(const std::string& name, const std::string& text) {
        std::ofstream(directory_ / name, std::ios::app | std::ios::binary) << text;
    }

    void turnUntil(const std::function<bool()>& done) {
        while (!done())
            ASSERT_TRUE(loop_.runOnce(std::chrono::seconds(5))) << "nothing happened";
    }

    test::TemporaryDirectory directory_;
    EventLoop loop_;
    std::vector<std::string> files_;
    std::vector<std::string> lines_;
    int pauses_ = 0;
};

TEST_F(Following, WaitsForACaptureAndThenFollowsIt) {
    const auto follower = follow();
    EXPECT_THAT(files_, ElementsAre(""));
    append("a.wiglecsv", "one\ntwo\n");
    turnUntil([&] { return lines_.size() == 2; });
    EXPECT_THAT(lines_, ElementsAre("one", "two"));
    EXPECT_EQ(follower->path(), directory_ / "a.wiglecsv");
}

TEST_F(Following, HandsOverOnlyWholeLines) {
    append("a.wiglecsv", "one\ntw");
    const auto follower = follow();
    EXPECT_THAT(lines_, ElementsAre("one"));
    append("a.wiglecsv", "o\nthree");
    turnUntil([&] { return lines_.size() == 2; });
    EXPECT_THAT(lines_, ElementsAre("one", "two"));
}

TEST_F(Following, GoesOverToANewerCapture) {
    append("a.wiglecsv", "one\n");
    const auto follower = follow();
    append("a.wiglecsv", "two\n");
    append("b.wiglecsv", "three\n");
    append("a.wiglecsv", "too late\n");
    turnUntil([&] { return lines_.size() == 3; });
    while (loop_.runOnce(std::chrono::milliseconds(20))) {
    }
    EXPECT_THAT(files_, ElementsAre("a.wiglecsv", "b.wiglecsv"));
    // What was in the old file when the new one came was read first.
    EXPECT_EQ(lines_[0], "one");
    EXPECT_EQ(lines_[1], "two");
}

TEST_F(Following, TakesTheNewestOfSeveral) {
    append("z.wiglecsv", "old\n");
    append("a.wiglecsv", "new\n");
    const std::time_t now = std::time(nullptr);
    const utimbuf before = {now - 60, now - 60};
    ASSERT_EQ(utime((directory_ / "z.wiglecsv").c_str(), &before), 0);
    const auto follower = follow();
    EXPECT_THAT(lines_, ElementsAre("new"));
}

TEST_F(Following, OfAnOldCaptureGivesItsHeaderAndWhatComesFromNowOn) {
    append("a.wiglecsv", "release\nheader\nrow of yesterday\n");
    const std::time_t yesterday = std::time(nullptr) - 86400;
    const utimbuf times = {yesterday, yesterday};
    ASSERT_EQ(utime((directory_ / "a.wiglecsv").c_str(), &times), 0);
    const auto follower = follow();
    EXPECT_THAT(lines_, ElementsAre("release", "header"));
    append("a.wiglecsv", "row of today\n");
    turnUntil([&] { return lines_.size() == 3; });
    EXPECT_EQ(lines_.back(), "row of today");
}

TEST_F(Following, ReadsATruncatedFileAgain) {
    append("a.wiglecsv", "one\ntwo\n");
    const auto follower = follow();
    std::filesystem::resize_file(directory_ / "a.wiglecsv", 0);
    ASSERT_TRUE(loop_.runOnce(std::chrono::seconds(5)));
    append("a.wiglecsv", "new\n");
    turnUntil([&] { return lines_.size() == 3; });
    EXPECT_THAT(lines_, ElementsAre("one", "two", "new"));
}

TEST_F(Following, GoesBackToAnotherWhenItsFileIsDeleted) {
    append("a.wiglecsv", "one\n");
    const auto follower = follow();
    std::filesystem::remove(directory_ / "a.wiglecsv");
    turnUntil([&] { return files_.size() == 2; });
    EXPECT_THAT(files_, ElementsAre("a.wiglecsv", ""));
    append("b.wiglecsv", "two\n");
    turnUntil([&] { return lines_.size() == 2; });
    EXPECT_EQ(follower->path(), directory_ / "b.wiglecsv");
}

TEST_F(Following, PassesOverALineWithoutEnd) {
    append("a.wiglecsv", "one\n" + std::string(100000, 'x') + "\ntwo\n");
    const auto follower = follow();
    EXPECT_THAT(lines_, ElementsAre("one", "two"));
    EXPECT_EQ(follower->overlong(), 1U);
}

TEST_F(Following, IgnoresOtherFilesAndWhatIsNoFile) {
    ASSERT_EQ(mkfifo((directory_ / "pipe.wiglecsv").c_str(), 0600), 0);
    append("a.kismet", "x\n");
    append(".hidden.wiglecsv", "x\n");
    const auto follower = follow();
    EXPECT_THAT(lines_, IsEmpty());
    EXPECT_THAT(files_, ElementsAre(""));
}

TEST_F(Following, ReadsAFileAgainThatWasWrittenAnewBehindItsBack) {
    append("a.wiglecsv", "one\ntwo\n");
    const auto follower = follow();
    // Truncated and longer than before when it is looked at: its size does not tell.
    std::ofstream(directory_ / "a.wiglecsv", std::ios::binary) << "three\nfour\nfive\n";
    turnUntil([&] { return lines_.size() == 5; });
    EXPECT_THAT(lines_, ElementsAre("one", "two", "three", "four", "five"));
}

TEST_F(Following, ReadsTheFileThatReplacesItsOwn) {
    append("a.wiglecsv", "one\n");
    const auto follower = follow();
    append("new", "two\n");
    std::filesystem::rename(directory_ / "new", directory_ / "a.wiglecsv");
    turnUntil([&] { return lines_.size() == 2; });
    append("a.wiglecsv", "three\n");
    turnUntil([&] { return lines_.size() == 3; });
    EXPECT_THAT(lines_, ElementsAre("one", "two", "three"));
}

TEST_F(Following, GoesOnWhereItWasLeft) {
    append("a.wiglecsv", "one\ntwo\nthr");
    const CapturePosition left = follow()->position();
    EXPECT_EQ(left.offset, 8) << "at the start of a line";
    lines_.clear();
    files_.clear();
    append("a.wiglecsv", "ee\nfour\n");
    const auto follower = follow(left);
    EXPECT_THAT(files_, ElementsAre("resumed a.wiglecsv"));
    EXPECT_THAT(lines_, ElementsAre("three", "four"));
    EXPECT_EQ(follower->position().offset, 19);
}

TEST_F(Following, FinishesTheFileThatItLeftBeforeANewerOne) {
    append("a.wiglecsv", "one\n");
    const CapturePosition left = follow()->position();
    lines_.clear();
    files_.clear();
    append("a.wiglecsv", "two\n");
    append("b.wiglecsv", "three\n");
    const auto follower = follow(left);
    EXPECT_THAT(files_, ElementsAre("resumed a.wiglecsv", "b.wiglecsv"));
    EXPECT_THAT(lines_, ElementsAre("two", "three"));
}

TEST_F(Following, StartsAnewWhenTheFileThatItLeftIsAnother) {
    append("a.wiglecsv", "one\ntwo\n");
    const auto follower = follow(CapturePosition{directory_ / "a.wiglecsv", 1, 4});
    EXPECT_THAT(files_, ElementsAre("a.wiglecsv"));
    EXPECT_THAT(lines_, ElementsAre("one", "two"));
}

TEST_F(Following, OfOneNameLeavesTheOthers) {
    append("export.csv", "one\n");
    append("b.wiglecsv", "two\n");
    const auto follower = follow({}, "export.csv");
    append("b.wiglecsv", "three\n");
    append("export.csv", "four\n");
    turnUntil([&] { return lines_.size() == 2; });
    EXPECT_THAT(lines_, ElementsAre("one", "four"));
}

TEST_F(Following, TellsWhenAllThatCameWasHandedOver) {
    const auto follower = follow();
    const int before = pauses_;
    append("a.wiglecsv", "one\ntwo\n");
    turnUntil([&] { return lines_.size() == 2; });
    EXPECT_GT(pauses_, before);
}

TEST_F(Following, ReadsARangeWithItsHeadLines) {
    append("a.wiglecsv", "release\nheader\none\ntwo\nthree\n");
    const auto take = [this](std::string_view line) {
        lines_.emplace_back(line);
    };
    readRange(directory_ / "a.wiglecsv", 0, 19, take);
    EXPECT_THAT(lines_, ElementsAre("release", "header", "one"));
    lines_.clear();
    readRange(directory_ / "a.wiglecsv", 19, 1000, take);
    EXPECT_THAT(lines_, ElementsAre("release", "header", "two", "three"));
    EXPECT_THROW(readRange(directory_ / "b.wiglecsv", 0, 10, take), Error);
}

TEST_F(Following, OfAMissingDirectoryIsAnError) {
    EXPECT_THROW(CaptureFollower(loop_, {"/nowhere", "", std::chrono::minutes(10), {}},
                                 {[](const std::string&, bool) {}, [](std::string_view) {},
                                  [] {
                                  }}),
                 Error);
}

} // namespace
} // namespace stinky::tak
