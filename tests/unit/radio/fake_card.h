#pragma once

#include "common/error.h"
#include "radio/card.h"

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace stinky::radio {

/// A card that behaves as a well-behaved driver does, except where a test says otherwise.
class FakeCard : public Card {
public:
    std::optional<CardState> state;
    std::vector<Step> applied;
    /// Errno values for the next calls of apply(); 0 lets one pass.
    std::deque<int> failures;
    /// Runs before each apply(): for what happens meanwhile.
    std::function<void()> meanwhile;
    /// A driver that says yes and does nothing.
    bool pretends = false;

    explicit FakeCard(CardState initial) : state(initial) {}

    std::optional<CardState> read() override { return state; }

    void apply(const Step& step) override {
        if (meanwhile)
            meanwhile();
        if (!state)
            throw Error::fromErrno(describe(step), "wlan2", ENODEV);
        const int failure = failures.empty() ? 0 : failures.front();
        if (!failures.empty())
            failures.pop_front();
        if (failure != 0)
            throw Error::fromErrno(describe(step), "wlan2", failure);
        applied.push_back(step);
        if (pretends)
            return;
        if (step.kind == Step::Kind::setType)
            state->type = step.type;
        else
            state->up = step.kind == Step::Kind::setUp;
    }
};

} // namespace stinky::radio
