#include "ctl/doctor/check.h"

#include "ctl/doctor/check_groups.h"

namespace stinky::ctl {

Check ok(const char* name, std::string what) {
    return {name, Result::ok, std::move(what), "", ""};
}

Check skipped(const char* name, std::string what) {
    return {name, Result::skipped, std::move(what), "", ""};
}

Check warning(const char* name, std::string what, std::string why, std::string fix) {
    return {name, Result::warning, std::move(what), std::move(why), std::move(fix)};
}

Check fault(const char* name, std::string what, std::string why, std::string fix) {
    return {name, Result::fault, std::move(what), std::move(why), std::move(fix)};
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& one : list)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

} // namespace stinky::ctl
