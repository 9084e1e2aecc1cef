#include "web/routes.h"

#include <charconv>

namespace stinky::web {
namespace {

bool isWord(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._-\\:") ==
               std::string_view::npos;
}

} // namespace

std::optional<LogQuery> Web::logQuery(const Request& request, bool& follow, std::string& why) const {
    LogQuery query;
    const auto number = [](std::string_view text, auto low, auto high, auto& target) {
        auto value = low;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high))
            return false;
        target = value;
        return true;
    };
    for (const auto& [name, value] : request.query) {
        bool good = false;
        double since = 0;
        if (name == "part") {
            query.part = value;
            good = isWord(value, 64);
        } else if (name == "priority") {
            good = number(value, 0, 7, query.priority);
        } else if (name == "since") {
            good = number(value, 0.0, 1e11, since);
            query.since = static_cast<std::uint64_t>(since * 1e6);
        } else if (name == "limit") {
            good = number(value, std::size_t{1}, std::size_t{1000}, query.limit);
        } else if (name == "follow") {
            good = value == "yes" || value == "no";
            follow = value == "yes";
        } else {
            why = name + ": no such parameter";
            return {};
        }
        if (!good) {
            why = name + ": this value cannot be";
            return {};
        }
    }
    return query;
}

Response Web::logsRoute(const Request& request, const std::string&) {
    bool follow = false;
    std::string why;
    const auto query = logQuery(request, follow, why);
    if (!query)
        return problem(400, why);
    if (follow)
        return followLog(request, *query);
    Json records = Json::array();
    for (const LogRecord& record : readLog(*query, places_.journal))
        records.push_back(toJson(record));
    return json(200, {{"records", std::move(records)}});
}

Response Web::followLog(const Request& request, const LogQuery& query) {
    if (!follower_)
        follower_ = std::make_unique<LogFollower>(loop_, places_.journal, [this](const LogRecord& record) {
            logEvents_.publish("log", dump(toJson(record)), record.part, record.priority);
        });
    std::string greeting;
    if (request.headers.lastEventId.empty())
        for (const LogRecord& record : readLog(query, places_.journal))
            greeting += EventHub::event("log", dump(toJson(record)));
    Response response;
    response.type = "text/event-stream";
    response.stream = logEvents_.subscribe(
        request.headers.lastEventId, std::move(greeting),
        [part = query.part, most = query.priority](std::string_view, std::string_view of, int priority) {
            return priority <= most && (part.empty() || of == part);
        });
    beat_.arm(beatEvery_);
    return response;
}

} // namespace stinky::web
