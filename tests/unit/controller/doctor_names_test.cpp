#include "ctl/doctor/check_groups.h"
#include "ctl/doctor/process_facts.h"
#include "ctl/doctor/sysfs.h"
#include "ctl/report.h"
#include "ctl/tak_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "controller/doctor_table.h"
#include "unit/temporary_directory.h"

namespace stinky::ctl {
namespace {

using testing::ElementsAre;

// Clears the screen, titles the window; the second is the one byte with which C1 begins the same.
constexpr const char* steering = "\033[2J\033]0;x\a";

/// What a device calls itself is a file of sysfs.
void write(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
}

TEST(DoctorNames, OfADeviceCannotSteerTheTerminal) {
    const test::TemporaryDirectory folder;
    write(folder / "1-1/idVendor", "0403");
    write(folder / "1-1/idProduct", "6001");
    write(folder / "1-1/product", std::string(steering) + "GPS");
    write(folder / "1-1:1.0/bInterfaceClass", "ff");
    EXPECT_EQ(attribute(folder / "1-1/product"), "[2J]0;xGPS");
    EXPECT_EQ(usbText(folder.path()), "0403 6001 [2J]0;xGPS \n");
    write(folder / "1-1/product", "\x9b"
                                  "2J");
    EXPECT_EQ(attribute(folder / "1-1/product"), "0x9b324a") << "what is no text is told in digits";
}

TEST(DoctorNames, OfAProgramCannotSteerTheTerminal) {
    const test::TemporaryDirectory folder;
    const std::string path = std::filesystem::canonical(folder.path()) / "port";
    const std::ofstream held(path);
    std::array<char, 16> before = {};
    ASSERT_EQ(prctl(PR_GET_NAME, before.data()), 0);
    ASSERT_EQ(prctl(PR_SET_NAME, "\033[2Jminicom"), 0);
    const std::vector<std::string> holders = holdersOf(path);
    prctl(PR_SET_NAME, before.data());
    EXPECT_THAT(holders, ElementsAre("[2Jminicom"));
}

TEST(DoctorNames, OfNothingGetIntoACheckAsTheyAre) {
    for (const Check& check :
         {ok("a", steering), skipped("a", steering), warning("a", steering, steering, steering),
          fault("a", steering, steering, steering)})
        for (const std::string& text : {check.what, check.why, check.fix})
            EXPECT_TRUE(std::ranges::none_of(text, [](unsigned char c) { return c < ' '; })) << text;
    Facts facts = healthy();
    facts.status->state = "degraded";
    facts.status->reason = steering;
    facts.secrets = {{std::string("/var/lib/stinky/") + steering + "token", 0644}};
    for (const Check& check : examine(facts))
        EXPECT_EQ(check.what.find('\033'), std::string::npos) << check.name;
}

TEST(TakTest, WhatAnOutputSaysCannotSteerTheTerminal) {
    EXPECT_EQ(renderTakTest(R"({"outputs":[{"url":"udp://a:1","sent":true},)"
                            R"({"url":"tls://b:1","sent":false,"problem":"CN=\u001b[2Jx is not b"}]})"),
              "udp://a:1: sent\ntls://b:1: not sent: CN=[2Jx is not b\n");
}

} // namespace
} // namespace stinky::ctl
