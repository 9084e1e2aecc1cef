#pragma once

#include <pcap/pcap.h>

#include <memory>
#include <string>

namespace stinky::scan {

struct PcapCloser {
    void operator()(pcap_t* handle) const noexcept { pcap_close(handle); }
};

using PcapHandle = std::unique_ptr<pcap_t, PcapCloser>;

/// Throws Error when `result` of a call of libpcap says that it failed.
void checkPcap(pcap_t* handle, int result, const char* tried, const std::string& what);

/// Only management frames, behind radiotap headers. Throws Error when these frames have none.
void selectManagementFrames(pcap_t* handle, const std::string& what);

} // namespace stinky::scan
