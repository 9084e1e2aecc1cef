// scan-bench PCAP DIRECTORY: every frame of the file through the reader, the table and into captures, as
// stinky-scan does it, with a position. Prints one JSON object.
#include "common/captures.h"
#include "scan/ap_table.h"
#include "scan/beacon.h"
#include "scan/capture_writer.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

using namespace stinky;
using namespace stinky::scan;

namespace {

long residentKb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:"))
            return std::atol(line.c_str() + 6);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3)
        return 64;
    char error[PCAP_ERRBUF_SIZE] = {};
    const std::unique_ptr<pcap_t, void (*)(pcap_t*)> pcap(pcap_open_offline(argv[1], error), pcap_close);
    if (!pcap) {
        fmt::print(stderr, "{}\n", error);
        return EXIT_FAILURE;
    }
    GpsFix here;
    here.mode = 3;
    here.latitude = 48.1173;
    here.longitude = 11.516667;
    ApTable table(50000, 5);
    CaptureWriter writer(argv[2], {32 << 20, 0, 0});
    std::size_t frames = 0;
    std::size_t rejected = 0;
    const auto begin = std::chrono::steady_clock::now();
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    while (pcap_next_ex(pcap.get(), &header, &bytes) == 1) {
        ++frames;
        const auto result = parseBeacon(Bytes(bytes, header->caplen));
        const auto* sighting = std::get_if<Sighting>(&result);
        if (sighting == nullptr) {
            ++rejected;
            continue;
        }
        const double time =
            static_cast<double>(header->ts.tv_sec) + static_cast<double>(header->ts.tv_usec) / 1e6;
        if (const auto row = table.add(*sighting, here, time, header->ts.tv_sec))
            writer.append(*row, header->ts.tv_sec, time);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    fmt::print("{{\"frames\":{},\"rejected\":{},\"access_points\":{},\"rows\":{},\"seconds\":{:.4f},\"rss_"
               "kb\":{}}}\n",
               frames, rejected, table.size(), writer.rows(), seconds, residentKb());
    return EXIT_SUCCESS;
}
