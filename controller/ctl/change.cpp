#include "ctl/change.h"

#include "common/error.h"
#include "common/part_status.h"
#include "core/machine.h"
#include "ctl/logs.h"
#include "ctl/text_table.h"

#include <unistd.h>

#include <ctime>
#include <iostream>
#include <optional>

namespace stinky::ctl {
namespace {

constexpr std::size_t blameLines = 8;

nlohmann::ordered_json failureJson(const std::string& error) {
    return {{"ok", false}, {"error", error}};
}

/// One start, stop or restart, from the call to the goal.
class Change {
public:
    Change(const char* method, Goal goal, const Options& options)
        : method_(method),
          options_(options),
          screen_(screenOfStdout()),
          client_(loop_, options.where),
          progress_(goal, screen_.colour, options.parts),
          begin_(monotonicSeconds()),
          wallBegin_(static_cast<double>(std::time(nullptr))) {
        patience_ = loop_.addTimer(std::chrono::milliseconds(10), "patience", [this] {
            if (!options_.json)
                std::cerr << progress_.tooLate(elapsed());
            end(EXIT_FAILURE);
        });
    }

    int run() {
        if (!options_.noWait) {
            look(client_.describe());
            client_.follow([this](const std::string& description) { look(description); },
                           [this](const std::string& why, bool gone) {
                               // A controller that is restarting is asked again with its next signal.
                               if (gone)
                                   fail("the way to the controller is lost: " + why);
                           });
        }
        const bool interactive = isatty(STDIN_FILENO) == 1;
        const auto done = [this](const bus::Failure& failure) {
            asked(failure);
        };
        if (options_.parts.empty())
            client_.request(method_, interactive, done);
        else
            client_.restart(options_.parts, interactive, done);
        return loop_.run();
    }

private:
    double elapsed() const { return monotonicSeconds() - begin_; }

    void look(const std::string& description) {
        const std::string lines = progress_.update(parseDescription(description), elapsed());
        if (!options_.json)
            std::cout << lines << std::flush;
        if (!queued_)
            return;
        if (const auto code = progress_.outcome()) {
            if (!options_.json)
                (*code == 0 ? std::cout : std::cerr) << progress_.verdict(elapsed());
            end(*code);
        }
    }

    void asked(const bus::Failure& failure) {
        if (!failure.name.empty()) {
            fail(std::string(method_) + ": " + failure.text, exitCodeOf(failure.name));
        } else if (options_.noWait) {
            if (options_.json)
                std::cout << nlohmann::ordered_json({{"ok", true}, {"queued", true}}).dump(2) << "\n";
            loop_.exit(EXIT_SUCCESS);
        } else {
            queued_ = true;
            // Counted from here: a person's search for the password is no delay of the stack.
            patience_.arm(std::chrono::microseconds(static_cast<std::int64_t>(options_.timeout * 1e6)));
            client_.refresh();
        }
    }

    void fail(const std::string& error, int code = EXIT_FAILURE) {
        std::cerr << "stinkyctl: " << error << "\n";
        if (options_.json)
            std::cout << failureJson(error).dump(2) << "\n";
        loop_.exit(code);
    }

    void end(int code) {
        if (options_.json)
            std::cout << progress_.json(elapsed()).dump(2) << "\n";
        else if (code != EXIT_SUCCESS)
            for (const std::string& unit : progress_.toBlame())
                std::cerr << lastLines(unit, wallBegin_, blameLines, options_.where.host);
        loop_.exit(code);
    }

    const char* method_;
    const Options& options_;
    Screen screen_;
    EventLoop loop_;
    Client client_;
    Progress progress_;
    double begin_;     ///< seconds of CLOCK_MONOTONIC
    double wallBegin_; ///< seconds since 1970
    bool queued_ = false;
    Timer patience_;
};

} // namespace

// As translate_bus_error_to_exit_status() of systemctl-util.c has them.
int exitCodeOf(const std::string& errorName) {
    if (errorName == SD_BUS_ERROR_ACCESS_DENIED ||
        errorName == SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED)
        return exitNoPermission;
    if (errorName == core::unknownUnitError || errorName == "org.freedesktop.systemd1.NoSuchUnit")
        return exitNotInstalled;
    return EXIT_FAILURE;
}

int change(const char* method, Goal goal, const Options& options) {
    try {
        return Change(method, goal, options).run();
    } catch (const Error& e) {
        // Where it began to wait for JSON a script gets some, and the text all the same.
        if (options.json)
            std::cout << failureJson(e.what()).dump(2) << "\n";
        throw;
    }
}

} // namespace stinky::ctl
