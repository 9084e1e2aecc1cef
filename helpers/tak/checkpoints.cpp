#include "tak/checkpoints.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "tak/tracks.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace stinky::tak {
namespace {

constexpr std::size_t mostCheckpoints = 256;

} // namespace

Checkpoints::Checkpoints(std::string path) : path_(std::move(path)) {
    if (path_.empty())
        return;
    try {
        all_ = parse(readFile(path_));
    } catch (const Error&) {
        all_.clear();
    }
}

std::vector<Checkpoint> Checkpoints::parse(const std::string& text) {
    std::vector<Checkpoint> all;
    try {
        const nlohmann::json json = nlohmann::json::parse(text);
        for (const auto& each : json.at("checkpoints")) {
            Checkpoint checkpoint{each.at("time").get<double>(),
                                  {each.at("file").get<std::string>(), each.at("inode").get<std::uint64_t>(),
                                   each.at("offset").get<std::int64_t>()}};
            if (checkpoint.position.offset < 0 || all.size() == mostCheckpoints)
                return {};
            all.push_back(std::move(checkpoint));
        }
    } catch (const nlohmann::json::exception&) {
        return {};
    }
    return all;
}

std::string Checkpoints::text() const {
    nlohmann::json list = nlohmann::json::array();
    for (const Checkpoint& each : all_)
        list.push_back({{"time", each.time},
                        {"file", each.position.path},
                        {"inode", each.position.inode},
                        {"offset", each.position.offset}});
    return nlohmann::json{{"checkpoints", list}}.dump(-1, ' ', false,
                                                      nlohmann::json::error_handler_t::replace) +
           "\n";
}

void Checkpoints::add(const Checkpoint& checkpoint) {
    // The last one that is older than that bounds those after it.
    const auto current = std::find_if(all_.begin(), all_.end(), [&](const Checkpoint& each) {
        return each.time > checkpoint.time - staleSeconds;
    });
    if (current - all_.begin() > 1)
        all_.erase(all_.begin(), current - 1);
    if (all_.size() == mostCheckpoints)
        all_.erase(all_.begin());
    all_.push_back(checkpoint);
    if (!path_.empty())
        writeFileAtomically(path_, text(), 0640);
}

} // namespace stinky::tak
