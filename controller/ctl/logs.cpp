#include "ctl/logs.h"

#include "common/error.h"
#include "core/world.h"
#include "ctl/text_table.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <sys/epoll.h>

#include <ctime>
#include <iostream>

namespace stinky::ctl {
namespace {

constexpr int worstOfWarnings = 4;
constexpr int worstOfErrors = 3;
constexpr std::size_t mostAtOnce = 1000;

std::string timeOf(double seconds) {
    const auto whole = static_cast<std::time_t>(seconds);
    std::tm local = {};
    localtime_r(&whole, &local);
    return fmt::format("{:%b %d %H:%M:%S}", local);
}

void print(const std::vector<view::LogRecord>& records, bool json, bool colour) {
    for (const view::LogRecord& record : records)
        std::cout << (json ? view::dumped(view::toJson(record)) + "\n" : logLine(record, colour));
    std::cout << std::flush;
}

/// Those that the controller knows, instances among them; none where it does not answer: its journal may be
/// what one looks for.
std::vector<std::string> knownUnits(const Client::Where& where) {
    try {
        EventLoop loop;
        return unitsIn(parseDescription(Client(loop, where).describeIfThere()));
    } catch (const Error&) {
        return {};
    }
}

} // namespace

std::vector<std::string> unitsOfName(const std::string& name, const std::vector<std::string>& known) {
    std::vector<std::string> units;
    for (const std::string& unit : known)
        if (unit == name || core::shortName(unit) == name || core::partNameOf(unit) == name ||
            core::kindOf(unit) == name)
            units.push_back(unit);
    if (!units.empty())
        return units;
    if (name.find('.') != std::string::npos)
        return {name};
    return {(name.starts_with("stinky-") ? name : "stinky-" + name) + ".service"};
}

std::vector<std::string> unitsIn(const StatusView& view) {
    std::vector<std::string> units;
    for (const UnitLine& unit : view.units)
        // Devices are others', and what systemd says of them is no record of the sensor.
        if (unit.name.starts_with("stinky-") || unit.name.starts_with("stinky."))
            units.push_back(unit.name);
    return units;
}

std::string logLine(const view::LogRecord& record, bool colour) {
    const std::string state = record.priority <= worstOfErrors     ? "failed"
                              : record.priority <= worstOfWarnings ? "warning"
                                                                   : "";
    return fmt::format("{} {}: {}\n", timeOf(record.time), partName(record.unit),
                       coloured(record.message, state, colour));
}

int logs(const Options& options) {
    view::Journal journal;
    view::LogQuery query;
    query.known = knownUnits(options.where);
    for (const std::string& part : options.parts)
        for (const std::string& unit : unitsOfName(part, query.known))
            query.units.push_back(unit);
    query.limit = options.lines;
    query.priority = options.priority;
    const bool colour = screenOfStdout().colour;
    const std::vector<view::LogRecord> first = journal.read(query);
    print(first, options.json, colour);
    if (!options.follow) {
        if (first.empty())
            std::cerr
                << "no records since the boot; the journal is readable for root and the groups adm and "
                   "systemd-journal\n";
        return EXIT_SUCCESS;
    }
    EventLoop loop;
    loop.exitOnSignals();
    query.limit = mostAtOnce;
    double since = first.empty() ? static_cast<double>(std::time(nullptr)) : first.back().time;
    query.after = first.empty() ? "" : first.back().cursor;
    const EventSource source = loop.addIo(journal.fd(), EPOLLIN, "journal", [&](std::uint32_t) {
        journal.changed();
        if (query.after.empty())
            query.since = since;
        const std::vector<view::LogRecord> records = journal.read(query);
        if (!records.empty())
            query.after = records.back().cursor;
        print(records, options.json, colour);
    });
    return loop.run();
}

std::string lastLines(const std::string& unit, double since, std::size_t count, const std::string& host) {
    const std::string part = partName(unit);
    if (!host.empty())
        return fmt::format("its journal: ssh {} stinkyctl logs {}\n", host, part);
    std::string lines;
    try {
        view::LogQuery query;
        query.units = {unit};
        query.limit = count;
        query.since = since;
        for (const view::LogRecord& record : view::Journal().read(query))
            lines += "  " + logLine(record, false);
    } catch (const Error& e) {
        return std::string("its journal cannot be read: ") + e.what() + "\n";
    }
    return lines.empty() ? fmt::format("its journal: sudo stinkyctl logs {}\n", part)
                         : fmt::format("the last of the journal of {}:\n{}", part, lines);
}

} // namespace stinky::ctl
