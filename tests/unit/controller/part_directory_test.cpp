#include "common/atomic_file.h"
#include "common/part_status.h"
#include "systemd/part_directory.h"
#include "systemd/part_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "turn_until.h"

namespace stinky::systemd {
namespace {

namespace fs = std::filesystem;

std::string report(const std::string& part, PartState state, const std::string& reason, double age = 0) {
    PartReport r;
    r.part = part;
    r.state = state;
    r.reason = reason;
    r.outputAge = 2.5;
    r.counters = {{"frames", 12}};
    return toJson(r, monotonicSeconds() - age).dump();
}

class PartDirectoryTest : public testing::Test {
protected:
    static std::string makeFolder() {
        std::string pattern = (fs::temp_directory_path() / "stinky-parts.XXXXXX").string();
        return mkdtemp(pattern.data());
    }

    void TearDown() override { fs::remove_all(root); }

    bool until(const std::function<bool()>& done) { return test::turnUntil(loop, done); }

    const core::PartView* part(const std::string& name) const {
        const auto found = std::ranges::find(parts, name, &core::PartView::part);
        return found == parts.end() ? nullptr : &*found;
    }

    void write(const std::string& name, const std::string& text) {
        writeFileAtomically(folder + "/" + name, text, 0644);
    }

    std::string root = makeFolder();
    std::string folder = root + "/run/status";
    EventLoop loop;
    std::vector<core::PartView> parts;
    int changes = 0;
    int expiries = 0;
    PartDirectory directory{loop, folder,
                            [this](std::vector<core::PartView> all) {
                                parts = std::move(all);
                                ++changes;
                            },
                            [this] {
                                ++expiries;
                            }};
};

TEST(PartView, OfAnEventDrivenPartDoesNotGoStale) {
    core::PartView view;
    view.writtenAt = 100;
    EXPECT_TRUE(view.staleAt(131));
    view.eventDriven = true;
    EXPECT_FALSE(view.staleAt(100000));
    EXPECT_TRUE(view.staleAt(98)) << "written in the future";
    const std::string text =
        R"({"part":"radio","state":"ok","reason":"","input_age_s":null,"output_age_s":null,"counters":{},)"
        R"("monotonic_s":1,"event_driven":true})";
    EXPECT_TRUE(parsePartFile("radio", text, 2).eventDriven);
}

TEST_F(PartDirectoryTest, ReadsWhatIsThereAndWhatComes) {
    fs::create_directories(folder);
    write("scan.json", report("scan", PartState::ok, "capturing"));
    directory.start();
    ASSERT_NE(part("scan"), nullptr);
    EXPECT_EQ(part("scan")->health, core::PartHealth::ok);
    EXPECT_EQ(part("scan")->reason, "capturing");
    EXPECT_EQ(part("scan")->counters, R"({"frames":12})");
    EXPECT_EQ(part("scan")->outputAge, 2.5);
    write("tak.json", report("tak", PartState::waiting, "waiting for a capture"));
    ASSERT_TRUE(until([&] { return part("tak") != nullptr; }));
    write("scan.json", report("scan", PartState::degraded, "silence"));
    ASSERT_TRUE(until([&] { return part("scan")->health == core::PartHealth::degraded; }));
    fs::remove(folder + "/scan.json");
    ASSERT_TRUE(until([&] { return part("scan") == nullptr; }));
    EXPECT_NE(part("tak"), nullptr);
}

TEST_F(PartDirectoryTest, TheFolderMayComeLaterGoAndComeBack) {
    directory.start();
    EXPECT_TRUE(parts.empty());
    for (int round = 0; round < 3; ++round) {
        fs::create_directory(root + "/run");
        fs::create_directory(folder);
        write("tak.json", report("tak", PartState::ok, "sending"));
        ASSERT_TRUE(until([&] { return part("tak") != nullptr; })) << "round " << round;
        fs::remove_all(root + "/run");
        ASSERT_TRUE(until([&] { return part("tak") == nullptr; })) << "round " << round;
    }
}

TEST_F(PartDirectoryTest, SurvivesHostileFiles) {
    fs::create_directories(folder);
    write("good.json", report("good", PartState::ok, ""));
    write("empty.json", "");
    write("noise.json", std::string("\x00\xff\xfe{", 4));
    write("huge.json", std::string(largestPartFile + 1, ' '));
    write("deep.json", std::string(60000, '['));
    write("other.json", report("good", PartState::ok, ""));
    write("array.json", "[]");
    write("wrong.json", R"({"part":"wrong","state":7,"reason":[],"counters":1,"monotonic_s":"x"})");
    write(".hidden.json", report("hidden", PartState::ok, ""));
    write("sp ace.json", "{}");
    ASSERT_EQ(mkfifo((folder + "/pipe.json").c_str(), 0644), 0);
    fs::create_directory(folder + "/folder.json");
    fs::create_symlink("/dev/zero", folder + "/link.json");
    directory.start();
    for (const char* name :
         {"empty", "noise", "huge", "deep", "other", "array", "wrong", "pipe", "folder", "link"}) {
        ASSERT_NE(part(name), nullptr) << name;
        EXPECT_EQ(part(name)->health, core::PartHealth::fault) << name;
        EXPECT_EQ(part(name)->reason.find("its status file cannot be read: "), 0u) << name;
        EXPECT_LT(part(name)->reason.size(), 1000u) << name;
    }
    EXPECT_EQ(part("good")->health, core::PartHealth::ok);
    EXPECT_EQ(part("hidden"), nullptr);
    EXPECT_EQ(parts.size(), 11u);
}

TEST_F(PartDirectoryTest, TakesABoundedNumberOfFiles) {
    fs::create_directories(folder);
    for (int i = 0; i < 500; ++i) {
        const std::string name = "p" + std::to_string(i);
        write(name + ".json", report(name, PartState::ok, ""));
    }
    directory.start();
    EXPECT_EQ(parts.size(), 64u);
}

TEST_F(PartDirectoryTest, AStormIsReadTenTimesASecond) {
    fs::create_directories(folder);
    directory.start();
    const auto begin = std::chrono::steady_clock::now();
    int written = 0;
    while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(500)) {
        write("scan.json", report("scan", PartState::ok, "n " + std::to_string(++written)));
        while (loop.runOnce(std::chrono::microseconds(0))) {
        }
    }
    ASSERT_TRUE(
        until([&] { return part("scan") && part("scan")->reason == "n " + std::to_string(written); }));
    EXPECT_GT(written, 20);
    EXPECT_LE(changes, 8);
}

TEST_F(PartDirectoryTest, CallsWhenTheOldestReportGoesStale) {
    fs::create_directories(folder);
    write("scan.json", report("scan", PartState::ok, "", 29.8));
    write("tak.json", report("tak", PartState::ok, ""));
    write("dead.json", report("dead", PartState::ok, "", 400));
    directory.start();
    EXPECT_FALSE(part("scan")->staleAt(monotonicSeconds()));
    ASSERT_TRUE(until([&] { return expiries > 0; }));
    EXPECT_TRUE(part("scan")->staleAt(monotonicSeconds()));
    EXPECT_FALSE(part("tak")->staleAt(monotonicSeconds()));
    // The next one is half a minute away.
    EXPECT_FALSE(loop.runOnce(std::chrono::milliseconds(300)));
    EXPECT_EQ(expiries, 1);
}

TEST(PartFileName, TakesOnlyNamesThatPartsUse) {
    EXPECT_EQ(partOfFileName("scan.json"), "scan");
    EXPECT_EQ(partOfFileName("gps@ttyUSB0.json"), "gps@ttyUSB0");
    EXPECT_EQ(partOfFileName(".scan.json.Ab3dEf"), "");
    EXPECT_EQ(partOfFileName(".json"), "");
    EXPECT_EQ(partOfFileName("scan"), "");
    EXPECT_EQ(partOfFileName("a b.json"), "");
    EXPECT_EQ(partOfFileName("a\nb.json"), "");
    EXPECT_EQ(partOfFileName(std::string(65, 'a') + ".json"), "");
}

TEST(PartFile, ReasonsAreMadeSafeForAScreen) {
    const auto view =
        parsePartFile("scan", report("scan", PartState::ok, "a\x1b[31m\nb" + std::string(5000, 'x')), 5);
    EXPECT_EQ(view.health, core::PartHealth::ok);
    EXPECT_EQ(view.reason.find('\x1b'), std::string::npos);
    EXPECT_EQ(view.reason.find('\n'), std::string::npos);
    EXPECT_LE(view.reason.size(), 200u);
}

TEST(PartFile, DatesWhatItCannotReadToTheReading) {
    const auto view = parsePartFile("scan", "{", 77);
    EXPECT_EQ(view.health, core::PartHealth::fault);
    EXPECT_DOUBLE_EQ(view.writtenAt, 77);
}

} // namespace
} // namespace stinky::systemd
