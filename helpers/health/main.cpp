#include "common/config.h"
#include "common/error.h"
#include "common/exec.h"
#include "common/fd.h"
#include "common/log.h"
#include "health/checker.h"
#include "health/http_check.h"
#include "health/kismet_check.h"
#include "health/tcp_check.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <linux/capability.h>
#include <systemd/sd-daemon.h>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace stinky;

constexpr int exitUsage = 64;
constexpr int exitNotRun = 127; ///< as sh(1) says it

struct Options {
    health::CheckOptions check;
    health::CheckerOptions checker;
    std::string config = defaultConfigPath;
};

std::unique_ptr<health::Check> makeCheck(EventLoop& loop, const Options& options) {
    const std::string& name = options.check.name;
    if (name == "kismet")
        return std::make_unique<health::KismetCheck>(loop, options.check);
    if (name.starts_with("http://"))
        return std::make_unique<health::HttpCheck>(loop, options.check);
    return std::make_unique<health::TcpCheck>(loop, options.check);
}

/// What the settings say of Kismet. A listener on all addresses is asked on the loopback.
void takeSettings(Options& options) {
    const Config config = Config::load(options.config);
    options.check.rules = CaptureRules::of(config);
    std::string listen = config.text("KISMET_LISTEN");
    if (listen.starts_with("0.0.0.0:"))
        listen = "127.0.0.1" + listen.substr(listen.rfind(':'));
    if (options.check.url.empty())
        options.check.url = "http://" + listen;
}

/// The program may need capabilities, the look at it does not.
void dropCapabilities() {
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    const std::array<__user_cap_data_struct, 2> none = {};
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none.data()) < 0)
        throw Error::fromErrno("drop", "capabilities", errno);
}

int check(const Options& options, const Fd& program) {
    dropCapabilities();
    EventLoop loop;
    loop.exitOnSignals();
    health::Checker checker(loop, options.checker, makeCheck(loop, options));
    const EventSource ended =
        loop.addIo(program.get(), EPOLLIN, "the program", [&](std::uint32_t) { loop.exit(EXIT_SUCCESS); });
    const int code = loop.run();
    // systemd ends us too when the program has ended, and its signal may be heard first.
    pollfd end = {program.get(), POLLIN, 0};
    if (poll(&end, 1, 0) > 0)
        checker.onProgramEnd();
    return code;
}

/// Starts the checker as a grandchild, so that the program has no child that it does not know of. The
/// descriptor of this process tells it when the program is gone: its PID stays with the exec below.
void startChecker(const Options& options) {
    // glibc 2.36 has the function, and a header that C++ cannot link.
    const Fd self(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
    if (!self)
        throw Error::fromErrno("watch", "this process", errno);
    const pid_t child = fork();
    if (child < 0)
        throw Error::fromErrno("start", "the checker", errno);
    if (child > 0) {
        waitpid(child, nullptr, 0);
        return;
    }
    const pid_t grandchild = fork();
    if (grandchild != 0)
        _exit(grandchild < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
    int code = EXIT_FAILURE;
    try {
        code = check(options, self);
    } catch (const Error& e) {
        log::failure("checker-failed", e);
    } catch (const std::exception& e) {
        log::error("checker-failed", e.what());
    }
    _exit(code);
}

[[noreturn]] void run(const std::vector<std::string>& command) {
    // The checker speaks to systemd, and nobody else: a program that did would be ready too early.
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    try {
        become(command);
    } catch (const Error& e) {
        log::failure("not-run", e);
    }
    _exit(exitNotRun);
}

std::string isCheckName(const std::string& name) {
    const bool good = name == "kismet" || name.starts_with("http://") || health::parseTcpTarget(name);
    return good ? std::string() : "expected kismet, http://host:port/path or tcp:host:port, not " + name;
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    options.check.login = "/var/lib/stinky/kismet/login";
    options.check.captures = "/var/lib/stinky/captures";
    options.checker.statusDirectory = STINKY_STATUS_DIRECTORY;
    double interval = 5;
    double timeout = 5;
    long silence = 60;

    CLI::App app(
        "Runs COMMAND and tells systemd how it stands: stinky-health --check NAME [options] -- COMMAND...",
        "stinky-health");
    app.set_version_flag("--version", STINKY_VERSION);
    app.add_option("--check", options.check.name, "kismet, http://host:port/path or tcp:host:port")
        ->required()
        ->check(isCheckName);
    app.add_option("--part", options.checker.part, "name of the report; that of COMMAND by default");
    app.add_option("--interval", interval, "seconds between two looks")
        ->capture_default_str()
        ->check(CLI::Range(0.05, 60.0));
    app.add_option("--timeout", timeout, "seconds that one request may take")
        ->capture_default_str()
        ->check(CLI::Range(0.05, 60.0));
    app.add_option("--silence", silence, "kismet: seconds that packets may stand still")
        ->capture_default_str()
        ->check(CLI::Range(1L, 86400L));
    app.add_option("--url", options.check.url, "kismet: where it answers, instead of KISMET_LISTEN=");
    app.add_option("--login", options.check.login, "kismet: file with user:password")->capture_default_str();
    app.add_option("--captures", options.check.captures, "kismet: directory of its logs")
        ->capture_default_str();
    app.add_option("--config", options.config, "settings")->capture_default_str();
    app.add_option("--status-directory", options.checker.statusDirectory,
                   "directory for the report, empty for none")
        ->capture_default_str();
    std::vector<std::string> command = takeCommand(argc, argv);
    try {
        app.parse(argc, argv);
        if (command.empty())
            throw CLI::RequiredError("-- COMMAND");
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EXIT_SUCCESS : exitUsage;
    }
    if (options.checker.part.empty())
        options.checker.part = std::filesystem::path(command.front()).filename();
    options.checker.interval = std::chrono::milliseconds(static_cast<long>(interval * 1000));
    options.check.timeout = std::chrono::milliseconds(static_cast<long>(timeout * 1000));
    options.check.silence = std::chrono::seconds(silence);
    log::setUp(options.checker.part);

    try {
        if (options.check.name == "kismet")
            takeSettings(options);
        // It is meant for the program's PID, which is this one.
        std::uint64_t watchdog = 0;
        if (sd_watchdog_enabled(0, &watchdog) > 0)
            options.checker.watchdog = std::chrono::microseconds(watchdog);
        startChecker(options);
    } catch (const Error& e) {
        log::failure("checker-failed", e);
        return EXIT_FAILURE;
    }
    run(command);
}
