#include "scan/beacon.h"

#include <array>
#include <utility>
#include <vector>

namespace stinky::scan {
namespace {

/// Takes little-endian values off the front.
class Reader {
public:
    explicit Reader(Bytes bytes) : bytes_(bytes) {}

    bool skip(std::size_t count) {
        if (bytes_.size() < count)
            return false;
        bytes_ = bytes_.subspan(count);
        return true;
    }

    /// A list of suite selectors behind its count; false when it is cut.
    bool suites(std::vector<std::uint32_t>& list) {
        if (bytes_.size() < 2)
            return false;
        const std::size_t count = static_cast<std::size_t>(bytes_[0] | bytes_[1] << 8);
        bytes_ = bytes_.subspan(2);
        if (bytes_.size() / 4 < count)
            return false;
        for (std::size_t i = 0; i < count; ++i) {
            list.push_back(static_cast<std::uint32_t>(bytes_[0]) << 24 | bytes_[1] << 16 | bytes_[2] << 8 |
                           bytes_[3]);
            bytes_ = bytes_.subspan(4);
        }
        return true;
    }

private:
    Bytes bytes_;
};

constexpr std::uint32_t ieee = 0x000fac00;
constexpr std::uint32_t wpaOui = 0x0050f200;

using Names = std::array<std::pair<std::uint8_t, const char*>, 6>;

// Tables 9-149 and 9-151 of IEEE 802.11-2020. WPA's own selectors have the same numbers.
constexpr Names ciphers = {
    {{1, "WEP40"}, {2, "TKIP"}, {4, "CCMP"}, {8, "GCMP"}, {9, "GCMP256"}, {10, "CCMP256"}}};

struct Akm {
    std::uint8_t type;
    bool wpa3;
    const char* name;
};

constexpr std::array<Akm, 15> akms = {{
    {1, false, "EAP"},
    {2, false, "PSK"},
    {3, false, "FT/EAP"},
    {4, false, "FT/PSK"},
    {5, false, "EAP"},
    {6, false, "PSK"},
    {8, true, "SAE"},
    {9, true, "FT/SAE"},
    {11, true, "EAP-SUITE-B"},
    {12, true, "EAP-SUITE-B-192"},
    {13, true, "FT/EAP-SUITE-B-192"},
    {18, true, "OWE"},
    {24, true, "SAE"},
    {25, true, "FT/SAE"},
    {20, false, "PSK"},
}};

void append(std::string& list, const char* name) {
    // Several selectors may have one name.
    if (("+" + list + "+").find("+" + std::string(name) + "+") != std::string::npos)
        return;
    list += (list.empty() ? "" : "+") + std::string(name);
}

std::string cipherText(const std::vector<std::uint32_t>& suites, std::uint32_t oui) {
    std::string text;
    for (const std::uint32_t suite : suites)
        for (const auto& [type, name] : ciphers)
            if ((suite & 0xffffff00) == oui && (suite & 0xff) == type)
                append(text, name);
    return text;
}

std::string akmText(const std::vector<std::uint32_t>& suites, std::uint32_t oui, bool wpa3) {
    std::string text;
    for (const std::uint32_t suite : suites)
        for (const Akm& akm : akms)
            if ((suite & 0xffffff00) == oui && (suite & 0xff) == akm.type && akm.wpa3 == wpa3)
                append(text, akm.name);
    return text;
}

std::string bracket(const char* generation, const std::string& akm, const std::string& cipher) {
    return std::string("[") + generation + "-" + akm + (cipher.empty() ? "" : "-" + cipher) + "]";
}

} // namespace

std::string securityText(Bytes body, bool wpa) {
    // Version (2), group cipher (4), pairwise ciphers, key management suites.
    Reader reader(body);
    std::vector<std::uint32_t> pairwise;
    std::vector<std::uint32_t> management;
    if (!reader.skip(2) || !reader.skip(4) || !reader.suites(pairwise) || !reader.suites(management))
        return {};
    const std::uint32_t oui = wpa ? wpaOui : ieee;
    const std::string cipher = cipherText(pairwise, oui);
    std::string text;
    if (const std::string akm = akmText(management, oui, false); !akm.empty())
        text += bracket(wpa ? "WPA" : "WPA2", akm, cipher);
    if (const std::string akm = akmText(management, oui, true); !akm.empty() && !wpa)
        text += bracket("WPA3", akm, cipher);
    if (text.empty())
        text = bracket(wpa ? "WPA" : "WPA2", "UNKNOWN", cipher);
    return text;
}

} // namespace stinky::scan
