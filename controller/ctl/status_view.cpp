#include "ctl/status_view.h"

#include "common/error.h"
#include "common/text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "view/json_field.h"

namespace stinky::ctl {
namespace {

using nlohmann::json;

// The way of the data: who looks for a fault reads from the top.
constexpr std::array<std::string_view, 8> flow = {"gps",    "cgps", "radio", "health",
                                                  "kismet", "scan", "tak",   "wigletotak"};

constexpr std::size_t longestWord = 1000;

const json& array(const json& object, const char* key) {
    static const json empty = json::array();
    const auto field = object.find(key);
    return field != object.end() && field->is_array() ? *field : empty;
}

/// Fit for a screen: with -H another machine's controller has told it.
std::string said(const json& object, const char* key) {
    return displayText(view::textField(object, key), longestWord);
}

PartLine partLine(const json& object) {
    PartLine part;
    part.part = said(object, "part");
    part.state = said(object, "state");
    part.reason = said(object, "reason");
    const auto stale = object.find("stale");
    part.stale = stale != object.end() && stale->is_boolean() && stale->get<bool>();
    part.outputAge = view::numberField(object, "output_age_s");
    const auto counters = object.find("counters");
    if (counters != object.end() && counters->is_object())
        part.counters = *counters;
    return part;
}

UnitLine unitLine(const json& object, const std::vector<PartLine>& parts) {
    UnitLine unit;
    unit.name = said(object, "name");
    unit.role = said(object, "role");
    if (unit.role.empty())
        unit.role = "member";
    unit.member = unit.role == "member";
    if (const auto optional = object.find("optional"); optional != object.end() && optional->is_boolean())
        unit.optional = optional->get<bool>();
    unit.trouble = said(object, "trouble");
    unit.nextStep = said(object, "next_step");
    unit.stateAge = view::numberField(object, "state_age_s");
    if (const auto repair = object.find("repair"); repair != object.end() && repair->is_object())
        unit.repairs =
            static_cast<unsigned>(std::clamp(view::numberField(*repair, "tried").value_or(0), 0.0, 1e9));
    unit.loadState = said(object, "load_state");
    unit.activeState = said(object, "active_state");
    unit.subState = said(object, "sub_state");
    unit.result = said(object, "result");
    unit.statusText = said(object, "status_text");
    unit.job = said(object, "job");
    unit.restarts =
        static_cast<unsigned>(std::clamp(view::numberField(object, "restarts").value_or(0), 0.0, 1e9));
    const std::string owner = said(object, "part");
    const auto part = std::ranges::find(parts, owner, &PartLine::part);
    if (!owner.empty() && part != parts.end())
        unit.part = *part;
    return unit;
}

std::size_t placeInFlow(const UnitLine& unit) {
    const std::string name = partName(unit.name);
    const std::string_view kind = std::string_view(name).substr(0, name.find('@'));
    return static_cast<std::size_t>(std::ranges::find(flow, kind) - flow.begin());
}

} // namespace

bool StatusView::complete() const {
    return std::ranges::all_of(
        units, [](const UnitLine& unit) { return !unit.member || unit.optional || unit.active(); });
}

std::string partName(const std::string& unitName) {
    std::string_view name = unitName;
    if (name.starts_with("stinky-"))
        name.remove_prefix(7);
    if (name.ends_with(".service"))
        name.remove_suffix(8);
    return std::string(name);
}

StatusView parseDescription(const std::string& description) {
    const json all = json::parse(description, nullptr, false);
    if (!all.is_object() || said(all, "state").empty())
        throw Error("read", "the controller's description", "it is none that this stinkyctl understands");
    StatusView view;
    view.state = said(all, "state");
    view.reason = said(all, "reason");
    view.nextStep = said(all, "next_step");
    view.radios = array(all, "radios");
    if (const auto disk = all.find("disk"); disk != all.end() && disk->is_object())
        view.disk = *disk;
    view.stateAge = view::numberField(all, "state_age_s").value_or(0);
    for (const json& part : array(all, "parts"))
        if (part.is_object())
            view.parts.push_back(partLine(part));
    for (const json& unit : array(all, "units"))
        if (unit.is_object())
            view.units.push_back(unitLine(unit, view.parts));
    std::ranges::stable_sort(view.units, {}, placeInFlow);
    return view;
}

} // namespace stinky::ctl
