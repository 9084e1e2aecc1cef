#include "common/error.h"
#include "radio/saved_state.h"

#include <gmock/gmock.h>
#include <linux/nl80211.h>
#include <nlohmann/json.hpp>

#include <random>

namespace stinky::radio {
namespace {

using testing::HasSubstr;

SavedState sample() {
    SavedState saved = {"0123456789abcdef0123456789abcdef",
                        "wlan2",
                        5,
                        "phy2",
                        2,
                        {{2, 0, 0, 0, 2, 0}},
                        {NL80211_IFTYPE_STATION, true},
                        {true, SupplicantHold{"nl80211", "/etc/wpa_supplicant/wlan2.conf", ""}, true}};
    saved.selector = "mac:02:00:00:00:02:00";
    saved.monitor = "wlan2mon";
    saved.others = {"wlan2ap", "p2p0"};
    return saved;
}

std::string refusalOf(const std::string& content) {
    try {
        savedStateFromJson(content, "/state/wlan2.json");
    } catch (const Error& e) {
        return e.what();
    }
    return "accepted";
}

TEST(SavedState, comesBackFromItsFileAsItWas) {
    for (std::uint32_t type = NL80211_IFTYPE_ADHOC; type < NL80211_IFTYPE_P2P_DEVICE; ++type) {
        SavedState saved = sample();
        saved.state = {type, type % 2 == 0};
        EXPECT_EQ(savedStateFromJson(toJson(saved), "file"), saved);
    }
}

TEST(SavedState, canBeReadByAPerson) {
    EXPECT_THAT(toJson(sample()), HasSubstr(R"("type":"managed")"));
    EXPECT_THAT(toJson(sample()), HasSubstr(R"("mac":"02:00:00:00:02:00")"));
}

TEST(SavedState, survivesANameThatIsNotUtf8) {
    SavedState saved = sample();
    saved.interface = "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6\xf5\xf4\xf3\xf2\xf1";
    EXPECT_EQ(savedStateFromJson(toJson(saved), "file").state, saved.state);
}

struct HostileCase {
    const char* key;
    const char* value; ///< JSON; nullptr takes the field out
    const char* complaint;
};

class HostileField : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileField, isRefusedWithTheFilesAndTheFieldsName) {
    nlohmann::json json = nlohmann::json::parse(toJson(sample()));
    if (GetParam().value == nullptr)
        json.erase(GetParam().key);
    else
        json[GetParam().key] = nlohmann::json::parse(GetParam().value);
    const std::string refusal = refusalOf(json.dump());
    EXPECT_THAT(refusal, HasSubstr("read saved state /state/wlan2.json: "));
    EXPECT_THAT(refusal, HasSubstr(GetParam().complaint));
    EXPECT_THAT(refusal, HasSubstr("delete the file"));
}

INSTANTIATE_TEST_SUITE_P(
    table, HostileField,
    testing::Values(HostileCase{"version", nullptr, "\"version\" is missing"},
                    HostileCase{"version", "2", "version 2 is not known"},
                    HostileCase{"version", "-1", "\"version\" is not a whole number"},
                    HostileCase{"boot_id", "\"../../etc\"", "\"boot_id\" is not 32"},
                    HostileCase{"boot_id", "7", "\"boot_id\" is not a text"},
                    HostileCase{"interface", "\"\"", "\"interface\" is not a text"},
                    HostileCase{"interface", "[\"wlan2\"]", "\"interface\" is not a text"},
                    HostileCase{"ifindex", "0", "\"ifindex\" is 0"},
                    HostileCase{"ifindex", "5.5", "\"ifindex\" is not a whole number"},
                    HostileCase{"ifindex", "99999999999999999999", "\"ifindex\" is not a whole number"},
                    HostileCase{"ifindex", "4294967296", "\"ifindex\" is not a whole number"},
                    HostileCase{"phy", nullptr, "\"phy\" is missing"},
                    HostileCase{"wiphy", "\"2\"", "\"wiphy\" is not a whole number"},
                    HostileCase{"mac", "\"02:00:00:00:02\"", "\"mac\" is not an address"},
                    HostileCase{"mac", "\"02:00:00:00:02:00:00\"", "\"mac\" is not a text of 1 to 17"},
                    HostileCase{"type", "\"P2P-device\"", "\"type\" is not a type"},
                    HostileCase{"type", "\"type 99\"", "\"type\" is not a type"},
                    HostileCase{"type", "2", "\"type\" is not a text"},
                    HostileCase{"up", "1", "\"up\" is neither"},
                    HostileCase{"up", "null", "\"up\" is neither"},
                    HostileCase{"network_manager", nullptr, "\"network_manager\" is missing"},
                    HostileCase{"soft_blocked", "0", "\"soft_blocked\" is neither"},
                    HostileCase{"wpa_supplicant", "[]", "neither null nor an object"},
                    HostileCase{"wpa_supplicant", "{}", "\"driver\" is missing"},
                    HostileCase{"wpa_supplicant", R"({"driver":"nl80211","config_file":7,"bridge":""})",
                                "\"config_file\" is not a text"},
                    HostileCase{"selector", "\"\"", "\"selector\" is not a text"},
                    HostileCase{"monitor_interface", "\"../wlan2\"", "cannot be the name of an interface"},
                    HostileCase{"monitor_interface", "\"sixteen-letters-\"", "is not a text of 0 to 15"},
                    HostileCase{"others", "{}", "not a short list of names"},
                    HostileCase{"others", "[\"a\",7]", "not a short list of names"}));

TEST(SavedState, isReadBackForACardThatNobodyHeld) {
    SavedState saved = sample();
    saved.hold = {};
    EXPECT_EQ(savedStateFromJson(toJson(saved), "file"), saved);
}

TEST(SavedState, refusesWhatIsNotAnObject) {
    for (const char* content : {"", "null", "[]", "7", "\"x\"", "{", "{\"version\":1", "\xff\xfe", "{} {}"})
        EXPECT_THAT(refusalOf(content), HasSubstr("read saved state")) << content;
    EXPECT_THAT(refusalOf(std::string(4000, '[')), HasSubstr("not a JSON object"));
}

TEST(SavedState, eitherReadsOrRefusesADamagedFileAndNeverCrashes) {
    const std::string good = toJson(sample());
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        std::string damaged = good;
        for (int hits = 0; hits < 3; ++hits)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        damaged.resize(random() % 4 == 0 ? random() % damaged.size() : damaged.size());
        refusalOf(damaged);
    }
}

