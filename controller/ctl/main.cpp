#include "common/config.h"
#include "common/error.h"
#include "ctl/client.h"
#include "ctl/gps_view.h"
#include "ctl/progress.h"
#include "ctl/status_table.h"

#include <CLI/CLI.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

using namespace stinky;

// The numbers of systemctl(1), which are those of the LSB.
constexpr int exitNotRunning = 3;
constexpr int exitUnknown = 4;
constexpr int exitUsage = 2;

struct Options {
    std::string address;
    bool json = false;
    bool noWait = false;
    bool watch = false;
    std::string config = defaultConfigPath;
    double timeout = 120; ///< seconds
};

bool onTerminal(int fd) {
    return isatty(fd) == 1;
}

/// https://no-color.org: set and not empty.
bool wantsColour() {
    const char* noColour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    return onTerminal(STDOUT_FILENO) && (noColour == nullptr || *noColour == '\0') &&
           (terminal == nullptr || std::string(terminal) != "dumb");
}

std::size_t screenWidth() {
    winsize size = {};
    return onTerminal(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int status(const Options& options) {
    EventLoop loop;
    ctl::Client client(loop, options.address);
    const std::string description = client.describe();
    const ctl::StatusView view = ctl::parseDescription(description);
    if (options.json)
        std::cout << nlohmann::ordered_json::parse(description).dump(2) << "\n";
    else
        std::cout << ctl::renderStatus(view, {wantsColour(), screenWidth(), std::time(nullptr)});
    return view.up() ? EXIT_SUCCESS : exitNotRunning;
}

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Calls the method and follows the stack to the goal, a line for each part on the way.
int change(const char* method, ctl::Goal goal, const Options& options) {
    EventLoop loop;
    ctl::Client client(loop, options.address);
    ctl::Progress progress(goal, wantsColour());
    const double begin = now();
    bool queued = false;
    const auto look = [&](const std::string& description) {
        std::cout << progress.update(ctl::parseDescription(description), now() - begin) << std::flush;
        if (!queued)
            return;
        if (const auto code = progress.outcome()) {
            (*code == 0 ? std::cout : std::cerr) << progress.verdict(now() - begin);
            loop.exit(*code);
        }
    };
    Timer patience = loop.addTimer(std::chrono::milliseconds(10), "patience", [&] {
        std::cerr << progress.tooLate(now() - begin);
        loop.exit(EXIT_FAILURE);
    });
    if (!options.noWait) {
        look(client.describe());
        client.follow(look);
    }
    client.request(method, onTerminal(STDIN_FILENO), [&](const std::string& error) {
        if (!error.empty()) {
            std::cerr << "stinkyctl: " << method << ": " << error << "\n";
            loop.exit(EXIT_FAILURE);
        } else if (options.noWait) {
            loop.exit(EXIT_SUCCESS);
        } else {
            queued = true;
            // Counted from here: a person's search for the password is no delay of the stack.
            patience.arm(std::chrono::microseconds(static_cast<std::int64_t>(options.timeout * 1e6)));
            client.refresh();
        }
    });
    return loop.run();
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Shows and steers the Wi-Fi survey sensor. Without a command it shows the status.",
                 "stinkyctl"};
    Options options;
    app.set_version_flag("--version", STINKY_VERSION);
    app.add_option("--bus-address", options.address, "D-Bus address, for tests")->group("");
    app.require_subcommand(0, 1);
    app.add_subcommand("status", "Show the state, the parts and why")
        ->add_flag("--json", options.json, "All that the controller knows, as JSON");
    CLI::App* gps = app.add_subcommand("gps", "Show position, fix and satellites, from gpsd itself");
    gps->add_flag("--watch", options.watch, "Go on, a picture each second");
    gps->add_option("--config", options.config, "Settings, for GPSD=")->capture_default_str();
    const CLI::App* start = app.add_subcommand("start", "Start the survey and wait until it is up");
    const CLI::App* stop = app.add_subcommand("stop", "Stop the survey and wait until it is down");
    const CLI::App* restart = app.add_subcommand("restart", "Stop and start the survey");
    for (const char* name : {"start", "stop", "restart"}) {
        app.get_subcommand(name)->add_flag("--no-wait", options.noWait, "Do not wait for the result");
        app.get_subcommand(name)
            ->add_option("--timeout", options.timeout, "Seconds to wait at most")
            ->capture_default_str()
            ->check(CLI::Range(0.1, 86400.0));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EXIT_SUCCESS : exitUsage;
    }
    const bool changes = start->parsed() || stop->parsed() || restart->parsed();
    try {
        if (gps->parsed())
            // A receiver reports once a second, its satellites at times only every fifth.
            return ctl::showGps(Config::load(options.config).text("GPSD"), options.watch, 6, wantsColour());
        if (start->parsed())
            return change("Start", ctl::Goal::up, options);
        if (stop->parsed())
            return change("Stop", ctl::Goal::down, options);
        if (restart->parsed())
            return change("Restart", ctl::Goal::again, options);
        return status(options);
    } catch (const ctl::Unreachable& e) {
        std::cerr << "stinkyctl: " << e.what() << "\n"
                  << "  'systemctl status stinky-controller' tells why it is not there.\n";
        return changes ? EXIT_FAILURE : exitUnknown;
    } catch (const std::exception& e) {
        std::cerr << "stinkyctl: " << e.what() << "\n";
        return changes ? EXIT_FAILURE : exitUnknown;
    }
}
