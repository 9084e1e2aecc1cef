#include "generator/wiring.h"

#include "common/error.h"

#include <fmt/format.h>

namespace stinky::generator {
namespace {

// systemd.unit(5), "String escaping": a '-' stands for '/', all else that is not in its alphabet is \xNN. An
// interface name has no '/' (Config checks it).
std::string escapeInstance(const std::string& name) {
    std::string escaped;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (c == '-' || (c == '.' && i == 0))
            escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            escaped += c;
    }
    return escaped;
}

GeneratedFile wanted(const std::string& unit, const std::string& source) {
    return {"stinky.target.wants/" + unit, source, true};
}

constexpr const char* generatedBy =
    "# Written by stinky-generator from /etc/stinky/stinky.conf: change it there.\n";

} // namespace

std::vector<GeneratedFile> wiring(const Config& config, const std::string& unitDirectory) {
    std::vector<GeneratedFile> files;
    if (config.text("SCANNER") != "none") {
        const std::string& interface = config.text("RADIO");
        const std::string radio = "stinky-radio@" + escapeInstance(interface) + ".service";
        files.push_back(wanted(radio, unitDirectory + "/stinky-radio@.service"));
        files.push_back(wanted("stinky-scan.service", unitDirectory + "/stinky-scan.service"));
        // Requires= rather than BindsTo=: when the guard dies, its restore takes the interface down and the
        // scanner fails with it; its own restart then starts both again. Bound, it would be stopped for
        // good.
        files.push_back({"stinky-scan.service.d/50-radio.conf", fmt::format(R"({0}[Unit]
Requires={1}
After={1}

[Service]
Environment=STINKY_INTERFACE={2}
)",
                                                                            generatedBy, radio, interface)});
    }
    if (config.text("TAK_PART") == "stinky-tak")
        files.push_back(wanted("stinky-tak.service", unitDirectory + "/stinky-tak.service"));
    return files;
}

} // namespace stinky::generator
