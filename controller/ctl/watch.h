#pragma once

#include "ctl/client.h"

#include <chrono>
#include <functional>
#include <ostream>
#include <string>

namespace stinky::ctl {

/// `stinkyctl watch`: a picture after each change and once an `interval`, for its ages. `render` makes it of
/// a description and may throw Error. A controller that does not answer is said in place of a picture and
/// asked again; a bus that is gone ends it. The exit code.
int watchController(EventLoop& loop, Client& client, std::chrono::microseconds interval, std::ostream& out,
                    const std::function<std::string(const std::string& description)>& render,
                    const std::function<std::string(const std::string& why)>& renderFailure);

} // namespace stinky::ctl
