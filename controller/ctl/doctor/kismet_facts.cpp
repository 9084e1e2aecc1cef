#include "ctl/doctor/kismet_facts.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace stinky::ctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* userSettings = "/etc/stinky/kismet.conf";
// What Kismet knows is known to that program. The exec spares the shell's own process.
constexpr const char* lintCommand =
    "exec " STINKY_KISMET_CONFIG " lint --json /etc/stinky/kismet.conf 2>/dev/null";
constexpr std::size_t mostOfOutput = 256 * 1024;

std::string outputOf(const char* command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command, "re"), pclose);
    std::string text;
    std::array<char, 4096> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): fread() fills it
    while (pipe && text.size() < mostOfOutput) {
        const std::size_t length = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
        if (length == 0)
            break;
        text.append(buffer.data(), length);
    }
    return text;
}

} // namespace

std::optional<KismetSettings> parseKismetLint(const std::string& text) {
    const nlohmann::json files = nlohmann::json::parse(text, nullptr, false);
    if (!files.is_array() || files.size() != 1)
        return std::nullopt;
    try {
        KismetSettings settings;
        for (const nlohmann::json& problem : files[0].at("problems"))
            settings.problems.push_back(std::to_string(problem.at("line").get<int>()) + ": " +
                                        problem.at("message").get<std::string>());
        if (const nlohmann::json& types = files[0].at("log_types"); !types.is_null())
            settings.logTypes = types.get<std::vector<std::string>>();
        return settings;
    } catch (const nlohmann::json::exception&) { // another version's
        return std::nullopt;
    }
}

void gatherKismet(Facts& facts) {
    std::error_code error;
    facts.kismet.installed =
        fs::exists("/usr/bin/kismet", error) || fs::exists("/usr/local/bin/kismet", error);
    facts.kismet.hasSettings = fs::exists(userSettings, error);
    if (facts.kismet.hasSettings)
        facts.kismet.settings = parseKismetLint(outputOf(lintCommand));
    if (facts.status)
        for (const PartLine& part : facts.status->parts)
            if (const auto login = part.counters.find("login_claimed");
                part.part == "kismet" && login != part.counters.end() && login->is_boolean())
                facts.kismet.login = login->get<bool>();
}

} // namespace stinky::ctl
