#include "common/error.h"
#include "dbus/controller_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "bus_pair.h"

namespace stinky::dbus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FakeManager final : public core::ServiceManager {
public:
    void perform(const core::Action& action, Done done) override {
        actions.push_back(action);
        open.push_back(std::move(done));
    }

    std::vector<core::Action> actions;
    std::vector<Done> open;
};

class FakeAuthorizer final : public Authorizer {
public:
    void check(const std::string&, bool asked, Decision decide) override {
        interactive = asked;
        if (hold)
            held.push_back(std::move(decide));
        else
            decide(refusal);
    }

    std::string refusal;
    bool interactive = false;
    bool hold = false;
    std::vector<Decision> held;
};

core::UnitView unit(std::string name, std::string active) {
    core::UnitView view;
    view.name = std::move(name);
    view.loadState = "loaded";
    view.activeState = std::move(active);
    view.subState = "running";
    view.result = "success";
    view.statusText = "ok: all is well";
    view.activeEnterUsec = view.stateChangeUsec = 60'000'000;
    return view;
}

/// The controller's object stands on the pair's server end; the test calls it from the other.
class ControllerObjectTest : public testing::Test {
protected:
    ControllerObjectTest() {
        controller.observe([this](const view::Controller::Change& change) {
            if (object)
                object->publish(change.before, change.after);
        });
        slots.push_back(bus::addMatch(
            pair.client.get(), "type='signal',member='StateChanged'", [this](sd_bus_message* m) {
                const char* former = nullptr;
                const char* state = nullptr;
                const char* reason = nullptr;
                checked(sd_bus_message_read(m, "sss", &former, &state, &reason), "read", "StateChanged");
                signals.push_back(std::string(former) + ">" + state + ": " + reason);
            }));
        slots.push_back(bus::addMatch(pair.client.get(), "type='signal',member='PropertiesChanged'",
                                      [this](sd_bus_message* m) {
                                          sd_bus_message_skip(m, "s");
                                          sd_bus_message_enter_container(m, 'a', "{sv}");
                                          std::string names;
                                          const char* name = nullptr;
                                          while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                                              sd_bus_message_read(m, "s", &name);
                                              names += std::string(names.empty() ? "" : " ") + name;
                                              sd_bus_message_skip(m, "v");
                                              sd_bus_message_exit_container(m);
                                          }
                                          properties.push_back(names);
                                      }));
    }

    void discover(const std::string& active) {
        machine.unitsDiscovered(unit("stinky.target", active), {unit("stinky-scan.service", active)});
        pair.settle();
        // That what is stopped may start as often as one likes is none of what these tests ask for.
        manager.actions.clear();
        manager.open.clear();
    }

    void call(const char* method, bool interactive = false) {
        const auto message = bus::newCall(pair.client.get(), busName, objectPath, interfaceName, method);
        sd_bus_message_set_allow_interactive_authorization(message.get(), interactive ? 1 : 0);
        calls.send(message.get(), std::chrono::seconds(5), [this](sd_bus_message* reply) {
            const bus::Failure failure = bus::failureOf(reply);
            const char* text = "";
            if (failure.name.empty() && sd_bus_message_is_method_error(reply, nullptr) == 0)
                checked(sd_bus_message_read_basic(reply, *sd_bus_message_get_signature(reply, 1), &text),
                        "read", "reply");
            answers.push_back(failure.name.empty() ? text : failure.name + ": " + failure.text);
        });
    }

    std::string property(const char* name) {
        const auto message =
            bus::newCall(pair.client.get(), busName, objectPath, "org.freedesktop.DBus.Properties", "Get");
        sd_bus_message_append(message.get(), "ss", interfaceName, name);
        std::optional<std::string> value;
        calls.send(message.get(), std::chrono::seconds(5), [&](sd_bus_message* reply) {
            const char* text = "";
            checked(sd_bus_message_read(reply, "v", "s", &text), "read", name);
            value = text;
        });
        EXPECT_TRUE(pair.until([&] { return value.has_value(); }));
        return value.value_or("");
    }

    test::BusPair pair;
    FakeManager manager;
    FakeAuthorizer authorizer;
    core::Machine machine{manager, [] {
                              return 100.0;
                          }};
    view::Controller controller{pair.loop, machine, {TEST_DATA, "127.0.0.1:1"}};
    std::unique_ptr<ControllerObject> object =
        std::make_unique<ControllerObject>(pair.server.get(), controller, authorizer);
    bus::Calls calls{pair.client.get()};
    std::vector<bus::Slot> slots;
    std::vector<std::string> answers;
    std::vector<std::string> signals;
    std::vector<std::string> properties;
};

