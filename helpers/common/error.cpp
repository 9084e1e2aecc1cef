#include "common/error.h"

#include <cstdlib>
#include <system_error>
#include <utility>

namespace stinky {
namespace {

std::string join(const std::string& tried, const std::string& object, const std::string& why) {
    std::string text = tried;
    if (!object.empty())
        text += " " + object;
    return text + ": " + why;
}

} // namespace

Error::Error(std::string tried, std::string object, std::string why, int code)
    : std::runtime_error(join(tried, object, why)),
      tried_(std::move(tried)),
      object_(std::move(object)),
      why_(std::move(why)),
      code_(code) {}

Error Error::fromErrno(std::string tried, std::string object, int err) {
    const int code = std::abs(err);
    return {std::move(tried), std::move(object), std::generic_category().message(code), code};
}

int checked(int result, const char* tried, const std::string& object) {
    if (result < 0)
        throw Error::fromErrno(tried, object, result);
    return result;
}

} // namespace stinky
