// What is asked of the journal, as it comes in a query.
#include "web/journal.h"
#include "web/request_parts.h"

#include <cstdint>
#include <cstdlib>

using namespace stinky;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto target = web::parseTarget("/?" + std::string(reinterpret_cast<const char*>(data), size));
    if (!target)
        return 0;
    std::string why;
    const auto query = web::parseLogQuery(target->query, why);
    if (query.has_value() != why.empty())
        std::abort();
    if (!query)
        return 0;
    // It becomes part of what libsystemd searches for.
    if (query->part.size() > 64 || query->part.find_first_of(" =/*\n") != std::string::npos ||
        query->priority < 0 || query->priority > 7 || !(query->since >= 0) || query->limit < 1 ||
        query->limit > 1000)
        std::abort();
    return 0;
}
