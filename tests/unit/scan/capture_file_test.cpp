#include "common/atomic_file.h"
#include "common/error.h"
#include "scan/capture_file.h"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "temporary_directory.h"

namespace stinky::scan {
namespace {

constexpr std::time_t moment = 1782564303; // 2026-06-27 12:45:03 UTC

WigleRow row() {
    WigleRow r;
    r.bssid.octets = {2, 0, 0, 0, 0, 1};
    r.ssid = "net";
    r.type = "WIFI";
    return r;
}

TEST(CaptureFile, IsNamedByItsTimeAndNeverReplacesAnother) {
    const stinky::test::TemporaryDirectory directory;
    const CaptureFile first(directory.path(), moment);
    const CaptureFile second(directory.path(), moment);
    EXPECT_EQ(first.path(), directory / "stinky-20260627-12-45-03-1.wiglecsv");
    EXPECT_EQ(second.path(), directory / "stinky-20260627-12-45-03-2.wiglecsv");
}

TEST(CaptureFile, IsNotForEverybodysEyes) {
    const stinky::test::TemporaryDirectory directory;
    const CaptureFile file(directory.path(), moment);
    struct stat st = {};
    ASSERT_EQ(stat(file.path().c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0007, 0U);
}

TEST(CaptureFile, HasEachRowOnDiskAtOnce) {
    const stinky::test::TemporaryDirectory directory;
    CaptureFile file(directory.path(), moment);
    const std::string head = readFile(file.path());
    file.append(row());
    EXPECT_EQ(readFile(file.path()), head + wigleLine(row()));
    EXPECT_EQ(file.rows(), 1U);
}

TEST(CaptureFile, TakesBackARowThatDidNotFit) {
    const stinky::test::TemporaryDirectory directory;
    CaptureFile file(directory.path(), moment);
    const std::string head = readFile(file.path());
    rlimit before = {};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    const rlimit tight = {head.size() + 10, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
    EXPECT_THROW(file.append(row()), Error);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(readFile(file.path()), head);
    file.append(row());
    EXPECT_EQ(readFile(file.path()), head + wigleLine(row()));
}

TEST(CaptureFile, SaysWhereItCouldNotBeMade) {
    try {
        const CaptureFile file("/nowhere", moment);
        FAIL() << "no exception";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), ENOENT);
        EXPECT_NE(std::string(e.what()).find("/nowhere/stinky-"), std::string::npos);
    }
}

} // namespace
} // namespace stinky::scan
