#include "radio/rfkill.h"

#include "common/error.h"

#include <linux/rfkill.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace stinky::radio {
namespace {

// The kernel names the folder of the switch after its number, below the radio that it belongs to.
std::optional<std::uint32_t> switchOf(const std::string& phy) {
    constexpr std::string_view prefix = "rfkill";
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/class/ieee80211/" + phy, error)) {
        const std::string name = entry.path().filename();
        std::uint32_t index = 0;
        if (!name.starts_with(prefix))
            continue;
        const char* end = name.data() + name.size();
        const auto [stop, failure] = std::from_chars(name.data() + prefix.size(), end, index);
        if (failure == std::errc() && stop == end)
            return index;
    }
    return std::nullopt;
}

Fd openDevice() {
    Fd device(open("/dev/rfkill", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    // To name a block needs less than to lift it.
    if (!device)
        device = Fd(open("/dev/rfkill", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    return device;
}

} // namespace

std::optional<RfkillEvent> parseRfkillEvent(std::string_view bytes) noexcept {
    rfkill_event raw = {};
    if (bytes.size() < sizeof raw)
        return std::nullopt;
    std::memcpy(&raw, bytes.data(), sizeof raw);
    return RfkillEvent{raw.idx, raw.op == RFKILL_OP_DEL, {raw.soft != 0, raw.hard != 0}};
}

Rfkill::Rfkill(const std::string& phy) : phy_(phy) {
    const auto index = switchOf(phy);
    if (!index)
        return;
    index_ = *index;
    device_ = openDevice();
    update();
}

bool Rfkill::update() {
    bool ours = false;
    while (device_) {
        std::array<char, 64> bytes = {};
        const ssize_t length = ::read(device_.get(), bytes.data(), bytes.size());
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return ours;
        const auto event = parseRfkillEvent({bytes.data(), static_cast<std::size_t>(length)});
        if (!event || event->index != index_)
            continue;
        ours = true;
        block_ = event->block;
        if (event->removed)
            block_.reset();
    }
    return ours;
}

void Rfkill::setSoft(bool blocked) {
    rfkill_event change = {};
    change.idx = index_;
    change.op = RFKILL_OP_CHANGE;
    change.soft = blocked ? 1 : 0;
    const char* tried = blocked ? "set the soft block of" : "lift the soft block of";
    if (!device_)
        throw Error::fromErrno(tried, phy_, ENODEV);
    if (write(device_.get(), &change, sizeof change) < 0) {
        if (errno == EBADF || errno == EPERM)
            throw Error(tried, phy_,
                        "/dev/rfkill may only be read by this user; `rfkill unblock wifi` does it", EACCES);
        throw Error::fromErrno(tried, phy_, errno);
    }
    update();
}

} // namespace stinky::radio
