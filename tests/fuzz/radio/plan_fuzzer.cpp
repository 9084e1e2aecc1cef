// Any two states of a card, and what somebody else does to it between the steps: the plans must still say
// what they do.

#include "radio/plan.h"

#include <linux/nl80211.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace stinky::radio;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

void follow(CardState& card, const std::vector<Step>& steps) {
    require(steps.size() <= 3);
    for (const Step& step : steps) {
        if (step.kind != Step::Kind::setType) {
            card.up = step.kind == Step::Kind::setUp;
            continue;
        }
        // Drivers refuse the type of a running interface.
        require(!card.up);
        card.type = step.type;
    }
}

CardState stateOf(std::uint8_t byte) {
    return {byte & 0x0fU, (byte & 0x10U) != 0};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1)
        return 0;
    const CardState saved = stateOf(data[0]);
    CardState card = saved;
    follow(card, planTake(card));
    require(isHeld(card) && planTake(card).empty());
    // Others meddle; the guard takes it back each time.
    for (std::size_t i = 1; i + 1 < size; ++i) {
        card = stateOf(data[i]);
        follow(card, planTake(card));
        require(isHeld(card));
    }
    if (size > 1)
        card = stateOf(data[size - 1]);
    const CardState before = card;
    const RestorePlan plan = planRestore(saved, card);
    follow(card, plan.steps);
    // As it was, or left to somebody else as found, with a word; and done for good.
    require(plan.left.empty() ? card == saved : plan.steps.empty() && card == before);
    require(planRestore(saved, card).steps.empty());
    require(!describe(card).empty() && !describeLoss(card).empty());
    return 0;
}
