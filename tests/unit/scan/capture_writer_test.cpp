#include "common/atomic_file.h"
#include "common/error.h"
#include "scan/capture_writer.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "temporary_directory.h"

namespace stinky::scan {
namespace {

using ::testing::HasSubstr;

constexpr std::time_t noon = 20780 * 86400 + 43200;

WigleRow row() {
    WigleRow r;
    r.bssid.octets = {2, 0, 0, 0, 0, 1};
    r.ssid = "net";
    r.type = "WIFI";
    return r;
}

std::size_t captures(const std::string& directory) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        count += entry.path().extension() == ".wiglecsv" ? 1 : 0;
    return count;
}

TEST(CaptureWriter, MakesNoFileBeforeTheFirstRow) {
    const test::TemporaryDirectory directory;
    CaptureWriter writer(directory.path(), {1 << 20, 0, 0});
    writer.sync();
    EXPECT_EQ(captures(directory.path()), 0U);
    EXPECT_EQ(writer.path(), "");
    EXPECT_TRUE(writer.append(row(), noon, 0));
    EXPECT_EQ(captures(directory.path()), 1U);
}

TEST(CaptureWriter, BeginsANewFileAtItsSizeAndLosesNoRow) {
    const test::TemporaryDirectory directory;
    CaptureWriter writer(directory.path(), {1000, 0, 0});
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(writer.append(row(), noon, i));
    EXPECT_GT(captures(directory.path()), 2U);
    EXPECT_EQ(writer.rows(), 50U);
    std::size_t rows = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        EXPECT_LT(entry.file_size(), 1200U);
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);)
            rows += line + "\n" == wigleLine(row()) ? 1 : 0;
    }
    EXPECT_EQ(rows, 50U);
}

TEST(CaptureWriter, BeginsANewFileEachDay) {
    const test::TemporaryDirectory directory;
    CaptureWriter writer(directory.path(), {1 << 20, 0, 0});
    writer.append(row(), noon, 0);
    const std::string first = writer.path();
    writer.append(row(), noon + 43199, 0);
    EXPECT_EQ(writer.path(), first);
    writer.append(row(), noon + 43200, 0);
    EXPECT_NE(writer.path(), first);
}

TEST(CaptureWriter, WithholdsRowsRatherThanFillTheDisk) {
    const test::TemporaryDirectory directory;
    std::ofstream(directory / "old.wiglecsv") << "x";
    CaptureWriter writer(directory.path(), {1 << 20, 1ULL << 60, 0});
    EXPECT_FALSE(writer.append(row(), noon, 0));
    EXPECT_EQ(writer.withheld(), 1U);
    EXPECT_EQ(writer.pruned(), 1U);
    EXPECT_THAT(writer.problem(), HasSubstr("nothing is captured"));
    EXPECT_EQ(captures(directory.path()), 0U);

    std::ofstream(directory / "old.wiglecsv") << "x";
    EXPECT_FALSE(writer.append(row(), noon, 1));
    EXPECT_EQ(writer.pruned(), 1U) << "not for each row";
    EXPECT_FALSE(writer.append(row(), noon, 11));
    EXPECT_EQ(writer.pruned(), 2U);
}

TEST(CaptureWriter, PrunesByAgeWithEachNewFile) {
    const test::TemporaryDirectory directory;
    std::ofstream(directory / "old.wiglecsv") << "x";
    const timespec times[2] = {{noon - 1000, 0}, {noon - 1000, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, (directory / "old.wiglecsv").c_str(), times, 0), 0);
    CaptureWriter writer(directory.path(), {1 << 20, 0, 900});
    EXPECT_TRUE(writer.append(row(), noon, 0));
    EXPECT_EQ(writer.pruned(), 1U);
    EXPECT_EQ(captures(directory.path()), 1U) << "its own stays";
}

TEST(CaptureWriter, SaysWhereItCouldNotWrite) {
    CaptureWriter writer("/nowhere", {1 << 20, 0, 0});
    EXPECT_THROW(writer.append(row(), noon, 0), Error);
}

} // namespace
} // namespace stinky::scan
