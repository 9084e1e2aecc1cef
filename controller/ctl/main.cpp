#include "common/error.h"
#include "common/part_status.h"
#include "ctl/change.h"
#include "ctl/check_config.h"
#include "ctl/doctor/doctor.h"
#include "ctl/gps_view.h"
#include "ctl/kismet.h"
#include "ctl/logs.h"
#include "ctl/options.h"
#include "ctl/report.h"
#include "ctl/status_table.h"
#include "ctl/tables.h"
#include "ctl/tak_test.h"
#include "ctl/token.h"
#include "ctl/watch.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>

#include "view/describe.h"

namespace {

using namespace stinky;
using ctl::Options;

// A receiver reports once a second, its satellites at times only every fifth.
constexpr double gpsPatience = 6;
// A capture of a long survey may have hundreds of megabytes, and half a megabyte is read at once.
constexpr double capturePatience = 30;

int token(const Options& options) {
    const std::string text =
        options.renew ? ctl::renewToken(ctl::tokenPath, "stinky") : ctl::readToken(ctl::tokenPath);
    std::cout << (options.json ? view::dumped({{"token", text}}) : text) << "\n";
    return EXIT_SUCCESS;
}

/// The refusal of what -H cannot send to another machine.
int elsewhere(const std::string& host, const std::string& command) {
    std::cerr << "stinkyctl: this looks at its own machine only: ssh " << host << " stinkyctl " << command
              << "\n";
    return EXIT_FAILURE;
}

void printJson(const std::string& text) {
    std::cout << nlohmann::ordered_json::parse(text).dump(2) << "\n";
}

int status(const Options& options) {
    EventLoop loop;
    ctl::Client client(loop, options.where);
    const std::string description = client.describe();
    const ctl::StatusView view = ctl::parseDescription(description);
    if (options.json)
        printJson(description);
    else
        std::cout << ctl::renderStatus(view, ctl::screenOfStdout(), std::time(nullptr));
    return view.up() ? EXIT_SUCCESS : ctl::exitNotRunning;
}

/// The status after each change, and once a second for its ages.
int watch(const Options& options) {
    EventLoop loop;
    loop.exitOnSignals();
    ctl::Client client(loop, options.where);
    return ctl::watchController(
        loop, client, std::chrono::seconds(1), std::cout,
        [&](const std::string& description) {
            if (options.json)
                return description + "\n";
            const ctl::Screen screen = ctl::screenOfStdout();
            return ctl::clearing(screen) +
                   ctl::renderStatus(ctl::parseDescription(description), screen, std::time(nullptr));
        },
        [&](const std::string& why) {
            return options.json ? view::dumped({{"error", why}}) + "\n"
                                : ctl::clearing(ctl::screenOfStdout()) +
                                      "the controller does not answer: " + why + "\n";
        });
}

int gps(const Options& options) {
    if (options.where.host.empty())
        return ctl::showGps(Config::load(options.config).text("GPSD"), options.watch, gpsPatience,
                            ctl::screenOfStdout(), options.json);
    if (options.watch)
        return elsewhere(options.where.host, "gps --watch");
    EventLoop loop;
    ctl::Client client(loop, options.where);
    const nlohmann::json section = nlohmann::json::parse(client.describe()).at("gps");
    std::cout << (options.json ? section.dump(2) + "\n" : ctl::renderGpsSection(section));
    return section.contains("latitude") ? EXIT_SUCCESS : ctl::exitNotRunning;
}

int radios(const Options& options) {
    EventLoop loop;
    const nlohmann::json section =
        nlohmann::json::parse(ctl::Client(loop, options.where).describe()).at("radios");
    std::cout << (options.json ? section.dump(2) + "\n" : ctl::renderRadios(section, ctl::screenOfStdout()));
    return EXIT_SUCCESS;
}

int accessPoints(const Options& options) {
    EventLoop loop;
    ctl::Client client(loop, options.where);
    const double begin = monotonicSeconds();
    const std::string answer =
        ctl::askForAccessPoints([&](std::uint32_t limit) { return client.accessPoints(limit); },
                                options.limit, [&] { return monotonicSeconds() - begin < capturePatience; });
    if (options.json)
        printJson(answer);
    else
        std::cout << ctl::renderAccessPoints(nlohmann::json::parse(answer), ctl::screenOfStdout());
    return EXIT_SUCCESS;
}

/// What a command does when it was given, and what its failure is worth.
struct Command {
    std::function<int(const Options&)> run = status;
    int onFailure = ctl::exitUnknown;
    /// Of a command that reads or writes files of its own machine, or asks other programs there than the
    /// controller: its words. Empty for one that -H sends elsewhere.
    std::string local = {};
};

/// The command line: each subcommand puts itself into `command`.
class CommandLine {
public:
    CommandLine() {
        app.set_version_flag("--version", STINKY_VERSION);
        app.add_option("--bus-address", options.where.address, "D-Bus address, for tests")->group("");
        app.add_option("-H,--host", options.where.host, "Another machine, over ssh: user@host");
        app.add_flag("--json", options.json, "Print JSON");
        app.require_subcommand(0, 1);
        app.fallthrough();
        addViews();
        addChanges();
        addChecks();
    }

