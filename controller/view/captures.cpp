#include "view/captures.h"

#include "common/fd.h"
#include "common/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>
#include <variant>

namespace stinky::view {
namespace {

constexpr std::size_t mostCaptures = 1000;
constexpr std::size_t mostPerLook = 512 * 1024;
constexpr std::size_t longestLine = 4096;
constexpr std::size_t longestName = 64;
constexpr double lookInterval = 0.5;

} // namespace

std::vector<Capture> listCaptures(const std::string& directory) {
    std::vector<Capture> captures;
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(directory.c_str()), closedir);
    while (const dirent* entry = entries ? readdir(entries.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        struct stat st = {};
        if (name.front() == '.' || !name.ends_with(".wiglecsv") || captures.size() >= mostCaptures ||
            fstatat(dirfd(entries.get()), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            !S_ISREG(st.st_mode))
            continue;
        captures.push_back({entry->d_name, static_cast<std::uint64_t>(st.st_size), st.st_mtime});
    }
    std::ranges::sort(captures, [](const Capture& a, const Capture& b) {
        return a.modified != b.modified ? a.modified > b.modified : a.name > b.name;
    });
    return captures;
}

Json diskJson(const std::string& directory) {
    Json json = {{"path", directory},
                 {"free_bytes", nullptr},
                 {"total_bytes", nullptr},
                 {"captures", nullptr},
                 {"capture_bytes", nullptr}};
    struct statvfs st = {};
    if (statvfs(directory.c_str(), &st) < 0)
        return json;
    json["free_bytes"] = st.f_bavail * st.f_frsize;
    json["total_bytes"] = st.f_blocks * st.f_frsize;
    const std::vector<Capture> captures = listCaptures(directory);
    json["captures"] = captures.size();
    json["capture_bytes"] =
        std::accumulate(captures.begin(), captures.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const Capture& c) { return sum + c.bytes; });
    return json;
}

void AccessPoints::look(double now) {
    if (now - looked_ < lookInterval && !behind_)
        return;
    looked_ = now;
    behind_ = false;
    const std::vector<Capture> captures = listCaptures(directory_);
    if (captures.empty())
        return;
    const Capture& newest = captures.front();
    if (newest.name != name_ || newest.bytes < offset_) {
        name_ = newest.name;
        offset_ = 0;
        rest_.clear();
        reader_ = {};
        points_.clear();
    }
    const Fd file(::open((directory_ + "/" + name_).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    std::string text(mostPerLook, '\0');
    const ssize_t n = file ? pread(file.get(), text.data(), text.size(), static_cast<off_t>(offset_)) : -1;
    if (n <= 0)
        return;
    offset_ += static_cast<std::uint64_t>(n);
    behind_ = offset_ < newest.bytes;
    text.resize(static_cast<std::size_t>(n));
    text.insert(0, std::exchange(rest_, {}));
    std::string_view left = text;
    for (std::size_t end = 0; (end = left.find('\n')) != std::string_view::npos; left.remove_prefix(end + 1))
        take(left.substr(0, end));
    if (left.size() < longestLine)
        rest_ = left;
}

void AccessPoints::take(std::string_view line) {
    const WigleReader::Result result = reader_.read(line);
    const WigleRow* row = std::get_if<WigleRow>(&result);
    if (row == nullptr || row->type != "WIFI")
        return;
    auto known = points_.find(row->bssid);
    if (known == points_.end()) {
        if (points_.size() >= mostAccessPoints)
            return;
        known = points_.emplace(row->bssid, AccessPoint()).first;
        known->second.bssid = row->bssid;
        known->second.firstSeen = row->firstSeen;
    }
    AccessPoint& point = known->second;
    point.ssid = displayText(row->ssid, longestName);
    point.security = displayText(row->authMode, longestName);
    point.channel = row->channel;
    point.frequencyMHz = row->frequencyMHz;
    point.lastSeen = row->firstSeen;
    ++point.rows;
    // 0: nobody knows how strong it was. Its place is better than none.
    const bool measured = row->rssi < 0;
    if (measured)
        point.rssi = row->rssi;
    if (measured ? point.bestRssi < 0 && row->rssi <= point.bestRssi : point.rows > 1)
        return;
    point.bestRssi = measured ? row->rssi : 0;
    point.latitude = row->latitude;
    point.longitude = row->longitude;
    point.accuracy = row->accuracy;
}

Json AccessPoints::json(std::size_t limit) const {
    std::vector<const AccessPoint*> list;
    for (const auto& [bssid, point] : points_)
        list.push_back(&point);
    std::ranges::stable_sort(list, [](const AccessPoint* a, const AccessPoint* b) {
        return std::make_pair(a->rssi < 0, a->rssi) > std::make_pair(b->rssi < 0, b->rssi);
    });
    Json points = Json::array();
    for (const AccessPoint* point : list) {
        if (points.size() >= limit)
            break;
        points.push_back({{"bssid", point->bssid.toString()},
                          {"ssid", point->ssid},
                          {"security", point->security},
                          {"channel", point->channel},
                          {"frequency_mhz", point->frequencyMHz},
                          {"rssi", point->rssi},
                          {"best_rssi", point->bestRssi},
                          {"latitude", point->latitude},
                          {"longitude", point->longitude},
                          {"accuracy", point->accuracy},
                          {"first_seen", point->firstSeen},
                          {"last_seen", point->lastSeen},
                          {"rows", point->rows}});
    }
    return {{"total", points_.size()},
            {"behind", behind_},
            {"capture", name_},
            {"access_points", std::move(points)}};
}

} // namespace stinky::view
