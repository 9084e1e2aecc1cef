#include "common/config_keys.h"

#include "common/mac_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace stinky {

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t", at)) != std::string_view::npos) {
        const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
        found.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return found;
}

std::optional<std::uint64_t> sizeOf(std::string_view text) {
    constexpr std::string_view letters = "KMGT";
    unsigned shift = 0;
    if (!text.empty())
        if (const auto letter = letters.find(text.back()); letter != std::string_view::npos) {
            shift = 10 * (static_cast<unsigned>(letter) + 1);
            text.remove_suffix(1);
        }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > (1ULL << 50) >> shift)
        return std::nullopt;
    return value << shift;
}

namespace {

bool wholeNumber(std::string_view text, long low, long high) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= low && value <= high;
}

template <long Low, long High>
bool isNumber(std::string_view text) {
    return wholeNumber(text, Low, High);
}

template <long Low, long High>
bool isNumberList(std::string_view text) {
    const auto all = words(text);
    return !all.empty() && std::all_of(all.begin(), all.end(),
                                       [](const std::string& word) { return wholeNumber(word, Low, High); });
}

bool isChannels(std::string_view text) {
    return text == "auto" || isNumberList<1, 233>(text);
}

// The kernel's rule (dev_valid_name), without the characters that a unit name would have to escape
// differently.
bool isInterface(std::string_view text) {
    return !text.empty() && text.size() < 16 && text != "." && text != ".." &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
               std::string_view::npos;
}

// An interface, mac:, phy:, driver: or auto.
bool isRadio(std::string_view text) {
    if (text.starts_with("mac:"))
        return MacAddress::parse(text.substr(4)).has_value();
    for (const std::string_view kind : {"phy:", "driver:"})
        if (text.starts_with(kind))
            return text.size() > kind.size() && text.size() < 64 &&
                   text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
                                          kind.size()) == std::string_view::npos;
    return isInterface(text);
}

bool isRadioList(std::string_view text) {
    const auto all = words(text);
    return !all.empty() && all.size() <= 8 && std::all_of(all.begin(), all.end(), isRadio);
}

bool isRadioMode(std::string_view text) {
    return text == "auto" || text == "vif";
}

bool isCountry(std::string_view text) {
    return text.empty() || (text.size() == 2 &&
                            text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos);
}

bool isScanner(std::string_view text) {
    return text == "auto" || text == "kismet" || text == "builtin" || text == "none";
}

bool isSize(std::string_view text) {
    return sizeOf(text).has_value();
}

bool isRotateSize(std::string_view text) {
    const auto size = sizeOf(text);
    return size && *size >= 64 << 10;
}

// As MemoryMax= of systemd.resource-control(5) takes it.
bool isMemoryLimit(std::string_view text) {
    if (text == "infinity")
        return true;
    if (text.ends_with('%'))
        return wholeNumber(text.substr(0, text.size() - 1), 1, 100);
    const auto size = sizeOf(text);
    return size && *size >= 16 << 20;
}

bool isTakPart(std::string_view text) {
    return text == "stinky-tak" || text == "wigletotak" || text == "none";
}

// Only the shape; the TAK part says more exactly what an output lacks.
bool isOutputList(std::string_view text) {
    const auto all = words(text);
    return std::all_of(all.begin(), all.end(), [](const std::string& word) {
        return word.starts_with("udp://") || word.starts_with("udp+multicast://") ||
               word.starts_with("tcp://") || word.starts_with("tls://");
    });
}

bool isHostPort(std::string_view text) {
    const auto colon = text.rfind(':');
    return colon != std::string_view::npos && colon > 0 && wholeNumber(text.substr(colon + 1), 1, 65535);
}

// The controller and the scanner may talk to this machine only (IPAddressDeny= of their units), and by an
// IPv4 address gpsd is reached also where its socket has no IPv6.
bool isGpsd(std::string_view text) {
    const std::string host(text.substr(0, text.rfind(':')));
    in_addr address = {};
    return isHostPort(text) && (host == "localhost" || (inet_pton(AF_INET, host.c_str(), &address) == 1 &&
                                                        ntohl(address.s_addr) >> 24 == 127));
}

bool isNode(std::string_view text) {
    return text.size() <= 63 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               std::string_view::npos;
}

bool isOnFailure(std::string_view text) {
    return text == "degrade" || text == "stop";
}

bool isYesNo(std::string_view text) {
    return text == "yes" || text == "no";
}

// What can be a unit's instance too. A path that leaves /dev would be another's file.
bool isDevice(std::string_view text) {
    return text.starts_with("/dev/") && text.size() > 5 && text.size() < 100 && !text.ends_with('/') &&
           text.find("..") == std::string_view::npos && text.find("//") == std::string_view::npos &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_:.-") ==
               std::string_view::npos;
}

bool isDeviceList(std::string_view text) {
    const auto all = words(text);
    return all.size() <= 8 && std::all_of(all.begin(), all.end(), isDevice);
}

bool isConsole(std::string_view text) {
    return text.empty() || (text.starts_with("/dev/tty") && isDevice(text));
}

