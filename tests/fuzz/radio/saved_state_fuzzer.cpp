#include "common/error.h"
#include "radio/saved_state.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace stinky::radio;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const SavedState saved = savedStateFromJson({reinterpret_cast<const char*>(data), size}, "file");
        // What is taken is written back as it was, and names no path.
        if (savedStateFromJson(toJson(saved), "file") != saved ||
            saved.monitor.find('/') != std::string::npos)
            std::abort();
    } catch (const stinky::Error&) {
    }
    return 0;
}
