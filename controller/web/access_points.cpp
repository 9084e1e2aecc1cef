#include "web/access_points.h"

#include "common/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>

namespace stinky::web {
namespace {

constexpr std::size_t mostPerPage = 5000;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool containsIgnoringCase(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

template <typename Number>
std::optional<Number> numberWithin(std::string_view text, Number low, Number high) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // Written so that NaN is refused.
    if (error != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high))
        return {};
    return value;
}

template <typename Number, typename Target>
bool put(std::string_view text, Number low, Number high, Target& target) {
    const auto value = numberWithin<Number>(text, low, high);
    if (value)
        target = *value;
    return value.has_value();
}

bool oneOf(std::string_view text, std::initializer_list<std::string_view> words, std::string& target) {
    target = text;
    return std::find(words.begin(), words.end(), text) != words.end();
}

using Sort = AccessPointQuery::Sort;

struct SortName {
    std::string_view name;
    Sort sort;
    bool descending; ///< unless the client says otherwise
};

constexpr std::array<SortName, 9> sortNames = {{{"last_seen", Sort::lastSeen, true},
                                                {"ssid", Sort::ssid, false},
                                                {"bssid", Sort::bssid, false},
                                                {"channel", Sort::channel, false},
                                                {"rssi", Sort::rssi, true},
                                                {"best_rssi", Sort::bestRssi, true},
                                                {"first_seen", Sort::firstSeen, true},
                                                {"security", Sort::security, false},
                                                {"sightings", Sort::sightings, true}}};

bool putSort(std::string_view text, AccessPointQuery& query) {
    for (const SortName& known : sortNames)
        if (known.name == text) {
            query.sort = known.sort;
            query.descending = known.descending;
            return true;
        }
    return false;
}

/// False for a bad value; nothing for an unknown name.
std::optional<bool> putOne(const std::string& name, const std::string& value, AccessPointQuery& query) {
    if (name == "limit")
        return put<std::size_t>(value, 1, mostPerPage, query.limit);
    if (name == "offset")
        return put<std::size_t>(value, 0, 1000000, query.offset);
    if (name == "sort")
        return putSort(value, query);
    if (name == "order")
        return value == "asc" || value == "desc";
    if (name == "q") {
        query.text = value;
        return value.size() <= 64;
    }
    if (name == "channel")
        return put(value, 0, 233, query.channel);
    if (name == "min_rssi")
        return put(value, -200, 0, query.minRssi);
    if (name == "seen_within")
        return put(value, 0.0, 1e7, query.seenWithin);
    if (name == "security")
        return oneOf(value, {"open", "wep", "wpa", "wpa2", "wpa3"}, query.security);
    if (name == "type")
        return oneOf(value, {"wifi", "bt", "ble"}, query.type);
    return {};
}

/// For an order and a limit: what nobody measured is no strength at all.
int strength(int rssi) {
    return rssi < 0 ? rssi : std::numeric_limits<int>::min();
}

bool matches(const AccessPoint& point, const AccessPointQuery& query, double wall) {
    if (query.channel && point.channel != *query.channel)
        return false;
    if (query.minRssi && strength(point.rssi) < *query.minRssi)
        return false;
    if (query.seenWithin && wall - point.lastSeen > *query.seenWithin)
        return false;
    if (!query.security.empty() && point.security != query.security)
        return false;
    if (!query.type.empty() && !std::equal(point.type.begin(), point.type.end(), query.type.begin(),
                                           query.type.end(), [](char a, char b) { return lower(a) == b; }))
        return false;
    return query.text.empty() || containsIgnoringCase(point.ssid, query.text) ||
           containsIgnoringCase(point.bssid.toString(), query.text);
}

/// Below zero when `a` comes first in ascending order.
int compare(const AccessPoint& a, const AccessPoint& b, Sort sort) {
    const auto order = [](const auto& x, const auto& y) {
        return x < y ? -1 : y < x ? 1 : 0;
    };
    switch (sort) {
    case Sort::ssid:
        return order(a.ssid, b.ssid);
    case Sort::channel:
        return order(a.channel, b.channel);
    case Sort::rssi:
        return order(strength(a.rssi), strength(b.rssi));
    case Sort::bestRssi:
        return order(strength(a.bestRssi), strength(b.bestRssi));
    case Sort::firstSeen:
        return order(a.firstSeen, b.firstSeen);
    case Sort::security:
        return order(a.security, b.security);
    case Sort::sightings:
        return order(a.sightings, b.sightings);
    case Sort::lastSeen:
        return order(a.lastSeen, b.lastSeen);
    case Sort::bssid:
        break;
    }
    return order(a.bssid, b.bssid);
}

} // namespace