bool isPatternList(std::string_view text) {
    return words(text).size() <= 64 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Names from the air may hold any letters.
bool isNameList(std::string_view text) {
    return words(text).size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) >= ' ' && c != 0x7f;
           });
}

bool isFile(std::string_view text) {
    return text.empty() || (text.starts_with('/') && text.size() < 4096);
}

bool isAddress(const std::string& text) {
    in6_addr address = {};
    return inet_pton(AF_INET, text.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// What systemd's ListenStream= takes as an address with a port.
bool isListen(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || !wholeNumber(std::string_view(text).substr(colon + 1), 1, 65535))
        return false;
    const std::string host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        return host.find(':') != std::string::npos && isAddress(host.substr(1, host.size() - 2));
    return host.find(':') == std::string::npos && isAddress(host);
}

bool isListenList(std::string_view text) {
    const auto all = words(text);
    return !all.empty() && all.size() <= 8 && std::all_of(all.begin(), all.end(), isListen);
}

bool isNetwork(const std::string& text) {
    const auto slash = text.find('/');
    const std::string base = text.substr(0, slash);
    return isAddress(base) &&
           (slash == std::string::npos || wholeNumber(std::string_view(text).substr(slash + 1), 0,
                                                      base.find(':') == std::string::npos ? 32 : 128));
}

bool isNetworkList(std::string_view text) {
    const auto all = words(text);
    return all.size() <= 16 && std::all_of(all.begin(), all.end(), isNetwork);
}

bool isHostList(std::string_view text) {
    return words(text).size() <= 16 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_ \t") ==
               std::string_view::npos;
}

bool isOriginList(std::string_view text) {
    const auto all = words(text);
    return all.size() <= 16 && std::all_of(all.begin(), all.end(), [](std::string_view word) {
               if (word.starts_with("http://"))
                   word.remove_prefix(7);
               else if (word.starts_with("https://"))
                   word.remove_prefix(8);
               else
                   return false;
               return !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") ==
                                           std::string_view::npos;
           });
}

// It becomes a value in a unit.
bool isPath(std::string_view text) {
    return text.starts_with('/') && text.size() < 200 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") ==
               std::string_view::npos;
}

bool isPathOrEmpty(std::string_view text) {
    return text.empty() || isPath(text);
}

bool isTls(std::string_view text) {
    return text == "no" || text == "self" || isPath(text);
}

// It becomes a part of a header and of the page.
bool isTilesUrl(std::string_view text) {
    if (text.empty())
        return true;
    if (text.size() >= 500 || text.find_first_of(" \t;,'\"<>\\") != std::string_view::npos)
        return false;
    const std::size_t scheme = text.starts_with("http://") ? 7 : text.starts_with("https://") ? 8 : 0;
    const std::size_t slash = text.find('/', scheme);
    // The origin goes into the page's Content-Security-Policy: one, and without a login.
    if (scheme == 0 || slash == scheme || slash == std::string_view::npos ||
        text.substr(scheme, slash - scheme).find_first_of("{}@?#") != std::string_view::npos)
        return false;
    std::string_view path = text.substr(slash);
    bool z = false, x = false, y = false;
    while (true) {
        const std::size_t open = path.find_first_of("{}");
        if (open == std::string_view::npos)
            return z && x && y;
        path.remove_prefix(open);
        const std::size_t end = path.find('}');
        const std::string_view hole = path.substr(0, end == std::string_view::npos ? end : end + 1);
        // {-y} counts from the south, {r} is for screens with small pixels: what Leaflet fills in by itself.
        if (hole != "{z}" && hole != "{x}" && hole != "{y}" && hole != "{-y}" && hole != "{r}")
            return false;
        z = z || hole == "{z}";
        x = x || hole == "{x}";
        y = y || hole == "{y}" || hole == "{-y}";
        path.remove_prefix(hole.size());
    }
}

bool isPlainFile(std::string_view text) {
    return isFile(text) && text.find_first_of("\"'\\") == std::string_view::npos;
}

} // namespace

