#include "tak/wigletotak/copy_check.h"

#include <filesystem>
#include <system_error>

namespace stinky::tak {
namespace {

namespace fs = std::filesystem;

bool hasFlask(const fs::path& venv) {
    std::error_code error;
    for (const auto& version : fs::directory_iterator(venv / "lib", error))
        if (fs::is_directory(version.path() / "site-packages/flask", error))
            return true;
    return false;
}

} // namespace

std::string whatIsMissing(const std::string& directory) {
    if (directory.empty())
        return "WIGLETOTAK_DIR= is not set: name the directory of your copy of WigleToTAK in stinky.conf";
    const fs::path copy = directory;
    std::error_code error;
    if (!fs::is_directory(copy, error))
        return directory +
               " is not there, or not readable: WIGLETOTAK_DIR= names the directory of WigleToTAK";
    if (!fs::is_regular_file(copy / "WigletoTAK.py", error))
        return directory + " holds no WigletoTAK.py";
    if (!fs::exists(copy / "venv/bin/python", error))
        return directory + "/venv has no Python: make it by 'python3 -m venv " + directory + "/venv'";
    if (!hasFlask(copy / "venv"))
        return directory + "/venv has no Flask: install it by '" + directory + "/venv/bin/pip install -r " +
               directory + "/requirements.txt'";
    return {};
}

} // namespace stinky::tak
