#include "common/error.h"
#include "dbus/authorizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "bus_pair.h"

namespace stinky::dbus {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// The bus daemon's and polkit's answers, on the other end.
class FakePolkit {
public:
    explicit FakePolkit(sd_bus* bus) {
        sd_bus_slot* slot = nullptr;
        checked(sd_bus_add_object_vtable(bus, &slot, "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                         busTable, this),
                "bus");
        slots.emplace_back(slot);
        checked(sd_bus_add_object_vtable(bus, &slot, "/org/freedesktop/PolicyKit1/Authority",
                                         "org.freedesktop.PolicyKit1.Authority", polkitTable, this),
                "polkit");
        slots.emplace_back(slot);
    }

    static int user(sd_bus_message* call, void* userdata, sd_bus_error*) {
        return sd_bus_reply_method_return(call, "u", static_cast<FakePolkit*>(userdata)->uid);
    }

    static int check(sd_bus_message* call, void* userdata, sd_bus_error* error) {
        auto& self = *static_cast<FakePolkit*>(userdata);
        const char* kind = nullptr;
        const char* key = nullptr;
        const char* sender = nullptr;
        const char* action = nullptr;
        std::uint32_t flags = 0;
        checked(sd_bus_message_read(call, "(sa{sv})s", &kind, 1, &key, "s", &sender, &action), "read",
                "subject");
        checked(sd_bus_message_skip(call, "a{ss}"), "read", "details");
        checked(sd_bus_message_read(call, "u", &flags), "read", "flags");
        self.asked =
            std::string(kind) + " " + key + "=" + sender + " " + action + " " + std::to_string(flags);
        if (self.silent) {
            self.unanswered.emplace_back(sd_bus_message_ref(call));
            return 1;
        }
        if (self.broken)
            return sd_bus_error_set(error, "org.freedesktop.PolicyKit1.Error.Failed", "broken");
        return sd_bus_reply_method_return(call, "(bba{ss})", self.authorized, self.challenge, 0);
    }

    std::uint32_t uid = 1000;
    int authorized = 0;
    int challenge = 0;
    bool broken = false;
    bool silent = false;
    std::vector<bus::Message> unanswered;
    std::string asked;
    std::vector<bus::Slot> slots;

    static const sd_bus_vtable busTable[];
    static const sd_bus_vtable polkitTable[];
};

const sd_bus_vtable FakePolkit::busTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("GetConnectionUnixUser", "s", "u", user, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

const sd_bus_vtable FakePolkit::polkitTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", check, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

class AuthorizerTest : public testing::Test {
protected:
    std::string ask(bool interactive = false) {
        std::optional<std::string> answer;
        authorizer.check(":1.7", interactive, [&](const std::string& refusal) { answer = refusal; });
        EXPECT_TRUE(pair.until([&] { return answer.has_value(); }));
        return answer.value_or("no answer");
    }

    test::BusPair pair;
    FakePolkit polkit{pair.server.get()};
    PolkitAuthorizer authorizer{pair.client.get()};
};

TEST_F(AuthorizerTest, RootMayWithoutPolkit) {
    polkit.uid = 0;
    EXPECT_THAT(ask(), IsEmpty());
    EXPECT_THAT(polkit.asked, IsEmpty());
}

TEST_F(AuthorizerTest, PolkitDecidesForOthers) {
    polkit.authorized = 1;
    EXPECT_THAT(ask(), IsEmpty());
    EXPECT_EQ(polkit.asked, "system-bus-name name=:1.7 org.stinky.manage 0");
    polkit.authorized = 0;
    EXPECT_THAT(ask(true), HasSubstr("not allowed"));
    EXPECT_EQ(polkit.asked, "system-bus-name name=:1.7 org.stinky.manage 1");
    polkit.challenge = 1;
    EXPECT_THAT(ask(), HasSubstr("use sudo"));
}

TEST_F(AuthorizerTest, AUserWhoseAgentIsSilentHoldsUpNobodyElse) {
    polkit.silent = true;
    int answered = 0;
    for (int i = 0; i < 16; ++i)
        authorizer.check(":1.7", true, [&](const std::string&) { ++answered; });
    ASSERT_TRUE(pair.until([&] { return polkit.unanswered.size() == 16; }));
    EXPECT_THAT(ask(true), HasSubstr("too many requests of yours"));
    polkit.uid = 0;
    EXPECT_THAT(ask(), IsEmpty());
    polkit.uid = 1001;
    authorizer.check(":1.8", true, [&](const std::string&) { ++answered; });
    ASSERT_TRUE(pair.until([&] { return polkit.unanswered.size() == 17; }));
    for (const bus::Message& call : polkit.unanswered)
        sd_bus_reply_method_return(call.get(), "(bba{ss})", 1, 0, 0);
    ASSERT_TRUE(pair.until([&] { return answered == 17; }));
    polkit.silent = false;
    polkit.uid = 1000;
    polkit.authorized = 1;
    EXPECT_THAT(ask(), IsEmpty()) << "what was answered does not count any more";
}

TEST_F(AuthorizerTest, ABrokenPolkitLetsNobodyIn) {
    polkit.broken = true;
    EXPECT_THAT(ask(), HasSubstr("only root"));
}

} // namespace
} // namespace stinky::dbus