    CLI::App app{"Shows and steers the Wi-Fi survey sensor. Without a command it shows the status.",
                 "stinkyctl"};
    Options options;
    Command command;

private:
    CLI::App* add(const char* name, const char* about, std::function<int(const Options&)> run,
                  int onFailure = EXIT_FAILURE) {
        CLI::App* sub = app.add_subcommand(name, about);
        sub->callback([this, run = std::move(run), onFailure] { command = {run, onFailure}; });
        sub->add_flag("--json", options.json, "Print JSON");
        return sub;
    }

    /// One that -H cannot send to another machine.
    CLI::App* addLocal(const char* name, const char* about, std::function<int(const Options&)> run) {
        CLI::App* sub = add(name, about, {});
        sub->callback([this, run = std::move(run), name] { command = {run, EXIT_FAILURE, name}; });
        return sub;
    }

    void addViews() {
        add("status", "Show the state, the parts and why", status, ctl::exitUnknown);
        add("watch", "The same, live, until Ctrl-C", watch, ctl::exitUnknown);
        CLI::App* sub = add("gps", "Show position, fix and satellites", gps, ctl::exitUnknown);
        sub->add_flag("--watch", options.watch, "Go on, a picture each second");
        sub->add_option("--config", options.config, "Settings, for GPSD=")->capture_default_str();
        addLocal("kismet", "Show the address and the login of Kismet's own page",
                 [](const Options& o) { return ctl::showKismet(Config::load(o.config), o.json); })
            ->add_option("--config", options.config, "Settings, for KISMET_LISTEN=")
            ->capture_default_str();
        add("radios", "Show the Wi-Fi cards of the survey", radios, ctl::exitUnknown);
        sub = add("aps", "Show the access points of the current capture, the strongest first", accessPoints,
                  ctl::exitUnknown);
        sub->add_option("--limit", options.limit, "How many at most")->capture_default_str();
        sub = addLocal("logs", "Show what the parts wrote to the journal since the boot", ctl::logs);
        sub->add_option("part", options.parts, "Parts, like tak or radio@wlan2; all without one");
        sub->add_flag("-f,--follow", options.follow, "Go on with what comes");
        sub->add_option("-n,--lines", options.lines, "How many lines")->capture_default_str();
        sub->add_option("-p,--priority", options.priority, "This severity and worse, 0 (worst) to 7")
            ->check(CLI::Range(0, 7))
            ->capture_default_str();
    }

    void addChanges() {
        add("start", "Start the survey and wait until it is up",
            [](const Options& o) { return ctl::change("Start", ctl::Goal::up, o); });
        add("stop", "Stop the survey and wait until it is down",
            [](const Options& o) { return ctl::change("Stop", ctl::Goal::down, o); });
        add("restart", "Stop and start the survey, or single parts of it", [](const Options& o) {
            return ctl::change("Restart", ctl::Goal::again, o);
        })->add_option("part", options.parts, "Parts, like tak or radio@wlan2; the whole without one");
        for (const char* name : {"start", "stop", "restart"}) {
            CLI::App* sub = app.get_subcommand(name);
            sub->add_flag("--no-wait", options.noWait, "Do not wait for the result");
            sub->add_option("--timeout", options.timeout, "Seconds to wait at most")
                ->capture_default_str()
                ->check(CLI::Range(0.1, 86400.0));
        }
    }

    void addChecks() {
        CLI::App* sub =
            addLocal("doctor", "Look for faults of this machine: each with why it matters and what mends it",
                     ctl::doctor);
        sub->add_option("--config", options.config, "The settings")->capture_default_str();
        sub->add_flag("--no-connect", options.noConnect, "Do not try the TAK outputs");
        sub = addLocal("report", "Write one archive for a bug report, without secrets", ctl::report);
        sub->add_option("--output", options.output, "Its name; without it one with the time in this folder");
        sub->add_option("--config", options.config, "The settings")->capture_default_str();
        addLocal("check-config", "Check the settings: each mistake with its line and a suggestion",
                 [](const Options& o) { return ctl::showConfigFindings(o.config, o.json); })
            ->add_option("--config", options.config, "The file")
            ->capture_default_str();
        addLocal("token", "Show the token of the web page and of port 5000: for root and the group stinky",
                 token)
            ->add_flag("--new", options.renew, "Make a new one; who has the old one is out at once");
        CLI::App* tak = app.add_subcommand("tak", "The way to the TAK clients");
        tak->require_subcommand(1);
        CLI::App* test =
            tak->add_subcommand("test", "Send a test marker to each output and say what happened");
        test->add_flag("--json", options.json, "Print JSON");
        test->callback([this] {
            command = {[](const Options& o) { return ctl::testTakOutputs(ctl::takControlSocket, o.json); },
                       EXIT_FAILURE, "tak test"};
        });
    }
};

} // namespace

int main(int argc, char** argv) {
    CommandLine line;
    try {
        line.app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return line.app.exit(e) == 0 ? EXIT_SUCCESS : ctl::exitUsage;
    }
    if (!line.command.local.empty() && !line.options.where.host.empty())
        return elsewhere(line.options.where.host, line.command.local);
    try {
        return line.command.run(line.options);
    } catch (const ctl::Unreachable& e) {
        std::cerr << "stinkyctl: " << e.what() << "\n"
                  << "  'systemctl status stinky-controller' tells why it is not there.\n";
    } catch (const std::exception& e) {
        std::cerr << "stinkyctl: " << e.what() << "\n";
    }
    return line.command.onFailure;
}
