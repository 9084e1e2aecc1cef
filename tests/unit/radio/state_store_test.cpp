#include "common/atomic_file.h"
#include "common/error.h"
#include "radio/state_store.h"

#include <gmock/gmock.h>
#include <linux/nl80211.h>

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace stinky::radio {
namespace {

using testing::HasSubstr;

class StateStoreTest : public testing::Test {
protected:
    StateStoreTest() {
        std::string name = testing::TempDir() + "radio-XXXXXX";
        root_ = mkdtemp(name.data());
        directory_ = root_ + "/stinky/radio";
    }

    ~StateStoreTest() override { std::filesystem::remove_all(root_); }

    static SavedState card(CardState state) {
        SavedState saved = {
            "0123456789abcdef0123456789abcdef", "wlan2", 5, "phy2", 2, {{2, 0, 0, 0, 2, 0}}, state};
        saved.selector = "mac:02:00:00:00:02:00";
        return saved;
    }

    std::string file() const { return directory_ + "/wlan2.json"; }

    std::string root_;
    std::string directory_;
    CardState managed_ = {NL80211_IFTYPE_STATION, false};
    CardState monitor_ = {NL80211_IFTYPE_MONITOR, true};
};

TEST_F(StateStoreTest, savesTheStateInAFolderThatIsClosedToOthers) {
    const StateStore store(directory_);
    const Claim claim = store.claim(card(managed_));
    EXPECT_EQ(savedStateFromJson(readFile(file()), file()), card(managed_));
    struct stat st = {};
    ASSERT_EQ(stat(directory_.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0700U);
}

TEST_F(StateStoreTest, keepsTheOlderStateThatACrashLeft) {
    const StateStore store(directory_);
    store.claim(card(managed_));
    EXPECT_EQ(store.claim(card(monitor_)).saved().state, managed_);
    EXPECT_EQ(savedStateFromJson(readFile(file()), file()).state, managed_);
}

TEST_F(StateStoreTest, remembersTheSoftBlockThatAPowerCutLeftLifted) {
    const StateStore store(directory_);
    SavedState before = card(managed_);
    before.hold.softBlocked = true;
    store.claim(before);
    SavedState rebooted = card(managed_);
    rebooted.bootId[0] = 'f';
    SavedState another = rebooted;
    another.mac.octets[5] = 7;
    another.bootId[0] = 'e';
    EXPECT_TRUE(store.claim(rebooted).saved().hold.softBlocked);
    EXPECT_FALSE(store.claim(another).saved().hold.softBlocked);
}

TEST_F(StateStoreTest, replacesTheStateOfACardThatWasPluggedAnew) {
    const StateStore store(directory_);
    store.claim(card(managed_));
    SavedState anew = card({NL80211_IFTYPE_AP, true});
    anew.ifindex = 9;
    EXPECT_EQ(store.claim(anew).saved(), anew);
    EXPECT_EQ(savedStateFromJson(readFile(file()), file()), anew);
}

TEST_F(StateStoreTest, letsOnlyOneHoldACard) {
    const StateStore store(directory_);
    const Claim claim = store.claim(card(managed_));
    try {
        store.claim(card(managed_));
        FAIL() << "two hold one card";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), EBUSY);
        EXPECT_THAT(e.what(), HasSubstr("another stinky-radio holds this card"));
    }
    EXPECT_THROW(store.claimExisting("wlan2"), Error) << "a restore took a card that is held";
    SavedState other = card(managed_);
    other.interface = "wlan1";
    EXPECT_NO_THROW(store.claim(other));
}

TEST_F(StateStoreTest, forgetsOnceAndForAll) {
    const StateStore store(directory_);
    store.claim(card(managed_)).forget();
    EXPECT_FALSE(store.claimExisting("wlan2"));
    EXPECT_FALSE(store.peek("wlan2"));
}

TEST_F(StateStoreTest, hasNothingToRestoreWhereNothingWasSaved) {
    EXPECT_FALSE(StateStore(directory_).claimExisting("wlan2"));
    std::filesystem::create_directories(directory_);
    EXPECT_FALSE(StateStore(directory_).claimExisting("wlan2"));
}

TEST_F(StateStoreTest, refusesADamagedFileAndKeepsIt) {
    std::filesystem::create_directories(directory_);
    writeFileAtomically(file(), "{\"version\":1}", 0644);
    const StateStore store(directory_);
    EXPECT_THROW(store.claim(card(managed_)), Error);
    EXPECT_THROW(store.claimExisting("wlan2"), Error);
    EXPECT_EQ(readFile(file()), "{\"version\":1}");
}

TEST_F(StateStoreTest, doesNotFollowALinkOutOfItsFolder) {
    std::filesystem::create_directories(directory_);
    writeFileAtomically(root_ + "/elsewhere", toJson(card(managed_)), 0644);
    std::filesystem::create_symlink(root_ + "/elsewhere", file());
    EXPECT_THROW(StateStore(directory_).claimExisting("wlan2"), Error);
}

TEST_F(StateStoreTest, refusesNamesThatLeaveItsFolder) {
    EXPECT_THROW(StateStore(directory_).claimExisting("../wlan2"), Error);
    EXPECT_THROW(StateStore(directory_).peek(""), Error);
}

TEST_F(StateStoreTest, takesTheFolderThatSystemdNames) {
    ASSERT_EQ(setenv("STATE_DIRECTORY", "/var/lib/stinky/radio-a:/var/lib/other", 1), 0);
    EXPECT_EQ(StateStore::defaultDirectory(), "/var/lib/stinky/radio-a");
    ASSERT_EQ(unsetenv("STATE_DIRECTORY"), 0);
    EXPECT_EQ(StateStore::defaultDirectory(), "/var/lib/stinky/radio");
}

TEST_F(StateStoreTest, remembersTheMonitorInterfaceAndKeepsItsLock) {
    const StateStore store(directory_);
    Claim claim = store.claim(card(managed_));
    claim.remember("wlan2mon");
    EXPECT_EQ(savedStateFromJson(readFile(file()), file()).monitor, "wlan2mon");
    EXPECT_THROW(store.claimExisting("wlan2"), Error) << "the new file is locked as the old one was";
}

TEST_F(StateStoreTest, findsTheCardOfASelectorAfterACrash) {
    const StateStore store(directory_);
    EXPECT_EQ(store.interfaceOf("mac:02:00:00:00:02:00"), std::nullopt) << "no folder yet";
    store.claim(card(managed_));
    EXPECT_EQ(store.interfaceOf("mac:02:00:00:00:02:00"), "wlan2");
    EXPECT_EQ(store.interfaceOf("wlan2"), "wlan2");
    EXPECT_EQ(store.interfaceOf("auto"), std::nullopt);
    EXPECT_EQ(store.interfaceOf("wlan3"), std::nullopt);
    writeFileAtomically(directory_ + "/wlan1.json", "damaged", 0644);
    EXPECT_EQ(store.interfaceOf("mac:02:00:00:00:02:00"), "wlan2");
}

TEST_F(StateStoreTest, listsWhatAnEarlierBootLeft) {
    const StateStore store(directory_);
    store.claim(card(managed_));
    EXPECT_THAT(store.leftovers(card(managed_).bootId), testing::IsEmpty());
    EXPECT_THAT(store.leftovers(std::string(32, 'e')), testing::ElementsAre("wlan2"));
}

} // namespace
} // namespace stinky::radio
