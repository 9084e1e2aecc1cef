#include "tak/outputs/datagrams.h"

#include <sys/socket.h>

#include <cerrno>

namespace stinky::tak {

Datagrams::Outcome Datagrams::send(int fd, std::size_t first) const noexcept {
    std::array<mmsghdr, capacity> messages = {};
    std::array<iovec, capacity> parts = {};
    const std::size_t count = count_ - first;
    for (std::size_t i = 0; i < count; ++i) {
        parts[i] = {bytes_->data() + (first + i) * largestEvent, lengths_[first + i]};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    std::size_t sent = 0;
    while (sent < count) {
        const int n = sendmmsg(fd, &messages[sent], static_cast<unsigned>(count - sent), MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return {sent, errno};
        sent += static_cast<std::size_t>(n);
    }
    return {sent, 0};
}

} // namespace stinky::tak
