#include "ctl/doctor/check.h"

#include "common/text.h"
#include "ctl/doctor/check_groups.h"

namespace stinky::ctl {
namespace {

constexpr std::size_t longestText = 1000;

/// Whatever a check has from a device, a file's name or another program: root's terminal shows it.
std::string shown(const std::string& text) {
    return displayText(text, longestText);
}

} // namespace

Check ok(const char* name, const std::string& what) {
    return {name, Result::ok, shown(what), "", ""};
}

Check skipped(const char* name, const std::string& what) {
    return {name, Result::skipped, shown(what), "", ""};
}

Check warning(const char* name, const std::string& what, const std::string& why, const std::string& fix) {
    return {name, Result::warning, shown(what), shown(why), shown(fix)};
}

Check fault(const char* name, const std::string& what, const std::string& why, const std::string& fix) {
    return {name, Result::fault, shown(what), shown(why), shown(fix)};
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& one : list)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

} // namespace stinky::ctl
