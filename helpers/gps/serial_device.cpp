#include "gps/serial_device.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace stinky::gps {
namespace {

namespace fs = std::filesystem;

constexpr unsigned acmMajor = 166;

std::string driverOf(const std::string& sys, unsigned major, unsigned minor) {
    std::error_code error;
    const fs::path link =
        fs::path(sys) / "dev/char" / (std::to_string(major) + ":" + std::to_string(minor)) / "device/driver";
    return fs::read_symlink(link, error).filename().string();
}

// The links are there before the device's unit starts: udev makes them before it tells systemd.
std::string stableNameOf(const fs::path& canonical, const std::string& dev) {
    std::error_code error;
    for (fs::directory_iterator at(fs::path(dev) / "serial/by-id", error), end; !error && at != end;
         at.increment(error)) {
        std::error_code linkError;
        if (fs::canonical(at->path(), linkError) == canonical && !linkError)
            return at->path().filename().string();
    }
    std::string name = canonical.string();
    if (name.starts_with(dev + "/"))
        name.erase(0, dev.size() + 1);
    std::replace(name.begin(), name.end(), '/', '-');
    return name;
}

bool isConsole(const std::string& name, const std::string& sys) {
    try {
        std::istringstream active(readFile(sys + "/class/tty/console/active", 4096));
        for (std::string word; active >> word;)
            if (word == name)
                return true;
    } catch (const Error&) { // a container has none
    }
    return false;
}

} // namespace

bool isRateless(unsigned major, std::string_view driver) noexcept {
    return major == acmMajor || driver == "cdc_acm";
}

std::string canonicalOrSame(const std::string& path) {
    std::error_code error;
    const fs::path canonical = fs::canonical(path, error);
    return error ? path : canonical.string();
}

SerialDevice describeSerialDevice(const std::string& path, const SystemFolders& folders) {
    std::error_code error;
    const fs::path canonical = fs::canonical(path, error);
    if (error)
        throw Error::fromErrno("open", path, error.value());
    struct stat status = {};
    if (stat(canonical.c_str(), &status) < 0)
        throw Error::fromErrno("open", path, errno);
    SerialDevice device;
    device.path = canonical.string();
    device.stableName = stableNameOf(canonical, folders.dev);
    device.rateless = isRateless(major(status.st_rdev),
                                 driverOf(folders.sys, major(status.st_rdev), minor(status.st_rdev)));
    device.console = isConsole(canonical.filename().string(), folders.sys);
    return device;
}

} // namespace stinky::gps
