#include "web/capture_folder.h"

#include <gmock/gmock.h>

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "temporary_directory.h"
#include "turn_until.h"

namespace stinky::web {
namespace {

constexpr const char* head =
    "WigleWifi-1.6,appRelease=x,model=x,release=x,device=x,display=x,board=x,brand=x,star=Sol,body=3,"
    "subBody=0\n"
    "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,"
    "AccuracyMeters,RCOIs,MfgrId,Type\n";

std::string row(const std::string& ssid) {
    return "02:00:00:00:00:01," + ssid +
           ",[WPA2-PSK-CCMP][ESS],2026-06-27 12:45:03,6,2437,-50,48.1,11.5,0,5,,,WIFI\n";
}

/// The most that this process has ever held, in bytes.
long peak() {
    rusage usage = {};
    EXPECT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss * 1024;
}

class CaptureFolderTest : public testing::Test {
protected:
    CaptureFolderTest() { folder.lookAgain(); }

    bool until(const std::function<bool()>& done) { return test::turnUntil(loop, done); }

    test::TemporaryDirectory directory;
    EventLoop loop;
    std::vector<std::string> ssids;
    CaptureFolder folder{loop, directory.path(), [this](const WigleRow& row, double) {
                             ssids.push_back(row.ssid);
                         }};
};

TEST_F(CaptureFolderTest, TellsOfRowsAlsoWhenTheyComeInPieces) {
    std::ofstream file(directory / "a.wiglecsv");
    const std::string text = row("Split");
    file << head << row("Whole") << text.substr(0, 30) << std::flush;
    ASSERT_TRUE(until([&] { return ssids.size() == 1; }));
    file << text.substr(30) << std::flush;
    EXPECT_TRUE(until([&] { return ssids.size() == 2; }));
    EXPECT_THAT(ssids, testing::ElementsAre("Whole", "Split"));
}

TEST_F(CaptureFolderTest, HoldsNothingOfALineThatGoesOnAndOn) {
    constexpr long length = 24L * 1024 * 1024;
    const auto path = directory / "a.wiglecsv";
    std::ofstream(path) << head << row("Before");
    ASSERT_TRUE(until([&] { return ssids.size() == 1; }));
    const long before = peak();
    // A hole of zeros, without an end of a line in it; then the end of it looks like a row.
    std::filesystem::resize_file(path,
                                 std::filesystem::file_size(path) + static_cast<std::uintmax_t>(length));
    std::ofstream(path, std::ios::app) << row("Of it") << row("After");
    EXPECT_TRUE(until([&] { return ssids.size() == 2; }));
    EXPECT_THAT(ssids, testing::ElementsAre("Before", "After"));
    EXPECT_LT(peak() - before, length / 3);
}

} // namespace
} // namespace stinky::web
