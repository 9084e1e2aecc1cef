#include "ctl/doctor/sysfs.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/text.h"

#include <algorithm>

namespace stinky::ctl {
namespace {

constexpr std::size_t mostOfAttribute = 4096;

} // namespace

std::string attribute(const std::filesystem::path& path) {
    try {
        const std::string text = readFile(path, mostOfAttribute);
        return displayText(std::string_view(text).substr(0, text.find('\n')), mostOfAttribute);
    } catch (const Error&) {
        return {};
    }
}

std::vector<std::filesystem::path> entries(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> list;
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error))
        list.push_back(at->path());
    std::ranges::sort(list);
    return list;
}

std::string linkName(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::read_symlink(path, error).filename().string();
}

} // namespace stinky::ctl
