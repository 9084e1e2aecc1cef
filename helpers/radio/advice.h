#pragma once

#include "common/error.h"
#include "radio/radio_info.h"

#include <optional>
#include <string>

namespace stinky::radio {

/// The card must not or cannot be used, and trying again will not change that.
class Refusal : public Error {
public:
    using Error::Error;
};

/// What to do about an errno value that the kernel gave for a change of a card; empty when there is nothing
/// to say.
std::string adviceFor(int code);

/// The same error with its advice behind the reason.
Error withAdvice(const Error& error);

/// Why this card is not to be taken: it carries the default route or an open ssh session or is an access
/// point, which `force` overrides, or it has no monitor mode.
std::optional<std::string> reasonToRefuse(const RadioInfo& radio, bool force = false);

} // namespace stinky::radio
