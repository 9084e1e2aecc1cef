#include "common/atomic_file.h"
#include "common/config.h"
#include "common/error.h"
#include "common/exec.h"
#include "common/log.h"
#include "kismet/lint.h"
#include "kismet/login.h"
#include "kismet/memory.h"
#include "kismet/override.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <systemd/sd-daemon.h>

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace stinky;

// sysexits.h
constexpr int exitUsage = 64;
constexpr int exitConfig = 78;
// ExecCondition= takes it for "not here, and no failure".
constexpr int exitTooLittle = 1;
// And this for a failure.
constexpr int exitConditionFailed = 255;
constexpr std::size_t mostOfConfig = 256 * 1024;

struct Options {
    std::string config = defaultConfigPath;
    std::string userConfig = "/etc/stinky/kismet.conf";
    std::string interface;
    std::string output;
    std::string login;
    std::string group = "stinky";
    std::string captures = "/var/lib/stinky/captures";
    std::string marker;
    std::string meminfo = "/proc/meminfo";
    std::vector<std::string> files;
    bool json = false;
};

std::string readIfThere(const std::string& path) {
    try {
        return readFile(path, mostOfConfig);
    } catch (const Error& e) {
        if (e.code() == ENOENT)
            return {};
        throw;
    }
}

/// Says each problem; true when there is none.
bool isClean(const std::string& path, const std::string& text) {
    const auto problems = kismet::lint(text);
    for (const auto& problem : problems) {
        const std::string what = fmt::format("{}:{}: {}", path, problem.line, problem.message);
        log::error("kismet-config", what, {{"STINKY_FILE", path}});
        // `systemctl status` shows no log of a unit that was tried too often, but still this.
        sd_notify(0, ("STATUS=" + what).c_str());
    }
    return problems.empty();
}

/// For programs: [{"file", "problems": [{"line", "message"}], "log_types": null or a list}].
int lintAsJson(const Options& options) {
    using Json = nlohmann::ordered_json;
    bool clean = true;
    Json all = Json::array();
    for (const std::string& path : options.files) {
        const std::string text = readFile(path, mostOfConfig);
        Json problems = Json::array();
        for (const auto& problem : kismet::lint(text))
            problems.push_back({{"line", problem.line}, {"message", problem.message}});
        clean = clean && problems.empty();
        const auto types = kismet::logTypes(text);
        all.push_back({{"file", path},
                       {"problems", std::move(problems)},
                       {"log_types", types ? Json(*types) : Json(nullptr)}});
    }
    std::cout << all.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    return clean ? EXIT_SUCCESS : exitConfig;
}

int lintFiles(const Options& options) {
    if (options.json)
        return lintAsJson(options);
    bool clean = true;
    for (const std::string& path : options.files)
        clean = isClean(path, readFile(path, mostOfConfig)) && clean;
    return clean ? EXIT_SUCCESS : exitConfig;
}

/// Becomes the command when the settings are in order.
int write(const Options& options, const std::vector<std::string>& command) {
    const Config config = Config::load(options.config);
    const std::string theirs = readIfThere(options.userConfig);
    if (!isClean(options.userConfig, theirs))
        return exitConfig;
    const auto address =
        MacAddress::parse(readFile("/sys/class/net/" + options.interface + "/address", 64).substr(0, 17));
    if (!address)
        throw Error("read the address of", options.interface, "it is not a MAC address");
    const kismet::Login login = kismet::keepLogin(options.login, options.group);
    const std::string text = kismet::overrideText(
        config, {options.interface, *address, options.captures, login.user, login.password}, theirs);
    if (!isClean(options.output, text))
        return exitConfig;
    writeFileAtomically(options.output, text, 0640);
    if (!command.empty())
        become(command);
    return EXIT_SUCCESS;
}

/// The marker tells stinky-scan to stand in, and says why.
int memory(const Options& options) {
    const std::uint64_t wanted = Config::load(options.config).bytes("SCAN_MIN_MEMORY");
    const auto available = kismet::availableMemory(readFile(options.meminfo, 64 * 1024));
    if (!available || *available >= wanted) {
        if (unlink(options.marker.c_str()) < 0 && errno != ENOENT)
            throw Error::fromErrno("remove", options.marker, errno);
        return EXIT_SUCCESS;
    }
    const std::string why =
        fmt::format("in place of Kismet: {} MB of memory available, SCAN_MIN_MEMORY is {} MB",
                    *available >> 20, wanted >> 20);
    writeFileAtomically(options.marker, why + "\n", 0644);
    log::warning("too-little-memory", "stinky-scan runs " + why);
    return exitTooLittle;
}

} // namespace

int main(int argc, char** argv) {
    log::setUp("kismet");
    Options options;
    CLI::App app("Writes and checks the configuration of Kismet.", "stinky-kismet-config");
    app.set_version_flag("--version", STINKY_VERSION);
    app.require_subcommand(1);
    app.add_option("--config", options.config, "settings")->capture_default_str();

    CLI::App* writer = app.add_subcommand(
        "write", "write the override file for kismet --override, and run the command behind --");
    writer->add_option("--interface", options.interface, "network interface in monitor mode")
        ->envname("STINKY_INTERFACE")
        ->required();
    writer->add_option("--output", options.output, "the file")->required();
    writer->add_option("--login", options.login, "file that keeps user:password, made when missing")
        ->required();
    writer->add_option("--group", options.group, "group that may read the login")->capture_default_str();
    writer->add_option("--captures", options.captures, "directory for the logs")->capture_default_str();
    writer->add_option("--user-config", options.userConfig, "settings of Kismet's own, may be missing")
        ->capture_default_str();

    CLI::App* linter = app.add_subcommand("lint", "name every setting that Kismet does not know");
    linter->add_flag("--json", options.json, "for programs: on stdout, as JSON");
    linter->add_option("files", options.files, "Kismet configurations")->required();

    CLI::App* condition = app.add_subcommand("memory", "whether there is enough memory for Kismet");
    condition->add_option("--marker", options.marker, "file that says that there is not")->required();
    condition->add_option("--meminfo", options.meminfo, "for tests")->group("");
    const std::vector<std::string> command = takeCommand(argc, argv);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EXIT_SUCCESS : exitUsage;
    }
    try {
        if (writer->parsed())
            return write(options, command);
        return linter->parsed() ? lintFiles(options) : memory(options);
    } catch (const Error& e) {
        log::failure("kismet-config", e);
    } catch (const std::exception& e) {
        log::error("kismet-config", e.what());
    }
    return condition->parsed() ? exitConditionFailed : exitConfig;
}