TEST(SameCard, isTheSameOnlyWithinABootAndWithoutBeingPluggedAnew) {
    const SavedState saved = sample();
    SavedState other = saved;
    other.interface = "renamed";
    other.mac = {};
    other.state = {NL80211_IFTYPE_MONITOR, true};
    EXPECT_TRUE(sameCard(saved, other)) << "a new name, address or mode does not make it another card";
    other = saved;
    other.ifindex = 6;
    EXPECT_FALSE(sameCard(saved, other));
    other = saved;
    other.wiphy = 3;
    EXPECT_FALSE(sameCard(saved, other));
    other = saved;
    other.bootId[0] = 'f';
    EXPECT_FALSE(sameCard(saved, other));
}

TEST(InterfaceName, isWhatTheKernelTakes) {
    for (const char* good : {"wlan2", "wlan-2", "w", "wlx00c0caaabbcc", "-x", "wl.2", "..."})
        EXPECT_TRUE(isInterfaceName(good)) << good;
    for (const char* bad : {"", ".", "..", "../x", "a/b", "a b", "wlan2:1", "a\nb", "sixteen-letters-"})
        EXPECT_FALSE(isInterfaceName(bad)) << bad;
    EXPECT_FALSE(isInterfaceName(std::string("a\0b", 3)));
}

} // namespace
} // namespace stinky::radio
