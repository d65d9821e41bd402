// The bytes themselves: they are in files and digests, so they must not change by accident.
#include <gtest/gtest.h>

#include <acre/wire/codec.hpp>

namespace layout {

struct Padded {
  std::uint8_t small;
  std::uint32_t large;
};
ACRE_RECORD(Padded, small, large)

struct Packed {
  std::uint16_t first;
  std::uint16_t second;
};
ACRE_RECORD(Packed, first, second)

struct Empty {};
ACRE_RECORD(Empty)

enum class Colour : std::uint16_t { green = 0x0102 };

template <class T>
std::vector<int> bytes(const T& value) {
  std::vector<int> out;
  for (const std::byte byte : acre::wire::to_bytes(value)) out.push_back(std::to_integer<int>(byte));
  return out;
}
using Expected = std::vector<int>;

TEST(Layout, NumbersAreLittleEndian) {
  EXPECT_EQ(bytes(std::uint32_t{0x01020304}), (Expected{4, 3, 2, 1}));
  EXPECT_EQ(bytes(std::int16_t{-2}), (Expected{0xfe, 0xff}));
  EXPECT_EQ(bytes(1.0), (Expected{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}));
  EXPECT_EQ(bytes(Colour::green), (Expected{2, 1}));
  EXPECT_EQ(bytes(true), (Expected{1}));
  EXPECT_EQ(bytes(std::complex<float>(0, 1)), (Expected{0, 0, 0, 0, 0, 0, 0x80, 0x3f}));
}

TEST(Layout, FixedPartsFollowEachOtherWithoutPadding) {
  EXPECT_EQ(bytes(Padded{1, 2}), (Expected{1, 2, 0, 0, 0}));
  EXPECT_EQ(bytes(std::array{Padded{1, 2}, Padded{3, 4}}), (Expected{1, 2, 0, 0, 0, 3, 4, 0, 0, 0}));
  EXPECT_EQ(bytes(std::tuple(std::uint8_t{1}, std::uint16_t{2}, true)), (Expected{1, 2, 0, 1}));
  EXPECT_EQ(bytes(std::pair(std::uint8_t{1}, std::uint16_t{2})), (Expected{1, 2, 0}));
  EXPECT_EQ(bytes(std::tuple<>()), Expected{});
  EXPECT_EQ(bytes(Empty{}), Expected{});
}

TEST(Layout, LengthsAreU64) {
  EXPECT_EQ(bytes(std::string("ab")), (Expected{2, 0, 0, 0, 0, 0, 0, 0, 'a', 'b'}));
  EXPECT_EQ(bytes(std::vector<bool>{true, false}), (Expected{2, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(bytes(std::vector<Packed>{{1, 2}, {3, 4}}),
            (Expected{2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0}));
  EXPECT_EQ(bytes(std::vector<Padded>{{1, 2}}), (Expected{1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0}));
  EXPECT_EQ(bytes(std::map<std::uint8_t, std::uint8_t>{{1, 2}, {3, 4}}),
            (Expected{2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}));
}

TEST(Layout, ElementsThatMayBeEmptyAreCountedByAZero) {
  EXPECT_EQ(bytes(std::vector<std::monostate>(2)), (Expected{2, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Layout, ChoicesStartWithAByte) {
  EXPECT_EQ(bytes(std::optional<std::uint8_t>{}), (Expected{0}));
  EXPECT_EQ(bytes(std::optional<std::uint8_t>{7}), (Expected{1, 7}));
  EXPECT_EQ(bytes(std::make_unique<std::uint8_t>(7)), (Expected{1, 7}));
  EXPECT_EQ(bytes(std::variant<int, std::uint8_t>{std::uint8_t{7}}), (Expected{1, 7}));
}

TEST(Layout, EqualUnorderedContainersHaveEqualBytes) {
  std::unordered_map<std::string, int> up, down;
  down.reserve(1000);
  for (int i = 0; i < 100; ++i) up[std::to_string(i)] = i;
  for (int i = 99; i >= 0; --i) down[std::to_string(i)] = i;
  ASSERT_EQ(up, down);
  EXPECT_EQ(acre::wire::to_bytes(up), acre::wire::to_bytes(down));
  EXPECT_EQ(bytes(std::unordered_set<std::uint8_t>{9, 3, 5}), (Expected{3, 0, 0, 0, 0, 0, 0, 0, 3, 5, 9}));
}

TEST(Layout, WidthsAreKnown) {
  using acre::wire::width_of;
  EXPECT_EQ(width_of<Padded>().least, 5U);
  EXPECT_TRUE(width_of<Padded>().fixed);
  EXPECT_EQ((width_of<std::pair<int, std::string>>().least), 12U);
  EXPECT_FALSE((width_of<std::pair<int, std::string>>().fixed));
  EXPECT_TRUE(acre::wire::is_flat<Packed>());
  EXPECT_FALSE(acre::wire::is_flat<Padded>());
  EXPECT_FALSE(acre::wire::is_flat<bool>());
}

}  // namespace layout
