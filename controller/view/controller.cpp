#include "view/controller.h"

#include "common/log.h"

namespace stinky::view {

Controller::Controller(EventLoop& loop, core::Machine& machine, Places places)
    : machine_(machine),
      places_(std::move(places)),
      feed_(loop, places_.gpsd, [this] { tell(snapshot(), snapshot()); }),
      accessPoints_(places_.captures) {
    machine.observe(
        [this](const core::Snapshot& before, const core::Snapshot& after) { tell(before, after); });
}

void Controller::tell(const core::Snapshot& before, const core::Snapshot& after) {
    for (const Observer& observer : observers_)
        observer({before, after});
}

Json Controller::describe() {
    feed_.wanted();
    Json all = view::describe(snapshot(), feed_.state(), machine_.now());
    all["disk"] = disk();
    return all;
}

Json Controller::gps() {
    feed_.wanted();
    return gpsNow();
}

const GpsState* Controller::gpsState() {
    feed_.wanted();
    return feed_.state();
}

Json Controller::gpsNow() const {
    return gpsJson(snapshot(), feed_.state(), machine_.now());
}

Json Controller::accessPoints(std::size_t limit) {
    return accessPointTable().json(limit);
}

const AccessPoints& Controller::accessPointTable() {
    accessPoints_.look(machine_.now());
    return accessPoints_;
}

std::vector<LogRecord> Controller::logs(LogQuery query) {
    for (std::string& name : query.units)
        if (const core::UnitView* unit = findUnit(snapshot().world, name))
            name = unit->name;
    if (!journal_)
        journal_.emplace();
    else
        journal_->changed();
    return journal_->read(query);
}

void Controller::request(core::Request request, const std::string& caller, core::Machine::Answer answer) {
    log::info("request", std::string(toString(request)) + " was asked for", {{"STINKY_CALLER", caller}});
    machine_.request(request, std::move(answer));
}

void Controller::restartUnits(const std::vector<std::string>& names, const std::string& caller,
                              core::Machine::TicketsAnswer answer) {
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "" : ", ") + name;
    log::info("request", "restart of " + list + " was asked for", {{"STINKY_CALLER", caller}});
    machine_.restartUnits(names, std::move(answer));
}

} // namespace stinky::view
