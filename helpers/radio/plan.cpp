#include "radio/plan.h"

#include "common/nl80211.h"

#include <linux/nl80211.h>

namespace stinky::radio {

bool isHeld(const CardState& state) noexcept {
    return state.type == NL80211_IFTYPE_MONITOR && state.up;
}

std::vector<Step> planTake(const CardState& now) {
    std::vector<Step> steps;
    if (now.type != NL80211_IFTYPE_MONITOR) {
        if (now.up)
            steps.push_back({Step::Kind::setDown, 0});
        steps.push_back({Step::Kind::setType, NL80211_IFTYPE_MONITOR});
        steps.push_back({Step::Kind::setUp, 0});
    } else if (!now.up) {
        steps.push_back({Step::Kind::setUp, 0});
    }
    return steps;
}

RestorePlan planRestore(const CardState& saved, const CardState& now) {
    RestorePlan plan;
    const bool ours = now.type == NL80211_IFTYPE_MONITOR;
    if (now.type == saved.type) {
        if (saved.up && !now.up)
            plan.steps.push_back({Step::Kind::setUp, 0});
        else if (!saved.up && now.up && ours)
            plan.steps.push_back({Step::Kind::setDown, 0});
        else if (!saved.up && now.up)
            plan.left = "it was down before, and somebody else has set it up since";
        return plan;
    }
    if (!ours) {
        plan.left =
            "somebody else has made it " + describe(now) + " since; before, it was " + describe(saved);
        return plan;
    }
    if (now.up)
        plan.steps.push_back({Step::Kind::setDown, 0});
    plan.steps.push_back({Step::Kind::setType, saved.type});
    if (saved.up)
        plan.steps.push_back({Step::Kind::setUp, 0});
    return plan;
}

std::string describeLoss(const CardState& found) {
    return found.type == NL80211_IFTYPE_MONITOR ? "set down" : "made " + describe(found);
}

std::string describe(const CardState& state) {
    return wifiTypeName(state.type) + (state.up ? ", up" : ", down");
}

std::string describe(const Step& step) {
    switch (step.kind) {
    case Step::Kind::setDown:
        return "set link down";
    case Step::Kind::setUp:
        return "set link up";
    case Step::Kind::setType:
        break;
    }
    return "set type " + wifiTypeName(step.type);
}

} // namespace stinky::radio
