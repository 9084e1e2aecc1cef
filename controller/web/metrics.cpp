#include "web/metrics.h"

#include <fmt/format.h>

#include <string_view>

#include "view/json_field.h"

namespace stinky::web {
namespace {

using json = nlohmann::ordered_json;

class Writer {
public:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
        name_ = name;
    }

    void value(double value) { text_ += fmt::format("{} {}\n", name_, value); }

    void value(std::initializer_list<std::pair<std::string_view, std::string_view>> labels, double value) {
        text_ += name_ + "{";
        bool first = true;
        for (const auto& [name, content] : labels) {
            text_ += fmt::format("{}{}=\"{}\"", first ? "" : ",", name, escaped(content));
            first = false;
        }
        text_ += fmt::format("}} {}\n", value);
    }

    std::string take() { return std::move(text_); }

private:
    static std::string escaped(std::string_view text) {
        std::string result;
        for (const char c : text) {
            if (c == '\\' || c == '"')
                result += '\\';
            if (c == '\n')
                result += "\\n";
            else
                result += c;
        }
        return result;
    }

    std::string text_;
    std::string name_;
};

/// Every number that a part counts, nested ones with a dot: "frames_rejected.short".
void values(Writer& writer, const std::string& part, const std::string& prefix, const json& counters,
            int depth) {
    for (const auto& [key, value] : counters.items()) {
        if (value.is_number())
            writer.value({{"part", part}, {"name", prefix + key}}, value.get<double>());
        else if (value.is_object() && depth < 3)
            values(writer, part, prefix + key + ".", value, depth + 1);
    }
}

void parts(Writer& writer, const json& description) {
    const json none = json::array();
    const auto found = description.find("parts");
    const json& all = found == description.end() ? none : *found;
    writer.family("stinky_part_ok", "gauge", "1 when the part reports that its data flows.");
    for (const json& part : all)
        writer.value({{"part", view::textField(part, "part")}},
                     view::textField(part, "state") == "ok" && !part.value("stale", false) ? 1 : 0);
    writer.family("stinky_part_input_age_seconds", "gauge", "Since the part last took something in.");
    for (const json& part : all)
        if (part.contains("input_age_s") && part["input_age_s"].is_number())
            writer.value({{"part", view::textField(part, "part")}},
                         view::numberField(part, "input_age_s").value_or(0));
    writer.family("stinky_part_output_age_seconds", "gauge", "Since the part last put something out.");
    for (const json& part : all)
        if (part.contains("output_age_s") && part["output_age_s"].is_number())
            writer.value({{"part", view::textField(part, "part")}},
                         view::numberField(part, "output_age_s").value_or(0));
    writer.family("stinky_part_value", "untyped", "What the part counts and knows, by its own names.");
    for (const json& part : all)
        if (part.contains("counters") && part["counters"].is_object())
            values(writer, view::textField(part, "part"), "", part["counters"], 0);
}

void units(Writer& writer, const json& description) {
    const json none = json::array();
    const auto found = description.find("units");
    const json& all = found == description.end() ? none : *found;
    writer.family("stinky_unit_active", "gauge", "1 when systemd says that the unit is active.");
    for (const json& unit : all)
        writer.value({{"unit", view::textField(unit, "name")}},
                     view::textField(unit, "active_state") == "active" ? 1 : 0);
    writer.family("stinky_unit_restarts", "gauge",
                  "Restarts of the unit since it was last started by hand.");
    for (const json& unit : all)
        writer.value({{"unit", view::textField(unit, "name")}},
                     view::numberField(unit, "restarts").value_or(0));
}

void gpsMetrics(Writer& writer, const GpsState& gps, double monotonic) {
    const auto fix = freshPosition(gps, monotonic);
    writer.family("stinky_gps_fix_mode", "gauge", "0 no position, 2 without, 3 with altitude.");
    writer.value(fix ? fix->mode : 0);
    writer.family("stinky_gps_receivers", "gauge", "Receivers that gpsd reads.");
    writer.value(static_cast<double>(gps.devices.size()));
    writer.family("stinky_gps_satellites_used", "gauge", "Satellites in the fix.");
    writer.value(gps.satellitesUsed);
    writer.family("stinky_gps_satellites_seen", "gauge", "Satellites heard or expected.");
    writer.value(gps.satellitesSeen);
    if (fix && fix->eph) {
        writer.family("stinky_gps_error_meters", "gauge", "Estimated horizontal error.");
        writer.value(*fix->eph);
    }
}

} // namespace

std::string metrics(const json& description, const GpsState& gps, const AccessPointList& list,
                    const WebCounts& counts, double monotonic) {
    Writer writer;
    writer.family("stinky_build_info", "gauge", "The version, always 1.");
    writer.value({{"version", STINKY_VERSION}}, 1);
    writer.family("stinky_state", "gauge", "1 for the state that the sensor is in.");
    for (const char* state : {"inactive", "starting", "running", "degraded", "stopping", "failed"})
        writer.value({{"state", state}}, view::textField(description, "state") == state ? 1 : 0);
    units(writer, description);
    parts(writer, description);
    gpsMetrics(writer, gps, monotonic);
    writer.family("stinky_access_points", "gauge", "Access points and other devices in the list.");
    writer.value(static_cast<double>(list.size()));
    writer.family("stinky_access_points_seen_total", "counter", "New ones since the controller started.");
    writer.value(static_cast<double>(list.added()));
    writer.family("stinky_capture_rows_total", "counter",
                  "Rows read from captures since the controller started.");
    writer.value(static_cast<double>(list.taken()));
    writer.family("stinky_http_requests_total", "counter", "HTTP requests answered.");
    writer.value(static_cast<double>(counts.requests));
    writer.family("stinky_http_requests_refused_total", "counter",
                  "HTTP requests refused for who asked, or how.");
    writer.value(static_cast<double>(counts.refused));
    writer.family("stinky_http_connections", "gauge", "Open HTTP connections.");
    writer.value(static_cast<double>(counts.connections));
    writer.family("stinky_http_live_clients", "gauge", "Clients of the event stream.");
    writer.value(static_cast<double>(counts.liveClients));
    return writer.take();
}

} // namespace stinky::web
