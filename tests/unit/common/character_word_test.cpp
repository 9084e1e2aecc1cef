#include "common/character_word.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string_view>

namespace stinky {
namespace {

template <typename Word>
class CharacterWordTest : public ::testing::Test {};

// What another machine has is tested too.
using Words = ::testing::Types<PortableWord, CharacterWord>;
TYPED_TEST_SUITE(CharacterWordTest, Words);

TYPED_TEST(CharacterWordTest, FindsEachCharacterAndNoOther) {
    // Neighbours of those that are looked for, where a carry would show.
    constexpr std::string_view alphabet{",\"\\\0-+#!]\x01\xac\xa2\xdc\x80\xff a", 18};
    std::mt19937 random(20261128);
    for (int round = 0; round < 20000; ++round) {
        std::array<char, TypeParam::size> text = {};
        std::uint64_t commas = 0;
        bool special = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            // Half of the rounds without the special ones.
            text[i] = round % 2 == 0 ? alphabet[random() % alphabet.size()] : alphabet[4 + random() % 14];
            if (round % 8 == 1 && i == round / 8 % text.size())
                text[i] = ',';
            commas |= std::uint64_t{text[i] == ','} << i;
            special |= text[i] == '"' || text[i] == '\\' || text[i] == '\0';
        }
        const TypeParam word(text.data());
        ASSERT_EQ(word.where(','), commas);
        ASSERT_EQ(word.special() != 0, special);
    }
}

} // namespace
} // namespace stinky
