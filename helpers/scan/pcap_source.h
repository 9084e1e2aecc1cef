#pragma once

#include "common/event_loop.h"
#include "scan/radiotap.h"

#include <pcap/pcap.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace stinky::scan {

/// Management frames from an interface in monitor mode, by libpcap. Needs CAP_NET_RAW.
class PcapSource {
public:
    using Callback = std::function<void(Bytes packet)>;

    /// Throws Error when the interface cannot be opened, is not in monitor mode (no radiotap), or is down.
    PcapSource(EventLoop& loop, std::string interface, Callback callback);

    /// Frames that the kernel had to drop since the start.
    std::uint64_t dropped() const;

private:
    struct Closer {
        void operator()(pcap_t* handle) const noexcept { pcap_close(handle); }
    };

    void set(int result, const char* tried);
    void dispatch();
    static void onPacket(u_char* user, const pcap_pkthdr* header, const u_char* bytes) noexcept;

    std::string interface_;
    Callback callback_;
    std::unique_ptr<pcap_t, Closer> pcap_;
    EventSource readable_;
    std::exception_ptr failure_;
};

} // namespace stinky::scan