TEST_F(ControllerObjectTest, StartIsAnsweredWithTheJobWhenItIsQueued) {
    discover("inactive");
    call("Start", true);
    ASSERT_TRUE(pair.until([&] { return manager.open.size() == 1; }));
    EXPECT_TRUE(authorizer.interactive);
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(manager.actions[0], (core::Action{core::Action::Kind::start, "stinky.target"}));
    manager.open[0]({"/org/freedesktop/systemd1/job/5", "", ""});
    ASSERT_TRUE(pair.until([&] { return !answers.empty(); }));
    EXPECT_EQ(answers[0], "/org/freedesktop/systemd1/job/5");
    EXPECT_THAT(signals, ElementsAre("inactive>starting: waiting for systemd"));
    EXPECT_EQ(property("State"), "starting");
}

TEST_F(ControllerObjectTest, StopAndRestartReachSystemd) {
    discover("active");
    call("Stop");
    ASSERT_TRUE(pair.until([&] { return manager.open.size() == 1; }));
    call("Restart");
    // The count of its starts is reset before.
    ASSERT_TRUE(pair.until([&] { return manager.open.size() == 3; }));
    EXPECT_FALSE(authorizer.interactive);
    EXPECT_EQ(manager.actions[0].kind, core::Action::Kind::stop);
    EXPECT_EQ(manager.actions[1].kind, core::Action::Kind::resetFailed);
    EXPECT_EQ(manager.actions[2].kind, core::Action::Kind::restart);
}

TEST_F(ControllerObjectTest, SystemdsErrorIsTheCallers) {
    discover("inactive");
    call("Start");
    ASSERT_TRUE(pair.until([&] { return manager.open.size() == 1; }));
    manager.open[0]({"", "org.freedesktop.systemd1.UnitMasked", "Unit is masked."});
    ASSERT_TRUE(pair.until([&] { return !answers.empty(); }));
    EXPECT_EQ(answers[0], "org.freedesktop.systemd1.UnitMasked: Unit is masked.");
}

TEST_F(ControllerObjectTest, WhoMayNotChangesNothing) {
    discover("inactive");
    authorizer.refusal = "polkit says no";
    call("Start");
    ASSERT_TRUE(pair.until([&] { return !answers.empty(); }));
    EXPECT_EQ(answers[0], "org.freedesktop.DBus.Error.AccessDenied: polkit says no");
    EXPECT_TRUE(manager.actions.empty());
    EXPECT_EQ(property("State"), "inactive") << "reading is free";
}

TEST_F(ControllerObjectTest, OpenCallsAreBounded) {
    discover("inactive");
    authorizer.hold = true;
    for (int i = 0; i < 300; ++i)
        call("Start");
    ASSERT_TRUE(pair.until([&] { return answers.size() == 44; }));
    EXPECT_THAT(answers[0], HasSubstr("LimitsExceeded"));
    EXPECT_EQ(authorizer.held.size(), 256u);
    for (auto& decide : authorizer.held)
        decide("no");
    authorizer.held.clear();
    ASSERT_TRUE(pair.until([&] { return answers.size() == 300; }));
    authorizer.hold = false;
    call("Start");
    ASSERT_TRUE(pair.until([&] { return !manager.open.empty(); }));
}

