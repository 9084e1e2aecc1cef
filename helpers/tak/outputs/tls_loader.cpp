#include "common/error.h"
#include "tak/outputs/tls.h"

#include <dlfcn.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace stinky::tak {
namespace {

using OpenFunction = TlsSession* (*)(const TlsSettings*, int);

OpenFunction load() {
    std::error_code error;
    const std::string path =
        std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / tlsModule;
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* function = module != nullptr ? dlsym(module, tlsFunction) : nullptr;
    if (function == nullptr) {
        const char* why = dlerror();
        throw Error("load", path, why != nullptr ? why : "no reason given");
    }
    return reinterpret_cast<OpenFunction>(function);
}

} // namespace

TlsSettings tlsSettings(const OutputUrl& url, const TlsSettings& defaults) {
    TlsSettings settings = defaults;
    settings.ca = url.option("ca", defaults.ca);
    settings.certificate = url.option("cert", defaults.certificate);
    // A certificate of the URL's own has its key in the same file, or beside it in the URL.
    settings.key = url.option("key", url.options.contains("cert") ? "" : defaults.key);
    settings.passwordFile = url.option("password-file", defaults.passwordFile);
    settings.name = url.option("name", url.host);
    settings.pin = url.option("pin");
    std::transform(settings.pin.begin(), settings.pin.end(), settings.pin.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return settings;
}

std::unique_ptr<TlsSession> openTls(const TlsSettings& settings, int fd) {
    static const OpenFunction open = load();
    return std::unique_ptr<TlsSession>(open(&settings, fd));
}

} // namespace stinky::tak
