#include "scan/pcap_handle.h"

#include "common/error.h"

namespace stinky::scan {

void checkPcap(pcap_t* handle, int result, const char* tried, const std::string& what) {
    if (result < 0)
        throw Error(tried, what, result == PCAP_ERROR ? pcap_geterr(handle) : pcap_statustostr(result));
}

void selectManagementFrames(pcap_t* handle, const std::string& what) {
    if (pcap_datalink(handle) != DLT_IEEE802_11_RADIO)
        throw Error("capture on", what, "not in monitor mode: its frames have no radiotap headers");
    bpf_program filter = {};
    checkPcap(handle, pcap_compile(handle, &filter, "type mgt", 1, PCAP_NETMASK_UNKNOWN),
              "compile filter for", what);
    const int filtered = pcap_setfilter(handle, &filter);
    pcap_freecode(&filter);
    checkPcap(handle, filtered, "filter on", what);
}

} // namespace stinky::scan