TEST_F(ControllerObjectTest, AnAnswerThatComesAfterTheEndIsDropped) {
    discover("inactive");
    authorizer.hold = true;
    call("Start");
    ASSERT_TRUE(pair.until([&] { return !authorizer.held.empty(); }));
    object.reset();
    authorizer.held[0]("");
    EXPECT_TRUE(manager.actions.empty());
}

TEST_F(ControllerObjectTest, AnnouncesWhatChangedAndNothingElse) {
    discover("active");
    machine.setParts({{"scan", core::PartHealth::ok, "", 98, {}, {}, "{}"}});
    pair.settle();
    properties.clear();
    signals.clear();
    machine.setParts({{"scan", core::PartHealth::ok, "", 99, {}, {}, "{}"}});
    pair.settle();
    EXPECT_TRUE(properties.empty()) << "a heart-beat is no news";
    machine.setParts({{"scan", core::PartHealth::waiting, "no position", 99, {}, {}, "{}"}});
    pair.settle();
    EXPECT_THAT(properties, ElementsAre("Scanner State Reason Parts"));
    EXPECT_THAT(signals, ElementsAre("running>degraded: no position"));
    properties.clear();
    core::UnitView scan = unit("stinky-scan.service", "active");
    scan.statusText = "ok: 2";
    machine.unitsChanged(unit("stinky.target", "active"), {scan});
    pair.settle();
    EXPECT_THAT(properties, ElementsAre("Units"));
}

TEST_F(ControllerObjectTest, DescribeTellsEverything) {
    discover("active");
    machine.setParts({{"scan", core::PartHealth::waiting, "no position", 98, 1.5, {}, R"({"frames":3})"},
                      {"alien", core::PartHealth::ok, "", 20, {}, {}, "{}"}});
    call("Describe");
    ASSERT_TRUE(pair.until([&] { return !answers.empty(); }));
    const auto json = nlohmann::json::parse(answers[0]);
    EXPECT_EQ(json["state"], "degraded");
    EXPECT_EQ(json["reason"], "no position");
    EXPECT_EQ(json["reasons"], nlohmann::json::array({"no position"}));
    EXPECT_EQ(json["target"]["active_state"], "active");
    ASSERT_EQ(json["units"].size(), 1u);
    const auto& scan = json["units"][0];
    EXPECT_EQ(scan["name"], "stinky-scan.service");
    EXPECT_EQ(scan["part"], "scan");
    EXPECT_EQ(scan["active_age_s"], 40.0);
    EXPECT_EQ(scan["main_pid"], nullptr);
    EXPECT_EQ(json["parts"][0]["input_age_s"], 3.5) << "the age at the time of writing and the time since";
    EXPECT_EQ(json["parts"][0]["counters"]["frames"], 3);
    EXPECT_EQ(json["parts"][0]["stale"], false);
    EXPECT_EQ(json["parts"][1]["stale"], true);
}

