#include "tak/outputs/print_output.h"

#include "common/error.h"
#include "common/part_status.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace stinky::tak {

void PrintOutput::commit(std::size_t length) {
    event_[length] = '\n';
    std::size_t done = 0;
    while (done < length + 1) {
        const ssize_t n = ::write(fd_, event_.data() + done, length + 1 - done);
        if (n >= 0) {
            done += static_cast<std::size_t>(n);
        } else if (errno == EAGAIN) {
            pollfd waiting = {fd_, POLLOUT, 0};
            poll(&waiting, 1, -1);
        } else if (errno != EINTR) {
            throw Error::fromErrno("write to", "standard output", errno);
        }
    }
    ++status_.sent;
    setUp(monotonicSeconds());
}

} // namespace stinky::tak
