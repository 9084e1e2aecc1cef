#include "health/kismet_check.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <fmt/format.h>

#include <ctime>
#include <utility>

namespace stinky::health {
namespace {

constexpr const char* sourceFields =
    R"({"fields":["kismet.datasource.uuid","kismet.datasource.interface","kismet.datasource.running",)"
    R"("kismet.datasource.error","kismet.datasource.error_reason","kismet.datasource.num_packets"]})";
constexpr const char* systemFields =
    R"({"fields":["kismet.system.devices.count","kismet.system.memory.rss","kismet.system.version"]})";

// Of one look: a log started, and the ones before it stopped.
constexpr int mostCommands = 4;

} // namespace

KismetCheck::KismetCheck(EventLoop& loop, CheckOptions options)
    : options_(std::move(options)), client_(loop), keeper_(options_.captures, options_.rules) {}

void KismetCheck::look(Done done) {
    done_ = std::move(done);
    picture_ = {};
    commands_ = 0;
    if (user_.empty()) {
        try {
            const std::string login = readFile(options_.login, 4096);
            const std::size_t colon = login.find(':');
            user_ = login.substr(0, colon);
            password_ = colon == std::string::npos ? "" : login.substr(colon + 1);
            password_ = password_.substr(0, password_.find('\n'));
        } catch (const Error&) { // not made yet: Kismet refuses, and that is what is said
        }
    }
    ask(Question::alive);
}

void KismetCheck::send(HttpRequest request, const std::string& path,
                       std::function<void(const HttpAnswer&)> taken) {
    request.url = options_.url + path;
    request.timeout = options_.timeout;
    request.password = password_;
    client_.send(request, std::move(taken));
}

void KismetCheck::ask(Question question) {
    HttpRequest request;
    request.user = user_;
    std::string path;
    switch (question) {
    case Question::alive:
        // Needs no login: what answers here lives.
        path = "/system/user_status.json";
        request.user.clear();
        break;
    case Question::sources:
        path = "/datasource/all_sources.json";
        request.form = "json=" + HttpClient::escape(sourceFields);
        break;
    case Question::logs:
        path = "/logging/active.json";
        break;
    case Question::system:
        path = "/system/status.json";
        request.form = "json=" + HttpClient::escape(systemFields);
        break;
    case Question::gps:
        path = "/gps/all_gps.json";
        break;
    case Question::end:
        end();
        return;
    }
    send(std::move(request), path, [this, question](const HttpAnswer& answer) { take(question, answer); });
}

/// Gives Kismet the command that its logs need, and looks at them again.
void KismetCheck::keepLogs() {
    std::string command;
    try {
        command = commands_++ < mostCommands ? keeper_.next(*picture_.logs, std::time(nullptr)) : "";
    } catch (const Error& e) {
        picture_.withheld = e.what();
    }
    if (command.empty()) {
        if (picture_.withheld.empty())
            picture_.withheld = keeper_.withheld();
        ask(Question::system);
        return;
    }
    HttpRequest request;
    request.user = user_;
    // It is there again, or still, when the logs are read: that is how it is known.
    send(std::move(request), command, [this](const HttpAnswer&) { ask(Question::logs); });
}

void KismetCheck::take(Question question, const HttpAnswer& answer) {
    const bool needed = question == Question::alive || question == Question::sources;
    try {
        if (answer.status == 401) {
            picture_.refused = true;
            user_.clear();
        } else if (answer.status == 0) {
            picture_.problem = fmt::format("Kismet does not answer on {}: {}", options_.url, answer.problem);
        } else if (answer.status != 200) {
            // What an older Kismet does not tell is left open.
            if (needed)
                picture_.problem =
                    fmt::format("Kismet answers on {} with status {}", options_.url, answer.status);
        } else if (question == Question::sources) {
            picture_.sources = parseKismetSources(answer.body);
            packets_.observe(picture_.sources, monotonicSeconds());
        } else if (question == Question::logs) {
            picture_.logs = parseKismetLogs(answer.body);
        } else if (question == Question::system) {
            picture_.system = parseKismetSystem(answer.body);
        } else if (question == Question::gps) {
            picture_.gps = parseKismetGps(answer.body);
        }
    } catch (const Error& e) {
        picture_.problem = e.what();
    }
    const bool over = picture_.refused || !picture_.problem.empty();
    if (!over && question == Question::logs && picture_.logs) {
        keepLogs();
        return;
    }
    ask(over ? Question::end : static_cast<Question>(static_cast<int>(question) + 1));
}

void KismetCheck::end() {
    const double now = monotonicSeconds();
    std::exchange(done_, nullptr)(
        judgeKismet(picture_, packets_, now, static_cast<double>(options_.silence.count())));
}

} // namespace stinky::health
