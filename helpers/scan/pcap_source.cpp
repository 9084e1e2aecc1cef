#include "scan/pcap_source.h"

#include "common/error.h"
#include "common/part_status.h"

#include <sys/epoll.h>

#include <utility>

namespace stinky::scan {
namespace {

// A management frame of 802.11 is at most 2304 bytes and its header; radiotap has rarely more than 64.
constexpr int snapLength = 2560;
// The kernel hands frames over in blocks, at the latest after this time: few wake-ups on a busy air.
constexpr int batchMilliseconds = 100;
constexpr int ringBytes = 1 << 20;

} // namespace

void PcapSource::set(int result, const char* tried) {
    checkPcap(pcap_.get(), result, tried, interface_);
}

PcapSource::PcapSource(EventLoop& loop, std::string interface, Callback callback)
    : interface_(std::move(interface)), callback_(std::move(callback)) {
    char errors[PCAP_ERRBUF_SIZE] = {};
    pcap_.reset(pcap_create(interface_.c_str(), errors));
    if (!pcap_)
        throw Error("open for capture", interface_, errors);
    set(pcap_set_snaplen(pcap_.get(), snapLength), "set snapshot length of");
    set(pcap_set_timeout(pcap_.get(), batchMilliseconds), "set batch time of");
    set(pcap_set_buffer_size(pcap_.get(), ringBytes), "set buffer of");
    // A monitor hears everything anyway. But this is announced, and tells the card's guard that somebody
    // listens: its watch for silence runs only then.
    set(pcap_set_promisc(pcap_.get(), 1), "listen to everything on");
    set(pcap_activate(pcap_.get()), "capture on");
    selectManagementFrames(pcap_.get(), interface_);

    if (pcap_setnonblock(pcap_.get(), 1, errors) < 0)
        throw Error("set non-blocking", interface_, errors);
    const int fd = pcap_get_selectable_fd(pcap_.get());
    if (fd < 0)
        throw Error("capture on", interface_, "libpcap gives no descriptor to wait for");
    readable_ = loop.addIo(fd, EPOLLIN, "frames of " + interface_, [this](std::uint32_t) { dispatch(); });
}

void PcapSource::onPacket(u_char* user, const pcap_pkthdr* header, const u_char* bytes) noexcept {
    auto* self = reinterpret_cast<PcapSource*>(user);
    try {
        // Not the header's time: a first GPS fix may step that clock.
        self->callback_({Bytes(bytes, header->caplen), monotonicSeconds()});
    } catch (...) {
        self->failure_ = std::current_exception();
        pcap_breakloop(self->pcap_.get());
    }
}

void PcapSource::dispatch() {
    const int r = pcap_dispatch(pcap_.get(), mostAtOnce, onPacket, reinterpret_cast<u_char*>(this));
    if (failure_)
        std::rethrow_exception(std::exchange(failure_, nullptr));
    set(r, "read frames of");
}

std::uint64_t PcapSource::dropped() const {
    pcap_stat statistics = {};
    return pcap_stats(pcap_.get(), &statistics) == 0 ? statistics.ps_drop : 0;
}

} // namespace stinky::scan