bool AccessPointList::take(const WigleRow& row, double wall) {
    ++taken_;
    auto found = index_.find(row.bssid);
    const bool isNew = found == index_.end();
    if (isNew) {
        if (index_.size() >= capacity_) {
            index_.erase(order_.back().bssid);
            changed_.erase(order_.back().bssid);
            order_.pop_back();
        }
        order_.emplace_front();
        order_.front().bssid = row.bssid;
        order_.front().firstSeen = displayText(row.firstSeen, 19);
        found = index_.emplace(row.bssid, order_.begin()).first;
        ++added_;
    } else {
        order_.splice(order_.begin(), order_, found->second);
    }
    AccessPoint& point = *found->second;
    if (!row.ssid.empty())
        point.ssid = displayText(row.ssid, 64);
    point.security = securityOf(row.authMode);
    point.type = displayText(row.type, 8);
    point.channel = row.channel;
    point.frequencyMHz = row.frequencyMHz;
    // A row without a strength (0, WigleRow) says nothing of how near the access point is.
    const bool measured = row.rssi < 0;
    if (measured)
        point.rssi = row.rssi;
    if (measured ? strength(row.rssi) >= strength(point.bestRssi) : point.bestRssi == 0) {
        point.bestRssi = measured ? row.rssi : 0;
        point.latitude = row.latitude;
        point.longitude = row.longitude;
        point.accuracy = row.accuracy;
    }
    point.lastSeen = wall;
    ++point.sightings;
    changed_.insert(row.bssid);
    return isNew;
}

std::vector<const AccessPoint*> AccessPointList::takeChanged(std::size_t most) {
    std::vector<const AccessPoint*> taken;
    for (auto entry = changed_.begin(); entry != changed_.end() && taken.size() < most;) {
        taken.push_back(&*index_.at(*entry));
        entry = changed_.erase(entry);
    }
    return taken;
}

std::optional<AccessPointQuery> parseAccessPointQuery(const Parameters& query, std::string& why) {
    AccessPointQuery parsed;
    std::string order;
    for (const auto& [name, value] : query) {
        const auto taken = putOne(name, value, parsed);
        if (!taken || !*taken) {
            why = taken ? name + ": this value cannot be" : name + ": no such parameter";
            return {};
        }
        if (name == "order")
            order = value;
    }
    if (!order.empty())
        parsed.descending = order == "desc";
    return parsed;
}

AccessPointPage select(const AccessPointList& list, const AccessPointQuery& query, double wall) {
    AccessPointPage page;
    std::vector<const AccessPoint*> found;
    for (const AccessPoint& point : list.all())
        if (matches(point, query, wall))
            found.push_back(&point);
    page.matched = found.size();
    const std::size_t begin = std::min(query.offset, found.size());
    const std::size_t end = std::min(begin + query.limit, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(end), found.end(),
                      [&](const AccessPoint* a, const AccessPoint* b) {
                          const int difference = compare(*a, *b, query.sort);
                          // The BSSID makes pages of equal ones hang together.
                          if (difference == 0)
                              return a->bssid < b->bssid;
                          return query.descending ? difference > 0 : difference < 0;
                      });
    page.items.assign(found.begin() + static_cast<std::ptrdiff_t>(begin),
                      found.begin() + static_cast<std::ptrdiff_t>(end));
    return page;
}

std::string securityOf(std::string_view authMode) {
    if (authMode.find("WPA3") != std::string_view::npos || authMode.find("SAE") != std::string_view::npos)
        return "wpa3";
    if (authMode.find("WPA2") != std::string_view::npos || authMode.find("RSN") != std::string_view::npos)
        return "wpa2";
    if (authMode.find("WPA") != std::string_view::npos)
        return "wpa";
    if (authMode.find("WEP") != std::string_view::npos)
        return "wep";
    return authMode.find("ESS") != std::string_view::npos || authMode.find("OPEN") != std::string_view::npos
               ? "open"
               : "?";
}

nlohmann::ordered_json toJson(const AccessPoint& point) {
    return {{"bssid", point.bssid.toString()},
            {"ssid", point.ssid},
            {"security", point.security},
            {"type", point.type},
            {"channel", point.channel},
            {"frequency_mhz", point.frequencyMHz},
            {"rssi", point.rssi},
            {"best_rssi", point.bestRssi},
            {"latitude", point.latitude},
            {"longitude", point.longitude},
            {"accuracy_m", point.accuracy},
            {"first_seen", point.firstSeen},
            {"last_seen", std::round(point.lastSeen)},
            {"sightings", point.sightings}};
}

nlohmann::ordered_json toGeoJson(const AccessPoint& point) {
    return {{"type", "Feature"},
            {"geometry", {{"type", "Point"}, {"coordinates", {point.longitude, point.latitude}}}},
            {"properties", toJson(point)}};
}

} // namespace stinky::web
