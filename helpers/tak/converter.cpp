#include "tak/converter.h"

#include "common/error.h"
#include "common/log.h"
#include "tak/cot.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>

namespace stinky::tak {
namespace {

constexpr std::size_t mostTracks = 20000;

std::vector<UdpOutput> openOutputs(const Config& config) {
    std::vector<UdpOutput> outputs;
    for (const std::string& text : config.list("TAK_OUTPUTS"))
        outputs.emplace_back(OutputUrl::parse(text));
    return outputs;
}

std::string nodeName(const Config& config) {
    std::string name = config.text("NODE");
    if (!name.empty())
        return name;
    char host[256] = {};
    gethostname(host, sizeof host - 1);
    name = host;
    // The uid's own alphabet: a host name may hold dots.
    std::replace_if(
        name.begin(), name.end(),
        [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_'; },
        '-');
    return name.empty() ? "node" : name.substr(0, 63);
}

} // namespace

Converter::Converter(EventLoop& loop, const Config& config, const std::string& captures,
                     const std::string& status)
    : node_(nodeName(config)),
      captures_(captures),
      tracks_(mostTracks, std::chrono::duration<double>(staleAfter).count() / 2),
      outputs_(openOutputs(config)),
      toldProblems_(outputs_.size()),
      status_(loop, status, [this] { return report(); }),
      follower_(
          loop, captures, staleAfter, [this](const std::string& path) { onFile(path); },
          [this](std::string_view line) { onLine(line); }) {
    for (const UdpOutput& output : outputs_)
        log::info("output-opened", "sending to " + output.url(), {{"STINKY_OUTPUT", output.url()}});
    // Ready is to follow a capture or to wait for one: the status says which.
    status_.ready();
}

void Converter::onFile(const std::string& path) {
    file_ = path;
    reader_ = {};
    if (path.empty())
        log::info("capture-awaited", "no capture in " + captures_ + " yet: waiting for one");
    else
        log::info("capture-followed", "following " + path, {{"STINKY_FILE", path}});
    status_.changed();
}

void Converter::onLine(std::string_view line) {
    const auto result = reader_.read(line);
    if (const auto* reason = std::get_if<WigleReject>(&result)) {
        ++rejected_.at(static_cast<std::size_t>(*reason));
    } else if (const auto* row = std::get_if<WigleRow>(&result)) {
        ++rows_;
        lastRow_ = monotonicSeconds();
        if (row->type == "WIFI" && tracks_.due(*row, lastRow_))
            send(*row);
    }
    status_.counted();
}

void Converter::send(const WigleRow& row) {
    const std::string event = cotEvent(node_, row, std::chrono::system_clock::now());
    ++events_;
    bool news = lastSent_ == 0;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (outputs_[i].send(event))
            lastSent_ = monotonicSeconds();
        // The journal hears of a change, not of every datagram.
        const std::string& problem = outputs_[i].problem();
        if (toldProblems_[i] == problem)
            continue;
        if (problem.empty())
            log::info("output-works", "sending to " + outputs_[i].url() + " works again");
        else
            log::warning("output-failed", problem, {{"STINKY_OUTPUT", outputs_[i].url()}});
        toldProblems_[i] = problem;
        news = true;
    }
    if (news)
        status_.changed();
}

PartReport Converter::report() const {
    const double now = monotonicSeconds();
    PartReport report;
    report.part = "tak";
    const auto failing = std::find_if(outputs_.begin(), outputs_.end(),
                                      [](const UdpOutput& output) { return !output.problem().empty(); });
    if (failing != outputs_.end()) {
        report.state = PartState::degraded;
        report.reason = failing->problem();
    } else if (outputs_.empty()) {
        report.state = PartState::degraded;
        report.reason = "TAK_OUTPUTS= is empty: nothing is sent";
    } else if (file_.empty()) {
        report.state = PartState::waiting;
        report.reason = "waiting for a capture in " + captures_;
    } else if (events_ == 0) {
        report.state = PartState::waiting;
        report.reason = "waiting for access points";
    } else {
        report.state = PartState::ok;
        report.reason = "sending to " + std::to_string(outputs_.size()) +
                        (outputs_.size() == 1 ? " output" : " outputs");
    }
    if (lastRow_ > 0)
        report.inputAge = now - lastRow_;
    if (lastSent_ > 0)
        report.outputAge = now - lastSent_;
    nlohmann::json rejected = nlohmann::json::object();
    for (std::size_t i = 0; i < rejected_.size(); ++i)
        rejected[toString(static_cast<WigleReject>(i))] = rejected_.at(i);
    nlohmann::json outputs = nlohmann::json::array();
    for (const UdpOutput& output : outputs_)
        outputs.push_back({{"url", output.url()},
                           {"sent", output.sent()},
                           {"failed", output.failed()},
                           {"problem", output.problem()}});
    report.counters = {{"rows", rows_},     {"rows_rejected", rejected}, {"tracks", tracks_.size()},
                       {"events", events_}, {"outputs", outputs},        {"capture", file_}};
    return report;
}

} // namespace stinky::tak
