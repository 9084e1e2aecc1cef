#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace stinky {

/// Eight characters of a line at once, for a reader that looks for those that separate its fields.
class PortableWord {
public:
    static constexpr std::size_t size = 8;

    explicit PortableWord(const char* text) noexcept { std::memcpy(&bytes_, text, size); }

    /// A bit for each that is `c`; the first one's is the lowest.
    std::uint64_t where(char c) const noexcept {
        const std::uint64_t v = different(c);
        const std::uint64_t high = ~(((v & low) + low) | v | low);
        return (high >> 7) * 0x0102040810204080U >> 56;
    }

    /// Not zero when one of them is a quote, starts an escape, or is NUL.
    std::uint64_t special() const noexcept {
        const auto hint = [this](char c) {
            const std::uint64_t v = different(c);
            return (v - ones) & ~v;
        };
        return (hint('"') | hint('\\') | hint('\0')) & ~low;
    }

private:
    static_assert(std::endian::native == std::endian::little, "the first character is the lowest byte");
    static constexpr std::uint64_t ones = 0x0101010101010101U;
    static constexpr std::uint64_t low = 0x7f7f7f7f7f7f7f7fU;

    /// A zero byte for each that is `c`.
    std::uint64_t different(char c) const noexcept { return bytes_ ^ static_cast<unsigned char>(c) * ones; }

    std::uint64_t bytes_;
};

#ifdef __SSE2__

/// The same with sixteen, as every amd64 has it.
class SseWord {
public:
    static constexpr std::size_t size = 16;

    explicit SseWord(const char* text) noexcept
        : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text))) {}

    std::uint64_t where(char c) const noexcept { return bits(equal(c)); }

    std::uint64_t special() const noexcept {
        return bits(_mm_or_si128(_mm_or_si128(equal('"'), equal('\\')), equal('\0')));
    }

private:
    __m128i equal(char c) const noexcept { return _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(c)); }

    static std::uint64_t bits(__m128i equal) noexcept {
        return static_cast<std::uint64_t>(_mm_movemask_epi8(equal));
    }

    __m128i bytes_;
};

using CharacterWord = SseWord;

#else

using CharacterWord = PortableWord;

#endif

} // namespace stinky
