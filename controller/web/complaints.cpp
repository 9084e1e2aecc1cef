#include "web/complaints.h"

#include <utility>

namespace stinky::web {
namespace {

constexpr double minute = 60;
constexpr std::size_t mostPerMinute = 10;

} // namespace

void Complaints::add(const std::string& what, double now) {
    if (minute_ < 0 || now - minute_ >= minute) {
        minute_ = now;
        told_ = 0;
    }
    if (told_ >= mostPerMinute) {
        ++untold_;
        return;
    }
    ++told_;
    const std::size_t untold = std::exchange(untold_, 0);
    tell_(untold == 0 ? what : what + " (" + std::to_string(untold) + " others were not told)");
}

} // namespace stinky::web
