#include "web/routes.h"

#include "view/json_field.h"

namespace stinky::web {

std::vector<view::LogRecord> Web::readLog(const LogQuery& query) {
    std::vector<std::string> units;
    for (const Json& unit : view::arrayField(description(), "units"))
        units.push_back(unit.value("name", ""));
    return logReader_.read(query, units);
}

Response Web::logsRoute(const Request& request, const std::string&) {
    std::string why;
    const auto query = parseLogQuery(request.query, why);
    if (!query)
        return problem(400, why);
    if (query->follow)
        return followLog(request, *query);
    Json records = Json::array();
    for (const view::LogRecord& record : readLog(*query))
        records.push_back(logJson(record));
    return json(200, {{"records", std::move(records)}});
}

Response Web::followLog(const Request& request, const LogQuery& query) {
    if (!follower_)
        follower_ = std::make_unique<LogFollower>(
            loop_, places_.journal,
            [this](const view::LogRecord& record) {
                logEvents_.publish("log", dump(logJson(record)), partOf(record), record.priority);
            },
            [this](const std::string& why) {
                note("web-log", why);
                // Who follows comes back, and finds it opened anew.
                logEvents_.endAll();
                endFollower();
            });
    Response response;
    response.type = "text/event-stream";
    response.stream = logEvents_.subscribe(
        request.headers.lastEventId,
        [this, query] {
            std::string records;
            for (const view::LogRecord& record : readLog(query))
                records += EventHub::event("log", dump(logJson(record)));
            return records;
        },
        [part = query.part, most = query.priority](std::string_view, std::string_view of, int priority) {
            return priority <= most && (part.empty() || isOfPart(of, part));
        });
    startBeating();
    return response;
}

void Web::endFollower() {
    follower_.reset();
    // What is written from now on is not published: who comes back with an id must read anew.
    logEvents_.forget();
}

} // namespace stinky::web
