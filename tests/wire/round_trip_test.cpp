// Every type comes back as it went, empty and falsy values too, alone and inside others.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>

#include <acre/wire/codec.hpp>

namespace {

using acre::wire::from_bytes;
using acre::wire::to_bytes;

template <class T>
void expect_same(const T& value) {
  EXPECT_EQ(from_bytes<T>(to_bytes(value)), value);
}
template <class... T>
void expect_all_same(const T&... value) {
  (expect_same(value), ...);
}

enum class Colour : std::uint16_t { red, green = 1000 };
enum Plain : int { minus = -1, zero, one };
enum class Switch : bool { off, on };

TEST(RoundTrip, Integers) {
  expect_all_same('\0', 'x', std::int8_t{-128}, std::uint8_t{255}, std::int16_t{-32768}, std::uint16_t{65535},
                  0, -1, std::numeric_limits<int>::min(), std::numeric_limits<unsigned>::max(),
                  std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::uint64_t>::max(), 7LL,
                  8ULL, char8_t{1}, char16_t{2}, char32_t{3}, wchar_t{4}, std::byte{5});
}

TEST(RoundTrip, BoolsAndEnums) {
  expect_all_same(false, true, Colour::red, Colour::green, static_cast<Colour>(7), minus, zero, one,
                  Switch::off, Switch::on);
}

TEST(RoundTrip, FloatingPoint) {
  expect_all_same(0.0, -1.5, std::numeric_limits<double>::denorm_min(),
                  std::numeric_limits<double>::infinity(), 1.5F, std::complex<double>{1, -2},
                  std::complex<float>{0, 3});
  EXPECT_TRUE(std::signbit(from_bytes<double>(to_bytes(-0.0))));
  EXPECT_TRUE(std::isnan(from_bytes<float>(to_bytes(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(RoundTrip, Durations) {
  expect_all_same(std::chrono::nanoseconds(-1), std::chrono::duration<double>(0.5), std::chrono::hours(0));
}

TEST(RoundTrip, ArraysPairsAndTuples) {
  expect_all_same(std::array<int, 0>{}, std::array{1, 2, 3}, std::array<std::string, 2>{"", "b"},
                  std::array<std::array<double, 2>, 2>{{{1, 2}, {3, 4}}}, std::pair{1, std::string("a")},
                  std::pair{std::tuple<>{}, false}, std::tuple<>{}, std::tuple{1}, std::tuple{std::tuple{1}},
                  std::tuple{0, std::string(), 2.5, std::vector<int>{}}, std::monostate{});
}

TEST(RoundTrip, Strings) {
  expect_all_same(std::string(), std::string("a\0b", 3), std::string(100'000, 'x'), std::u16string(u"\u20ac"),
                  std::wstring(L"w"), std::filesystem::path(), std::filesystem::path("/tmp/a b"));
}

TEST(RoundTrip, Sequences) {
  expect_all_same(std::vector<int>{}, std::vector<int>{0, 1}, std::vector<bool>{},
                  std::vector<bool>{true, false, true}, std::vector<std::string>{"", "b"},
                  std::vector<std::vector<double>>{{}, {1, 2}}, std::vector<std::monostate>(3),
                  std::vector<std::tuple<>>(2), std::deque<int>{}, std::deque<int>{1, 2},
                  std::list<std::string>{"a", ""}, std::vector<std::array<int, 0>>(4),
                  acre::Bytes{std::byte{1}, std::byte{0}}, std::vector<std::complex<double>>{{1, 2}, {3, 4}},
                  std::vector<Colour>{Colour::green}, std::vector<Switch>{Switch::on, Switch::off});
}

TEST(RoundTrip, LongVectors) {
  std::vector<std::uint64_t> values(100'003);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i * i;
  expect_same(values);
  expect_same(std::vector<std::array<double, 5000>>(3, std::array<double, 5000>{1.0}));
  using LongerThanAPiece = std::array<double, acre::copy_piece / sizeof(double) + 1>;
  expect_same(std::vector<LongerThanAPiece>(2, LongerThanAPiece{1.0, 2.0}));
  std::string text(2 * acre::copy_piece + 1, 'x');
  text[acre::copy_piece - 1] = text.back() = 'y';
  expect_same(text);
}

TEST(RoundTrip, SetsAndMaps) {
  expect_all_same(std::set<int>{}, std::set<int>{3, 1}, std::unordered_set<std::string>{"", "b"},
                  std::map<int, int>{}, std::map<std::string, std::vector<int>>{{"a", {}}, {"b", {1}}},
                  std::unordered_map<int, std::string>{{0, ""}, {1, "x"}}, std::unordered_map<int, int>{},
                  std::map<int, std::monostate>{{1, {}}}, std::set<std::tuple<>>{{}},
                  std::map<std::tuple<>, std::monostate>{{{}, {}}});
}

TEST(RoundTrip, OptionalsAndVariants) {
  using Variant = std::variant<std::monostate, int, std::string, int>;
  expect_all_same(std::optional<int>{}, std::optional<int>{0},
                  std::optional<std::optional<bool>>{std::optional<bool>{}}, std::optional<std::string>{""},
                  Variant{}, Variant{std::in_place_index<1>, 5}, Variant{std::in_place_index<3>, 5},
                  Variant{std::string("x")}, std::vector<std::optional<int>>{{}, 0, 1});
}

TEST(RoundTrip, OwnedPointers) {
  EXPECT_EQ(from_bytes<std::unique_ptr<int>>(to_bytes(std::unique_ptr<int>())), nullptr);
  EXPECT_EQ(*from_bytes<std::unique_ptr<const int>>(to_bytes(std::make_unique<const int>(0))), 0);
  std::vector<std::unique_ptr<std::string>> pointers;
  pointers.push_back(nullptr);
  pointers.push_back(std::make_unique<std::string>("s"));
  const auto copy = from_bytes<std::vector<std::unique_ptr<std::string>>>(to_bytes(pointers));
  ASSERT_EQ(copy.size(), 2U);
  EXPECT_EQ(copy[0], nullptr);
  EXPECT_EQ(*copy[1], "s");
}

TEST(RoundTrip, MoveOnlyValuesInEveryContainer) {
  using Pointer = std::unique_ptr<int>;
  std::map<int, std::pair<Pointer, std::optional<Pointer>>> map;
  map.emplace(1, std::pair(std::make_unique<int>(2), std::make_unique<int>(3)));
  const auto copy = from_bytes<decltype(map)>(to_bytes(map));
  EXPECT_EQ(*copy.at(1).first, 2);
  EXPECT_EQ(**copy.at(1).second, 3);
  using Tuple = std::tuple<Pointer, std::variant<int, Pointer>>;
  const auto tuple = from_bytes<Tuple>(to_bytes(Tuple(nullptr, std::make_unique<int>(4))));
  EXPECT_EQ(std::get<0>(tuple), nullptr);
  EXPECT_EQ(*std::get<1>(std::get<1>(tuple)), 4);
  const std::array<Pointer, 2> array{nullptr, std::make_unique<int>(5)};
  const auto array_copy = from_bytes<std::array<Pointer, 2>>(to_bytes(array));
  EXPECT_EQ(*array_copy[1], 5);
}

TEST(RoundTrip, SeveralValuesInOneBuffer) {
  acre::Bytes bytes;
  acre::wire::Writer writer(bytes);
  acre::wire::encode(writer, 1);
  acre::wire::encode(writer, std::string("two"));
  acre::wire::Reader reader(bytes);
  EXPECT_EQ(acre::wire::decode<int>(reader), 1);
  EXPECT_EQ(acre::wire::decode<std::string>(reader), "two");
  EXPECT_EQ(reader.remaining(), 0U);
}

TEST(RoundTrip, VariantWithoutValueIsRefused) {
  std::variant<int, std::deque<int>> variant;
  EXPECT_THROW(variant.emplace<std::deque<int>>(std::deque<int>().max_size() + 1), std::length_error);
  ASSERT_TRUE(variant.valueless_by_exception());
  EXPECT_THROW(to_bytes(variant), acre::Error);
}

}  // namespace
