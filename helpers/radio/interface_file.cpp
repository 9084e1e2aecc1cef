#include "radio/interface_file.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/log.h"

#include <unistd.h>

#include <utility>

namespace stinky::radio {
namespace {

std::string pathOf(const std::string& selector) {
    return "/run/stinky/radio/" + selector + ".env";
}

} // namespace

InterfaceFile::InterfaceFile(const std::string& selector, std::string interface)
    : interface_(std::move(interface)) {
    try {
        writeFileAtomically(pathOf(selector), "STINKY_INTERFACE=" + interface_ + "\n", 0644);
    } catch (const Error& e) {
        log::warning("radio-unpublished", std::string("no scanner is told of the card: ") + e.what(),
                     {{"STINKY_INTERFACE", interface_}});
    }
}

void InterfaceFile::remove(const std::string& selector) noexcept {
    unlink(pathOf(selector).c_str());
}

} // namespace stinky::radio
