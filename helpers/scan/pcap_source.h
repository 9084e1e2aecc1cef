#pragma once

#include "common/event_loop.h"
#include "scan/frame_source.h"
#include "scan/pcap_handle.h"

#include <cstdint>
#include <exception>
#include <string>

namespace stinky::scan {

/// Management frames from an interface in monitor mode, by libpcap, on CLOCK_MONOTONIC. Needs CAP_NET_RAW.
class PcapSource : public FrameSource {
public:
    /// Throws Error when the interface cannot be opened, is not in monitor mode (no radiotap), or is down.
    PcapSource(EventLoop& loop, std::string interface, Callback callback);

    std::uint64_t dropped() const override;

private:
    void set(int result, const char* tried);
    void dispatch();
    static void onPacket(u_char* user, const pcap_pkthdr* header, const u_char* bytes) noexcept;

    std::string interface_;
    Callback callback_;
    PcapHandle pcap_;
    EventSource readable_;
    std::exception_ptr failure_;
};

} // namespace stinky::scan
