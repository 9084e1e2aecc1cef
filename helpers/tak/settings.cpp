#include "tak/settings.h"

#include "tak/cot.h"

#include <unistd.h>

namespace stinky::tak {
namespace {

std::string nodeName(const Config& config) {
    const std::string& name = config.text("NODE");
    if (!name.empty())
        return uidName(name);
    char host[256] = {};
    gethostname(host, sizeof host - 1);
    return uidName(host);
}

} // namespace

Settings Settings::from(const Config& config) {
    Settings settings;
    settings.node = nodeName(config);
    settings.outputs = config.list("TAK_OUTPUTS");
    settings.rate = static_cast<double>(config.number("TAK_RATE"));
    settings.rules.clients = config.text("TAK_CLIENTS") == "yes";
    settings.rules.ignore = PatternList(config.list("TAK_IGNORE"));
    settings.rules.highlight = HighlightList(config.list("TAK_HIGHLIGHT"));
    settings.tls.ca = config.text("TAK_TLS_CA");
    settings.tls.certificate = config.text("TAK_TLS_CERT");
    settings.tls.key = config.text("TAK_TLS_KEY");
    settings.tls.passwordFile = config.text("TAK_TLS_PASSWORD_FILE");
    settings.beacon = config.number("TAK_BEACON");
    settings.gpsd = config.text("GPSD");
    return settings;
}

} // namespace stinky::tak
