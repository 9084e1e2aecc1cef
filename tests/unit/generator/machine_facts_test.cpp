#include "generator/machine_facts.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "temporary_directory.h"

namespace stinky::generator {
namespace {

namespace fs = std::filesystem;

/// A Raspberry Pi whose first serial port is its UART0.
class ResolvePort : public ::testing::Test {
protected:
    ResolvePort() {
        const std::string node = root_ / "sys/firmware/devicetree/base/soc/serial@7e201000";
        fs::create_directories(node);
        fs::create_directories(root_ / "sys/class/tty/ttyAMA0/device");
        fs::create_directories(root_ / "sys/class/tty/tty1");
        fs::create_directory_symlink(node, root_ / "sys/class/tty/ttyAMA0/device/of_node");
        fs::create_directories(root_ / "proc/device-tree/aliases");
        std::ofstream(root_ / "proc/device-tree/aliases/serial0") << "/soc/serial@7e201000" << '\0';
        fs::create_directories(root_ / "dev");
    }

    GpsPort resolve(const std::string& path) {
        return resolvePort(path, fs::canonical(root_.path()).string());
    }

    test::TemporaryDirectory root_;
};

TEST_F(ResolvePort, FollowsTheDeviceTreeBeforeUdevHasMadeTheLink) {
    EXPECT_EQ(resolve("/dev/serial0").path, "/dev/ttyAMA0");
    EXPECT_FALSE(resolve("/dev/serial0").exists);
    std::ofstream(root_ / "dev/ttyAMA0");
    EXPECT_TRUE(resolve("/dev/serial0").exists);
}

TEST_F(ResolvePort, FollowsALinkThatIsThere) {
    std::ofstream(root_ / "dev/ttyS0");
    fs::create_symlink("ttyS0", root_ / "dev/serial0");
    EXPECT_EQ(resolve("/dev/serial0").path, "/dev/ttyS0");
    EXPECT_TRUE(resolve("/dev/serial0").exists);
}

TEST_F(ResolvePort, LeavesAnUnknownPortAsItIs) {
    EXPECT_EQ(resolve("/dev/serial7").path, "/dev/serial7");
    EXPECT_FALSE(resolve("/dev/serial7").exists);
}

TEST(Kismet, IsWhereSystemdWouldLook) {
    const test::TemporaryDirectory root;
    EXPECT_FALSE(kismetIsInstalled(root.path()));
    fs::create_directories(root / "usr/bin");
    std::ofstream(root / "usr/bin/kismet") << "#!/bin/true\n";
    EXPECT_FALSE(kismetIsInstalled(root.path())) << "nobody may run it";
    fs::permissions(root / "usr/bin/kismet", fs::perms::owner_all);
    EXPECT_TRUE(kismetIsInstalled(root.path()));
}

TEST(HasGroup, ReadsWholeNames) {
    const test::TemporaryDirectory root;
    EXPECT_FALSE(hasGroup("kismet", root.path()));
    fs::create_directories(root / "etc");
    std::ofstream(root / "etc/group") << "root:x:0:\nnot-kismet:x:5:kismet\n";
    EXPECT_FALSE(hasGroup("kismet", root.path()));
    std::ofstream(root / "etc/group", std::ios::app) << "kismet:x:6:\n";
    EXPECT_TRUE(hasGroup("kismet", root.path()));
}

} // namespace
} // namespace stinky::generator
