#pragma once

#include "core/judge.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace stinky::core {

inline constexpr double now = 1000;

inline UnitView unit(std::string name, std::string active, std::string sub = "", std::string job = "") {
    UnitView view;
    view.name = std::move(name);
    view.loadState = "loaded";
    view.activeState = std::move(active);
    view.subState = std::move(sub);
    view.result = "success";
    view.job = std::move(job);
    return view;
}

inline UnitView failed(std::string name, std::string result) {
    UnitView view = unit(std::move(name), "failed", "failed");
    view.result = std::move(result);
    return view;
}

inline UnitView skipped(std::string name) {
    UnitView view = unit(std::move(name), "inactive", "dead");
    view.conditionMet = false;
    view.conditionUsec = 1;
    return view;
}

inline UnitView attached(UnitView view) {
    view.role = Role::attached;
    return view;
}

inline PartView part(std::string name, PartHealth health, std::string reason = "", double age = 1) {
    PartView view;
    view.part = std::move(name);
    view.health = health;
    view.reason = std::move(reason);
    view.writtenAt = now - age;
    return view;
}

inline UnitView target(std::string active, std::string job = "") {
    return unit("stinky.target", std::move(active), "", std::move(job));
}

/// One row of a table: a picture, what was asked for, and what is to be made of it.
struct Case {
    const char* name;
    World world;
    Intent intent;
    State state;
    std::vector<std::string> reasons;
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.name;
}

class JudgeTable : public testing::TestWithParam<Case> {};

inline const UnitView radio = unit("stinky-radio@wlan2.service", "active", "running");
inline const UnitView scan = unit("stinky-scan.service", "active", "running");
inline const UnitView tak = unit("stinky-tak.service", "active", "running");
inline const UnitView gpsPort = attached(unit("stinky-gps@ttyUSB0.service", "active", "exited"));

inline const auto caseName = [](const testing::TestParamInfo<Case>& info) {
    return std::string(info.param.name);
};

} // namespace stinky::core
