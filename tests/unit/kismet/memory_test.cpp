#include "kismet/memory.h"

#include <gtest/gtest.h>

namespace stinky::kismet {
namespace {

TEST(AvailableMemory, IsReadFromTheKernelsText) {
    EXPECT_EQ(
        availableMemory("MemTotal:  948304 kB\nMemFree: 1 kB\nMemAvailable:   150000 kB\nBuffers: 2 kB\n"),
        150000ULL * 1024);
    for (const char* text : {"", "MemTotal: 1 kB\n", "\nMemAvailable: x kB\n",
                             "\nMemAvailable:", "\nMemAvailable: 99999999999999999999 kB"})
        EXPECT_EQ(availableMemory(text), std::nullopt) << text;
}

} // namespace
} // namespace stinky::kismet