/// "Start() -> o job", "State s", "StateChanged(s old_state, ...)": each member of our interface in one
/// line.
std::set<std::string> membersOf(const std::string& xml) {
    std::set<std::string> members;
    const std::regex element(R"x(<(method|signal|property|arg|interface|/interface)( [^>]*)?>)x");
    const std::regex attribute(R"x((\w+)="([^"]*)")x");
    std::string head;
    std::string in;
    std::string out;
    bool ours = false;
    const auto finish = [&] {
        if (!head.empty())
            members.insert(head + "(" + in + ")" + (out.empty() ? "" : " -> " + out));
        head = in = out = "";
    };
    for (std::sregex_iterator at(xml.begin(), xml.end(), element), end; at != end; ++at) {
        const std::string kind = (*at)[1];
        const std::string rest = (*at)[2];
        std::map<std::string, std::string> attributes;
        for (std::sregex_iterator a(rest.begin(), rest.end(), attribute); a != end; ++a)
            attributes[(*a)[1]] = (*a)[2];
        if (kind == "interface")
            ours = attributes["name"] == interfaceName;
        if (!ours)
            continue;
        if (kind == "arg") {
            std::string& list = attributes["direction"] == "out" ? out : in;
            list += (list.empty() ? "" : ", ") + attributes["type"] + " " + attributes["name"];
            continue;
        }
        finish();
        if (kind == "property")
            members.insert(attributes["name"] + " " + attributes["type"]);
        else if (kind == "method" || kind == "signal")
            head = attributes["name"];
    }
    return members;
}

/// What docs/dbus-api.md lists: lines that begin with "| `".
std::set<std::string> documentedMembers() {
    std::ifstream file(std::string(STINKY_SOURCE) + "/docs/dbus-api.md");
    std::set<std::string> members;
    for (std::string line; std::getline(file, line);)
        if (const auto end = line.find("` |", 3); line.starts_with("| `") && end != std::string::npos)
            members.insert(line.substr(3, end - 3));
    return members;
}

TEST_F(ControllerObjectTest, TheDocumentationListsWhatIntrospectionShowsAndNothingElse) {
    const auto message = bus::newCall(pair.client.get(), busName, objectPath,
                                      "org.freedesktop.DBus.Introspectable", "Introspect");
    std::string xml;
    calls.send(message.get(), std::chrono::seconds(5), [&](sd_bus_message* reply) {
        const char* text = "";
        checked(sd_bus_message_read(reply, "s", &text), "read", "introspection");
        xml = text;
    });
    ASSERT_TRUE(pair.until([&] { return !xml.empty(); }));
    const std::set<std::string> members = membersOf(xml);
    EXPECT_THAT(members, testing::Contains("RestartUnits(as units) -> ao jobs"));
    EXPECT_EQ(members, documentedMembers());
}

TEST_F(ControllerObjectTest, RestartsSingleParts) {
    discover("active");
    const auto message = bus::newCall(pair.client.get(), busName, objectPath, interfaceName, "RestartUnits");
    sd_bus_message_append(message.get(), "as", 1, "scan");
    std::vector<std::string> jobs;
    calls.send(message.get(), std::chrono::seconds(5), [&](sd_bus_message* reply) {
        const char* job = nullptr;
        sd_bus_message_enter_container(reply, 'a', "o");
        while (sd_bus_message_read(reply, "o", &job) > 0)
            jobs.emplace_back(job);
    });
    ASSERT_TRUE(pair.until([&] { return manager.open.size() == 2; }));
    EXPECT_EQ(manager.actions[0], (core::Action{core::Action::Kind::resetFailed, "stinky-scan.service"}));
    EXPECT_EQ(manager.actions[1], (core::Action{core::Action::Kind::restart, "stinky-scan.service"}));
    EXPECT_EQ(controller.describe()["units"][0]["job"], "restart") << "also before systemd tells of it";
    manager.open[1]({"/org/freedesktop/systemd1/job/7", "", ""});
    ASSERT_TRUE(pair.until([&] { return !jobs.empty(); }));
    EXPECT_THAT(jobs, ElementsAre("/org/freedesktop/systemd1/job/7"));
}

TEST_F(ControllerObjectTest, TooManyNamesAreAnErrorAndNoneIsDropped) {
    discover("active");
    const auto message = bus::newCall(pair.client.get(), busName, objectPath, interfaceName, "RestartUnits");
    sd_bus_message_open_container(message.get(), 'a', "s");
    for (int i = 0; i < 33; ++i)
        sd_bus_message_append(message.get(), "s", "scan");
    sd_bus_message_close_container(message.get());
    std::string error;
    calls.send(message.get(), std::chrono::seconds(5),
               [&](sd_bus_message* reply) { error = bus::failureOf(reply).name; });
    ASSERT_TRUE(pair.until([&] { return !error.empty(); }));
    EXPECT_EQ(error, "org.freedesktop.DBus.Error.LimitsExceeded");
    EXPECT_TRUE(manager.actions.empty());
}

TEST_F(ControllerObjectTest, ACounterIsNotThePartsOwnWord) {
    discover("active");
    machine.setParts({{"scan",
                       core::PartHealth::fault,
                       "the card is gone",
                       98,
                       {},
                       {},
                       R"({"state":"ok","reason":"all is well","frames":3})"}});
    const view::Json scanner = controller.scanner();
    EXPECT_EQ(scanner["state"], "fault");
    EXPECT_EQ(scanner["reason"], "the card is gone");
    EXPECT_EQ(scanner["frames"], 3);
}

TEST_F(ControllerObjectTest, RestartOfAForeignUnitIsRefusedByName) {
    discover("active");
    const auto message = bus::newCall(pair.client.get(), busName, objectPath, interfaceName, "RestartUnit");
    sd_bus_message_append(message.get(), "s", "ssh.service");
    std::string error;
    calls.send(message.get(), std::chrono::seconds(5),
               [&](sd_bus_message* reply) { error = bus::failureOf(reply).name; });
    ASSERT_TRUE(pair.until([&] { return !error.empty(); }));
    EXPECT_EQ(error, "org.stinky.Error.NoSuchUnit");
    EXPECT_TRUE(manager.actions.empty());
}

TEST_F(ControllerObjectTest, ProgressIsToldForEachPart) {
    std::vector<std::string> steps;
    slots.push_back(
        bus::addMatch(pair.client.get(), "type='signal',member='Progress'", [&](sd_bus_message* m) {
            const char* name = nullptr;
            const char* step = nullptr;
            const char* text = nullptr;
            double seconds = -1;
            checked(sd_bus_message_read(m, "sssd", &name, &step, &text, &seconds), "read", "Progress");
            steps.push_back(std::string(name) + " " + step + " " + text);
            EXPECT_GE(seconds, 0);
        }));
    discover("inactive");
    machine.setParts({{"scan", core::PartHealth::ok, "capturing on wlan2", 100, {}, {}, "{}"}});
    core::UnitView scan = unit("stinky-scan.service", "activating");
    machine.unitsChanged(unit("stinky.target", "inactive"), {scan});
    scan.activeState = "active";
    machine.unitsChanged(unit("stinky.target", "active"), {scan});
    scan.activeState = "failed";
    scan.result = "oom-kill";
    machine.unitsChanged(unit("stinky.target", "active"), {scan});
    pair.settle();
    EXPECT_THAT(steps, ElementsAre("stinky-scan.service starting capturing on wlan2",
                                   "stinky-scan.service ready capturing on wlan2",
                                   "stinky-scan.service failed it ran out of memory"));
}

TEST_F(ControllerObjectTest, SectionsAreDictionaries) {
    discover("active");
    machine.setParts(
        {{"tak",
          core::PartHealth::ok,
          "sending",
          99,
          {},
          {},
          R"({"events":7,"lag":0.5,"file":null,"tls":true,"outputs":[{"url":"udp://a:1"}],"names":["a"]})"}});
    const auto message =
        bus::newCall(pair.client.get(), busName, objectPath, "org.freedesktop.DBus.Properties", "Get");
    sd_bus_message_append(message.get(), "ss", interfaceName, "Tak");
    std::map<std::string, std::string> types;
    calls.send(message.get(), std::chrono::seconds(5), [&](sd_bus_message* reply) {
        checked(sd_bus_message_enter_container(reply, 'v', "a{sv}"), "read", "Tak");
        sd_bus_message_enter_container(reply, 'a', "{sv}");
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
            const char* key = nullptr;
            const char* type = nullptr;
            sd_bus_message_read(reply, "s", &key);
            sd_bus_message_peek_type(reply, nullptr, &type);
            types[key] = type;
            sd_bus_message_skip(reply, "v");
            sd_bus_message_exit_container(reply);
        }
    });
    ASSERT_TRUE(pair.until([&] { return !types.empty(); }));
    const std::map<std::string, std::string> expected = {{"part", "s"},     {"state", "s"}, {"reason", "s"},
                                                         {"events", "x"},   {"lag", "d"},   {"tls", "b"},
                                                         {"outputs", "av"}, {"names", "as"}};
    EXPECT_EQ(types, expected);
}

} // namespace
} // namespace stinky::dbus
