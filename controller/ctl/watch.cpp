#include "ctl/watch.h"

#include "ctl/options.h"

namespace stinky::ctl {

int watchController(EventLoop& loop, Client& client, std::chrono::microseconds interval, std::ostream& out,
                    const std::function<std::string(const std::string&)>& render,
                    const std::function<std::string(const std::string&)>& renderFailure) {
    Timer next = loop.addTimer(std::chrono::milliseconds(50), "screen", [&] { client.refresh(); });
    std::string lost;
    const auto show = [&](const std::string& description) {
        // First of all, so that no picture is the last one.
        next.arm(interval);
        std::string picture;
        try {
            picture = render(description);
        } catch (const Error& e) {
            picture = renderFailure(e.what());
        }
        out << picture << std::flush;
    };
    show(client.describe());
    client.follow(show, [&](const std::string& why, bool gone) {
        if (gone) {
            lost = why;
            loop.exit(exitUnknown);
            return;
        }
        next.arm(interval);
        out << renderFailure(why) << std::flush;
    });
    const int code = loop.run();
    if (!lost.empty())
        throw Unreachable("reach", "stinky-controller", lost);
    return code;
}

} // namespace stinky::ctl
