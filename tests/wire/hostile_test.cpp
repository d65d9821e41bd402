// Damaged and hostile encodings end in DecodeError or in some value: never in a crash, nor in memory nobody
// sent.
#include <gtest/gtest.h>

#include <random>

#include <acre/wire/codec.hpp>

namespace hostile {

struct Item {
  std::string name;
  std::vector<Item> items;
  std::unique_ptr<Item> next;
};
ACRE_RECORD(Item, name, items, next)

struct Padded {
  bool flag;
  std::uint64_t number;
};
ACRE_RECORD(Padded, flag, number)

using acre::wire::DecodeError;
using acre::wire::from_bytes;
using acre::wire::to_bytes;

template <class T>
std::string error_of(const acre::Bytes& bytes) {
  try {
    from_bytes<T>(bytes);
  } catch (const DecodeError& error) {
    return error.what();
  }
  return "no error";
}

template <class T>
class HugeLength : public testing::Test {};
using Containers =
    testing::Types<std::string, std::vector<double>, std::vector<bool>, std::vector<std::string>,
                   std::vector<std::monostate>, std::vector<Padded>, std::vector<std::array<int, 0>>,
                   std::deque<char>, std::list<std::tuple<>>, std::set<int>, std::map<int, int>,
                   std::unordered_set<int>, std::unordered_map<int, std::string>,
                   std::vector<std::vector<std::optional<int>>>>;
TYPED_TEST_SUITE(HugeLength, Containers);

TYPED_TEST(HugeLength, IsRefusedBeforeAllocating) {
  for (const int shift : {20, 32, 60, 61, 63}) {
    const std::uint64_t length = std::uint64_t{1} << shift;
    EXPECT_THROW(from_bytes<TypeParam>(to_bytes(length)), DecodeError);
    EXPECT_THROW(from_bytes<TypeParam>(to_bytes(std::pair(length + 1, std::array<char, 100>{}))),
                 DecodeError);
    EXPECT_THROW(from_bytes<TypeParam>(to_bytes(~std::uint64_t{0} - length)), DecodeError);
  }
}

TEST(Hostile, MessagesSayWhatIsWrong) {
  EXPECT_EQ(error_of<int>({}), "an encoding ends too early: 4 bytes wanted, 0 left");
  EXPECT_EQ(error_of<bool>(to_bytes('\2')), "an encoding holds 2 where a bool is 0 or 1");
  EXPECT_EQ(error_of<std::optional<int>>(to_bytes('\2')), "an encoding holds 2 where a bool is 0 or 1");
  EXPECT_EQ(error_of<char>(to_bytes(1)), "an encoding is followed by 3 bytes that belong to nothing");
  EXPECT_EQ(error_of<std::string>(to_bytes(std::uint64_t{9})),
            "an encoding claims 9 elements, but only 0 bytes are left");
  EXPECT_EQ((error_of<std::variant<int, char>>(to_bytes('\2'))),
            "an encoding names alternative 2 of a variant of 2");
  EXPECT_EQ(error_of<std::set<int>>(to_bytes(std::vector{1, 1})),
            "an encoding of a set or map holds a key twice");
  EXPECT_EQ(error_of<std::vector<std::monostate>>(to_bytes(std::string("x"))),
            "an encoding lacks the zero before an empty element");
}

TEST(Hostile, EndlessNestingIsRefused) {
  const auto level = to_bytes(std::tuple(std::string(), std::vector<int>(), true));
  acre::Bytes bytes;
  for (int i = 0; i < 100'000; ++i) bytes.insert(bytes.end(), level.begin(), level.end());
  EXPECT_EQ(error_of<Item>(bytes), "an encoding holds records nested more than 256 deep: it is damaged");
}

TEST(Hostile, EveryTruncationIsRefused) {
  using T =
      std::tuple<std::string, std::vector<std::optional<int>>, std::map<int, std::string>, Padded, double>;
  const acre::Bytes whole = to_bytes(T{"name", {1, {}, 3}, {{1, "a"}, {2, ""}}, {true, 5}, 0.5});
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THROW(from_bytes<T>(acre::ByteView(whole).first(length)), DecodeError) << length;
}

Item item() {
  Item inner{"inner", {}, nullptr};
  Item out{"outer", {}, std::make_unique<Item>(Item{"next", {}, nullptr})};
  out.items.push_back(std::move(inner));
  return out;
}

acre::Bytes damaged(acre::Bytes bytes, std::mt19937_64& random) {
  for (std::uint64_t changes = 1 + random() % 4; changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 5) {
      case 0:
        bytes[at] ^= std::byte(1U << (random() % 8));
        break;
      case 1:
        bytes[at] = std::byte(random() % 256);
        break;
      case 2:
        bytes[at] = std::byte{0xff};
        break;
      case 3:
        bytes.resize(at);
        break;
      default:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), std::byte(random() % 3));
        break;
    }
  }
  return bytes;
}

struct Tally {
  int decoded = 0, refused = 0;
};

template <class T>
Tally fuzz(const T& value, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const acre::Bytes whole = to_bytes(value);
  Tally tally;
  for (int round = 0; round < 20'000; ++round) {
    try {
      const T copy = from_bytes<T>(damaged(whole, random));
      ++tally.decoded;
      to_bytes(copy);  // touches every byte of what was decoded
    } catch (const DecodeError&) {
      ++tally.refused;
    }
  }
  return tally;
}

template <class T>
void expect_fuzz_survived(const T& value) {
  const Tally tally = fuzz(value, 20240229);
  EXPECT_GT(tally.decoded, 0);
  EXPECT_GT(tally.refused, 0);
}

TEST(Hostile, FuzzedRecords) { expect_fuzz_survived(item()); }
TEST(Hostile, FuzzedFlatVectors) { expect_fuzz_survived(std::vector<double>{1, 2, 3, 4}); }
TEST(Hostile, FuzzedPaddedRecords) { expect_fuzz_survived(std::vector<Padded>{{true, 1}, {false, 2}}); }
TEST(Hostile, FuzzedMaps) {
  expect_fuzz_survived(
      std::map<std::string, std::unordered_map<int, std::string>>{{"a", {{1, "x"}}}, {"b", {}}});
}
TEST(Hostile, FuzzedChoices) {
  using Choice = std::variant<std::monostate, bool, std::string, std::vector<std::optional<short>>>;
  expect_fuzz_survived(std::deque<Choice>{{}, true, "text", std::vector<std::optional<short>>{1, {}, 3}});
}
TEST(Hostile, FuzzedNestedVectors) {
  expect_fuzz_survived(std::list<std::vector<std::vector<std::tuple<>>>>{{{{}, {}}, {}}, {}});
}

}  // namespace hostile
