#include "web/request_parts.h"
#include "web/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "view/json_field.h"

namespace stinky::web {
namespace {

/// A file that was written this recently may be written on.
constexpr double captureGraceSeconds = 60;

bool isFresh(const Capture& capture) {
    return wallSeconds() - capture.modified < captureGraceSeconds;
}

/// A part that hangs does not report, and still has its file open.
bool runs(const Json& units, const Json& part) {
    return std::any_of(units.begin(), units.end(), [&](const Json& unit) {
        const std::string state = unit.value("active_state", "");
        return unit.contains("part") && unit["part"] == part && state != "inactive" && state != "failed";
    });
}

} // namespace

std::set<std::string> Web::openCaptures() {
    std::set<std::string> open;
    const Json& units = view::arrayField(description(), "units");
    for (const Json& part : view::arrayField(description(), "parts")) {
        const auto counters = part.find("counters");
        if (counters == part.end() || !counters->is_object() ||
            (part.value("stale", false) && !runs(units, part["part"])))
            continue;
        const std::string path = view::textField(*counters, "capture");
        open.insert(path.substr(path.rfind('/') + 1));
    }
    return open;
}

Response Web::capturesRoute(const Request&, const std::string&) {
    Json all = Json::array();
    const std::set<std::string> open = openCaptures();
    for (const Capture& capture : captures_.list())
        all.push_back({{"name", capture.name},
                       {"size", capture.size},
                       {"modified", std::round(capture.modified)},
                       {"open", isFresh(capture) || open.count(capture.name) > 0}});
    return json(200, {{"captures", std::move(all)}});
}

Response Web::captureDownload(const Request& request, const std::string& name) {
    auto opened = captures_.open(name);
    if (!opened)
        return problem(404, "there is no such capture");
    Response response;
    ByteRange range{0, opened->second == 0 ? 0 : opened->second - 1};
    const RangeKind kind = parseRange(request.headers.range, opened->second, range);
    if (kind == RangeKind::unsatisfiable) {
        response = problem(416, "the capture is shorter");
        response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", opened->second));
        return response;
    }
    response.type = name.ends_with(".wiglecsv") ? "text/csv" : "application/octet-stream";
    response.headers = {{"Content-Disposition", "attachment; filename=\"" + name + "\""},
                        {"Accept-Ranges", "bytes"}};
    if (kind == RangeKind::part) {
        response.status = 206;
        response.headers.emplace_back(
            "Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.last, opened->second));
    }
    response.file = FileBody{std::move(opened->first), range.first,
                             opened->second == 0 ? 0 : range.last - range.first + 1};
    return response;
}

Response Web::captureDelete(const Request&, const std::string& name) {
    const auto& all = captures_.list();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Capture& capture) { return capture.name == name; });
    if (found == all.end())
        return problem(404, "there is no such capture");
    if (isFresh(*found) || openCaptures().count(name) > 0)
        return problem(409, "it is being written; stop the survey first");
    if (!captures_.remove(name))
        return problem(404, "there is no such capture");
    return Response::of(204, "", "");
}

} // namespace stinky::web
