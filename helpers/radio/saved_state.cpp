#include "radio/saved_state.h"

#include "common/error.h"
#include "common/nl80211.h"

#include <linux/nl80211.h>
#include <nlohmann/json.hpp>

#include <net/if.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace stinky::radio {
namespace {

constexpr int version = 1;
// "driver:" and the name of a kernel module.
constexpr std::size_t longestSelector = 128;
constexpr std::size_t mostOthers = 64;

// P2P devices and what follows in the enumeration have no network interface that could be saved.
std::optional<std::uint32_t> typeFromName(const std::string& name) {
    for (std::uint32_t type = NL80211_IFTYPE_ADHOC; type < NL80211_IFTYPE_P2P_DEVICE; ++type)
        if (wifiTypeName(type) == name)
            return type;
    return std::nullopt;
}

/// Typed access to the fields of one file, with errors that name the file and the field.
class Fields {
public:
    Fields(const nlohmann::json& json, const std::string& path) : json_(json), path_(path) {}

    [[noreturn]] void refuse(const std::string& why) const {
        throw Error("read saved state", path_,
                    why + "; put the card back by hand (iw dev, ip link) and delete the file");
    }

    const nlohmann::json& at(const char* key) const {
        const auto found = json_.find(key);
        if (found == json_.end())
            refuse(std::string("field \"") + key + "\" is missing");
        return *found;
    }

    std::string text(const char* key, std::size_t longest, std::size_t shortest = 1) const {
        const nlohmann::json& value = at(key);
        if (!value.is_string() || value.get_ref<const std::string&>().size() < shortest ||
            value.get_ref<const std::string&>().size() > longest)
            refuse(std::string("field \"") + key + "\" is not a text of " + std::to_string(shortest) +
                   " to " + std::to_string(longest) + " bytes");
        return value.get<std::string>();
    }

    std::uint32_t number(const char* key) const {
        const nlohmann::json& value = at(key);
        if (!value.is_number_unsigned() ||
            value.get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max())
            refuse(std::string("field \"") + key + "\" is not a whole number from 0");
        return value.get<std::uint32_t>();
    }

    bool flag(const char* key) const {
        const nlohmann::json& value = at(key);
        if (!value.is_boolean())
            refuse(std::string("field \"") + key + "\" is neither true nor false");
        return value.get<bool>();
    }

    std::vector<std::string> names(const char* key) const {
        const nlohmann::json& value = at(key);
        const auto isName = [](const nlohmann::json& item) {
            return item.is_string() &&
                   item.get_ref<const std::string&>().size() <= std::size_t{3} * IFNAMSIZ;
        };
        if (!value.is_array() || value.size() > mostOthers ||
            !std::all_of(value.begin(), value.end(), isName))
            refuse(std::string("field \"") + key + "\" is not a short list of names");
        return value.get<std::vector<std::string>>();
    }

private:
    const nlohmann::json& json_;
    const std::string& path_;
};

nlohmann::json toJson(const std::optional<SupplicantHold>& hold) {
    if (!hold)
        return nullptr;
    return {{"driver", hold->driver}, {"config_file", hold->configFile}, {"bridge", hold->bridge}};
}

std::optional<SupplicantHold> supplicantFrom(const nlohmann::json& json, const std::string& path) {
    if (json.is_null())
        return std::nullopt;
    const Fields fields(json, path);
    if (!json.is_object())
        fields.refuse("field \"wpa_supplicant\" is neither null nor an object");
    return SupplicantHold{fields.text("driver", 64, 0), fields.text("config_file", 4095, 0),
                          fields.text("bridge", 3 * IFNAMSIZ, 0)};
}

bool isBootId(const std::string& text) {
    return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

} // namespace

bool sameCard(const SavedState& a, const SavedState& b) noexcept {
    return a.bootId == b.bootId && a.ifindex == b.ifindex && a.wiphy == b.wiphy;
}

std::string toJson(const SavedState& saved) {
    const nlohmann::json json = {
        {"version", version},
        {"boot_id", saved.bootId},
        {"interface", saved.interface},
        {"ifindex", saved.ifindex},
        {"phy", saved.phy},
        {"wiphy", saved.wiphy},
        {"mac", saved.mac.toString()},
        {"type", wifiTypeName(saved.state.type)},
        {"up", saved.state.up},
        {"network_manager", saved.hold.networkManager},
        {"soft_blocked", saved.hold.softBlocked},
        {"wpa_supplicant", toJson(saved.hold.supplicant)},
        {"selector", saved.selector},
        {"monitor_interface", saved.monitor},
        {"others", saved.others},
    };
    // Names are bytes to the kernel; one that is not UTF-8 must not keep a card from being taken.
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

SavedState savedStateFromJson(std::string_view content, const std::string& path) {
    const nlohmann::json json = nlohmann::json::parse(content, nullptr, false);
    const Fields fields(json, path);
    if (!json.is_object())
        fields.refuse("it is not a JSON object");
    if (fields.number("version") != version)
        fields.refuse("version " + json["version"].dump() + " is not known here");
    SavedState saved;
    saved.bootId = fields.text("boot_id", 32);
    if (!isBootId(saved.bootId))
        fields.refuse("field \"boot_id\" is not 32 hexadecimal digits");
    // A replacement character (see toJson) takes three bytes for one.
    saved.interface = fields.text("interface", 3 * IFNAMSIZ);
    saved.ifindex = fields.number("ifindex");
    if (saved.ifindex == 0)
        fields.refuse("field \"ifindex\" is 0");
    saved.phy = fields.text("phy", 255);
    saved.wiphy = fields.number("wiphy");
    const auto mac = MacAddress::parse(fields.text("mac", 17));
    if (!mac)
        fields.refuse("field \"mac\" is not an address");
    saved.mac = *mac;
    const auto type = typeFromName(fields.text("type", 32));
    if (!type)
        fields.refuse("field \"type\" is not a type that an interface can have");
    saved.state = {*type, fields.flag("up")};
    saved.hold.networkManager = fields.flag("network_manager");
    saved.hold.softBlocked = fields.flag("soft_blocked");
    saved.hold.supplicant = supplicantFrom(fields.at("wpa_supplicant"), path);
    saved.selector = fields.text("selector", longestSelector);
    saved.monitor = fields.text("monitor_interface", IFNAMSIZ - 1, 0);
    if (!saved.monitor.empty() && !isInterfaceName(saved.monitor))
        fields.refuse("field \"monitor_interface\" cannot be the name of an interface");
    saved.others = fields.names("others");
    return saved;
}

bool isInterfaceName(std::string_view name) noexcept {
    if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == "..")
        return false;
    return name.find_first_of(std::string_view("/: \t\n\v\f\r\0", 9)) == std::string_view::npos;
}

} // namespace stinky::radio
