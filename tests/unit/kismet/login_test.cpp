#include "common/error.h"
#include "kismet/login.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>

#include "temporary_directory.h"

namespace stinky::kismet {
namespace {

TEST(KeepLogin, MakesAPasswordOnceAndKeepsIt) {
    const test::TemporaryDirectory folder;
    const test::TemporaryDirectory other;
    const Login made = keepLogin(folder / "login", "");
    EXPECT_EQ(made.user, "stinky");
    EXPECT_GE(made.password.size(), 32U);
    EXPECT_EQ(keepLogin(folder / "login", "").password, made.password);
    EXPECT_NE(keepLogin(other / "login", "").password, made.password);
    struct stat file = {};
    ASSERT_EQ(stat((folder / "login").c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 07777, 0640U) << "not for everybody";
}

TEST(KeepLogin, TakesOneThatAnAdministratorWrote) {
    const test::TemporaryDirectory folder;
    std::ofstream(folder / "login") << "me:with:colon\n";
    EXPECT_EQ(keepLogin(folder / "login", "").password, "with:colon");
}

TEST(KeepLogin, RefusesAFileThatIsNone) {
    const test::TemporaryDirectory folder;
    for (const char* text : {"", "\n", "nocolon\n", ":password\n", "user:\n", "user:password"}) {
        std::ofstream(folder / "login") << text;
        EXPECT_THROW(keepLogin(folder / "login", ""), Error) << text;
    }
}

} // namespace
} // namespace stinky::kismet
