#include "common/text.h"
#include "web/request_parts.h"

#include <cstdint>
#include <cstdlib>

using namespace stinky;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto target = web::parseTarget({reinterpret_cast<const char*>(data), size});
    if (!target)
        return 0;
    if (!target->path.starts_with('/') || target->path.find("/../") != std::string::npos ||
        target->path.ends_with("/..") || target->path.find("//") != std::string::npos ||
        target->path.find('\0') != std::string::npos || !isUtf8(target->path) || target->query.size() > 32)
        std::abort();
    for (const auto& [name, value] : target->query)
        if (name.empty() || !isUtf8(name) || !isUtf8(value))
            std::abort();
    return 0;
}
