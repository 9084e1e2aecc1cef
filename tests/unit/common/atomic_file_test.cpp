#include "common/atomic_file.h"
#include "common/error.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>

#include "temporary_directory.h"

namespace stinky {
namespace {

TEST(AtomicFile, ReplacesTheContentAndSetsTheMode) {
    const test::TemporaryDirectory directory;
    const std::string path = directory / "a.json";
    writeFileAtomically(path, "one", 0600);
    writeFileAtomically(path, "two", 0640, true);
    EXPECT_EQ(readFile(path), "two");
    struct stat st = {};
    ASSERT_EQ(stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777, 0640U);
}

TEST(AtomicFile, LeavesNothingBehindWhenItFails) {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory / "a.json");
    EXPECT_THROW(writeFileAtomically(directory / "a.json", "one", 0600), Error);
    int count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory.path()))
        ++count;
    EXPECT_EQ(count, 1);
}

TEST(AtomicFile, SaysWhatCouldNotBeRead) {
    try {
        readFile("/nowhere/at/all");
        FAIL() << "no exception";
    } catch (const Error& e) {
        EXPECT_STREQ(e.what(), "open /nowhere/at/all: No such file or directory");
        EXPECT_EQ(e.code(), ENOENT);
    }
}

TEST(AtomicFile, RefusesAFileThatIsLongerThanItsLimit) {
    const test::TemporaryDirectory directory;
    writeFileAtomically(directory / "long", std::string(5000, 'x'), 0600);
    EXPECT_EQ(readFile(directory / "long", 5000).size(), 5000U);
    EXPECT_THROW(readFile(directory / "long", 4999), Error);
}

} // namespace
} // namespace stinky
