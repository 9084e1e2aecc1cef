// The head of a request, a field in each line, as it comes from libmicrohttpd.
#include "web/header_reader.h"

#include <cstdint>
#include <cstdlib>

using namespace stinky;

namespace {

constexpr std::size_t bodyLimit = 16384;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    web::Exchange exchange;
    web::HeaderReader reader(exchange, bodyLimit);
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    bool chunked = false;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::string_view name = line.substr(0, line.find(':'));
        const std::string_view value = line.substr(std::min(line.size(), name.size() + 1));
        reader.take(name, value);
        hosts += name == "Host" ? 1 : 0;
        lengths += name == "Content-Length" ? 1 : 0;
        chunked = chunked || name == "Transfer-Encoding";
    }
    // What two readers could take for different requests is refused.
    if (!exchange.refusal && (hosts > 1 || lengths > 1 || chunked))
        std::abort();
    return 0;
}
