#include "generator/wiring.h"

#include <gmock/gmock.h>

namespace stinky::generator {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> paths(const std::string& config) {
    std::vector<std::string> found;
    for (const GeneratedFile& file : wiring(Config::parse(config), "/units"))
        found.push_back(file.path);
    return found;
}

std::string contentOf(const std::string& config, const std::string& path) {
    for (const GeneratedFile& file : wiring(Config::parse(config), "/units"))
        if (file.path == path)
            return file.content;
    return "missing";
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Wiring, OfTheDefaultsHasRadioScannerAndTak) {
    EXPECT_THAT(paths(""),
                ElementsAre("stinky.target.wants/stinky-radio@wlan2.service",
                            "stinky.target.wants/stinky-scan.service", "stinky-scan.service.d/50-radio.conf",
                            "stinky.target.wants/stinky-tak.service"));
    EXPECT_EQ(contentOf("", "stinky.target.wants/stinky-radio@wlan2.service"),
              "/units/stinky-radio@.service");
}

TEST(Wiring, TiesTheScannerToItsRadio) {
    const std::string content = contentOf("RADIO=wlx0011", "stinky-scan.service.d/50-radio.conf");
    EXPECT_THAT(content, HasSubstr("Requires=stinky-radio@wlx0011.service\n"));
    EXPECT_THAT(content, HasSubstr("After=stinky-radio@wlx0011.service\n"));
    EXPECT_THAT(content, HasSubstr("Environment=STINKY_INTERFACE=wlx0011\n"));
}

TEST(Wiring, EscapesAnInterfaceForTheUnitNameOnly) {
    const std::string content = contentOf("RADIO=mon-0", "stinky-scan.service.d/50-radio.conf");
    EXPECT_THAT(content, HasSubstr("Requires=stinky-radio@mon\\x2d0.service\n"));
    EXPECT_THAT(content, HasSubstr("STINKY_INTERFACE=mon-0\n"));
}

TEST(Wiring, LeavesOutWhatIsSwitchedOff) {
    EXPECT_THAT(paths("SCANNER=none"), ElementsAre("stinky.target.wants/stinky-tak.service"));
    EXPECT_THAT(paths("SCANNER=none\nTAK_PART=none"), IsEmpty());
}

} // namespace
} // namespace stinky::generator