const std::vector<CheckedKey>& checkedKeys() {
    static const std::vector<CheckedKey> keys = {
        {{"NODE", "", "a name of letters, digits, '-' and '_'; empty for the host name"}, isNode},
        {{"RADIO", "wlan2",
          "network interfaces like wlan2, mac:02:00:00:00:02:00, phy:phy2, driver:rt2800usb or "
          "auto, at most 8"},
         isRadioList},
        {{"RADIO_MODE", "auto", "auto or vif"}, isRadioMode},
        {{"RADIO_FORCE", "no", "yes or no"}, isYesNo},
        {{"RADIO_SILENCE", "30", "a number of seconds from 0 to 86400"}, isNumber<0, 86400>},
        {{"COUNTRY", "", "two capital letters, like DE; empty to leave it as it is"}, isCountry},
        {{"SCANNER", "auto", "one of auto, kismet, builtin, none"}, isScanner},
        {{"CHANNELS", "auto", "auto, or channel numbers like \"1 6 11\""}, isChannels},
        {{"CHANNEL_DWELL_MS", "200", "a number of milliseconds from 50 to 10000"}, isNumber<50, 10000>},
        {{"WIGLE_THROTTLE", "5", "a number of seconds from 1 to 3600"}, isNumber<1, 3600>},
        {{"SCAN_MIN_MEMORY", "150M", "a size like 150M"}, isSize},
        {{"KISMET_LISTEN", "127.0.0.1:2501", "address:port on which Kismet's own page answers"}, isHostPort},
        {{"KISMET_MEMORY_HIGH", "40%", "a size like 400M, a share like 40%, or infinity"}, isMemoryLimit},
        {{"KISMET_MEMORY_MAX", "50%", "a size like 500M, a share like 50%, or infinity"}, isMemoryLimit},
        {{"CAPTURE_ROTATE_SIZE", "32M", "a size of at least 64K"}, isRotateSize},
        {{"CAPTURE_KEEP_FREE", "256M", "a size like 256M"}, isSize},
        {{"CAPTURE_MAX_AGE", "0", "a number of days from 0 to 3650"}, isNumber<0, 3650>},
        {{"GPS_BAUDS", "9600 4800 38400 57600 115200", "bit rates from 1200 to 921600"},
         isNumberList<1200, 921600>},
        {{"GPSD", "127.0.0.1:2947",
          "localhost:port or 127.0.0.1:port, for the units may reach the gpsd of this machine only"},
         isGpsd},
        {{"GPS_WAIT", "5", "a number of seconds from 0 to 60"}, isNumber<0, 60>},
        {{"GPS_NO_FIX_MINUTES", "5", "a number of minutes from 1 to 1440"}, isNumber<1, 1440>},
        {{"GPS_DEVICES", "", "serial ports like \"/dev/serial0 /dev/ttyAMA0\", at most 8"}, isDeviceList},
        {{"GPS_ALLOW", "", "names in /dev/serial/by-id or USB ids, with * and ?, at most 64"},
         isPatternList},
        {{"GPS_DENY", "", "names in /dev/serial/by-id or USB ids, with * and ?, at most 64"}, isPatternList},
        {{"GPS_DISPLAY_TTY", "", "a console like /dev/tty8; empty for none"}, isConsole},
        {{"GPS_TIME", "no", "yes or no"}, isYesNo},
        {{"ON_FAILURE", "degrade", "degrade or stop"}, isOnFailure},
        {{"TAK_PART", "stinky-tak", "one of stinky-tak, wigletotak, none"}, isTakPart},
        {{"WIGLETOTAK_DIR", "", "the directory of a copy of WigleToTAK, without quotes and backslashes"},
         isPlainFile},
        {{"TAK_OUTPUTS", "udp+multicast://239.2.3.1:6969",
          "URLs udp+multicast://group:port, udp://, tcp:// or tls://host:port"},
         isOutputList},
        {{"TAK_RATE", "100", "a number of events a second from 0 to 100000; 0 for no limit"},
         isNumber<0, 100000>},
        {{"TAK_BEACON", "60", "a number of seconds from 0 to 3600; 0 for none"}, isNumber<0, 3600>},
        {{"TAK_CLIENTS", "no", "yes or no"}, isYesNo},
        {{"TAK_IGNORE", "", "SSIDs, BSSIDs or OUIs, with * and ?, at most 64"}, isNameList},
        {{"TAK_HIGHLIGHT", "", "SSIDs, BSSIDs or OUIs, with * and ?, each with =colour, at most 64"},
         isNameList},
        {{"TAK_TLS_CA", "", "a file with the server's authority, PEM or PKCS#12"}, isFile},
        {{"TAK_TLS_CERT", "", "a file with our certificate, PEM or PKCS#12"}, isFile},
        {{"TAK_TLS_KEY", "", "a PEM file with its key; empty when TAK_TLS_CERT= holds it"}, isFile},
        {{"TAK_TLS_PASSWORD_FILE", "", "a file whose first line is the password of these"}, isFile},
        {{"LISTEN", "127.0.0.1:5000",
          "addresses with ports, like \"192.168.4.1:5000 [::1]:5000\", at most 8"},
         isListenList},
        {{"OPEN_READS", "no", "yes or no"}, isYesNo},
        {{"LEGACY_OPEN", "", "networks like \"10.42.0.0/24\"; empty for none"}, isNetworkList},
        {{"WEB_HOSTS", "", "host names of this machine, at most 16"}, isHostList},
        {{"WEB_ORIGINS", "", "origins like \"http://192.168.4.9:8092\", at most 16"}, isOriginList},
        {{"WEB_TLS", "no", "no, self, or the path of a certificate like /etc/stinky/tls.crt"}, isTls},
        {{"WEB_TLS_KEY", "", "the path of the certificate's key; empty for the same file"}, isPathOrEmpty},
        {{"TILES_URL", "", "a URL of one host with {z}, {x} and {y} in its path; empty for no map images"},
         isTilesUrl},
    };
    return keys;
}

} // namespace stinky
