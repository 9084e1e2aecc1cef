#include "common/config.h"
#include "common/error.h"
#include "common/log.h"
#include "radio/advice.h"
#include "radio/guard.h"
#include "radio/hold_service.h"
#include "radio/link.h"
#include "radio/radio_info.h"
#include "radio/report.h"
#include "radio/restore.h"
#include "radio/state_store.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace stinky::radio {
namespace {

/// sysexits(3) where one fits: the unit does not restart after these, since a restart would not help.
enum ExitCode : int { usage = 2, noDevice = 69, contested = 75, refused = 78 };

struct Options {
    std::string interface;
    bool json = false;
    bool leftovers = false;
    std::string config = defaultConfigPath;
};

void print(const nlohmann::json& json) {
    std::puts(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

int list(const Options& options) {
    Nl80211 wireless;
    RouteSocket routes;
    auto radios = listRadios(wireless, routes);
    std::for_each(radios.begin(), radios.end(), findHolders);
    if (options.json) {
        nlohmann::json json = nlohmann::json::array();
        for (const RadioInfo& radio : radios)
            json.push_back(toJson(radio));
        print(json);
        return EXIT_SUCCESS;
    }
    std::fputs(radios.empty() ? "no Wi-Fi card found\n" : table(radios).c_str(), stdout);
    return EXIT_SUCCESS;
}

int status(const Options& options) {
    Nl80211 wireless;
    RouteSocket routes;
    RadioInfo radio = readRadio(wireless, routes, options.interface);
    findHolders(radio);
    std::optional<SavedState> saved;
    std::string unknown;
    try {
        saved = StateStore(StateStore::defaultDirectory()).peek(options.interface);
    } catch (const Error& e) {
        // The folder is closed to others; the rest is worth showing all the same.
        unknown = e.what();
    }
    if (!options.json) {
        std::fputs(details(radio, saved, unknown).c_str(), stdout);
        return EXIT_SUCCESS;
    }
    if (!unknown.empty())
        std::fprintf(stderr, "stinky-radio: %s\n", unknown.c_str());
    nlohmann::json json = toJson(radio);
    json["restore"] = nullptr;
    if (saved)
        json["restore"] = {{"type", wifiTypeName(saved->state.type)}, {"up", saved->state.up}};
    print(json);
    return EXIT_SUCCESS;
}

int hold(const Options& options) {
    const Config config = Config::load(options.config);
    for (const ConfigProblem& problem : config.problems())
        log::warning("config", fmt::format("{}:{}: {}", options.config, problem.line, problem.message));
    HoldService service(options.interface, config);
    return service.run();
}

int giveItBack(const Options& options) {
    if (options.leftovers)
        restoreLeftovers();
    else
        restore(options.interface);
    return EXIT_SUCCESS;
}

int exitCodeOf(const Error& error) {
    if (dynamic_cast<const Refusal*>(&error) != nullptr)
        return refused;
    if (dynamic_cast<const GaveUp*>(&error) != nullptr)
        return contested;
    return error.code() == ENODEV ? noDevice : EXIT_FAILURE;
}

// `systemctl status` shows the last STATUS= also after the end.
int failed(const Error& error) {
    log::failure("radio-failed", error);
    sd_notifyf(0, "STATUS=%s", error.what());
    return exitCodeOf(error);
}

int run(int argc, char** argv) {
    Options options;
    int (*command)(const Options&) = nullptr;
    CLI::App app("Puts a Wi-Fi card into monitor mode, holds it there and gives it back as it was.",
                 "stinky-radio");
    app.set_version_flag("--version", std::string("stinky-radio ") + STINKY_VERSION);
    app.require_subcommand(1);
    const auto add = [&](const char* name, const char* about, int (*function)(const Options&)) {
        CLI::App* sub = app.add_subcommand(name, about);
        sub->callback([&command, function] { command = function; });
        return sub;
    };
    CLI::App* listCommand = add("list", "show every radio of this machine", list);
    listCommand->add_flag("--json", options.json, "as JSON");
    CLI::App* statusCommand = add("status", "show one card and what it will be set back to", status);
    statusCommand->add_flag("--json", options.json, "as JSON");
    CLI::App* holdCommand = add("hold", "take the card and hold it until SIGTERM (the service)", hold);
    holdCommand->add_option("--config", options.config, "the settings, instead of /etc/stinky/stinky.conf");
    CLI::App* restoreCommand = add("restore", "set the card back to what it was", giveItBack);
    statusCommand->add_option("interface", options.interface, "the card's interface, like wlan2")
        ->required();
    const char* what = "the card: its interface, mac:<address>, phy:<name>, driver:<name> or auto";
    holdCommand->add_option("card", options.interface, what)->required();
    CLI::Option* one = restoreCommand->add_option("card", options.interface, what);
    restoreCommand
        ->add_flag("--leftovers", options.leftovers, "of every card that was held when the power was cut")
        ->excludes(one);
    restoreCommand->require_option(1);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EXIT_SUCCESS : usage;
    }
    return command(options);
}

} // namespace
} // namespace stinky::radio

int main(int argc, char** argv) {
    stinky::log::setUp("radio");
    try {
        return stinky::radio::run(argc, argv);
    } catch (const stinky::Error& e) {
        return stinky::radio::failed(e);
    } catch (const std::exception& e) {
        return stinky::radio::failed(stinky::Error("run", "stinky-radio", e.what()));
    }
}
