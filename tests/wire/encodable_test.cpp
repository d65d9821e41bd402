// encodable<T> answers and never stops the compiler.
#include <gtest/gtest.h>

#include <any>
#include <mutex>

#include <acre/wire/codec.hpp>

namespace {

using acre::wire::encodable;

struct Plain {
  int number;
};
struct Hidden {
  std::optional<std::vector<const char*>> names;
};
ACRE_RECORD(Hidden, names)
struct Loop {
  std::vector<Loop> loops;
  std::map<int, Hidden> hidden;
};
ACRE_RECORD(Loop, loops, hidden)
struct Row : std::vector<double> {
  std::string name;
};
using Order = bool (*)(int, int);

TEST(Encodable, Values) {
  EXPECT_TRUE(encodable<int>);
  EXPECT_TRUE(encodable<const int>);
  EXPECT_TRUE((encodable<std::map<std::string, std::variant<std::tuple<>, std::optional<bool>>>>));
  EXPECT_TRUE((encodable<std::map<int, int, std::greater<>>>));
}

TEST(Encodable, NothingThatPoints) {
  EXPECT_FALSE(encodable<int*>);
  EXPECT_FALSE(encodable<int&>);
  EXPECT_FALSE(encodable<void (*)()>);
  EXPECT_FALSE(encodable<int Plain::*>);
  EXPECT_FALSE(encodable<std::nullptr_t>);
  EXPECT_FALSE(encodable<std::string_view>);
  EXPECT_FALSE(encodable<std::vector<std::string_view>>);
  EXPECT_FALSE((encodable<std::array<std::span<int>, 2>>));
  EXPECT_FALSE((encodable<std::pair<int, std::reference_wrapper<int>>>));
  EXPECT_FALSE((encodable<std::tuple<int, int&>>));
  EXPECT_FALSE(encodable<std::unique_ptr<int*>>);
  EXPECT_FALSE(encodable<std::initializer_list<int>>);
  EXPECT_FALSE(encodable<Hidden>);
  EXPECT_FALSE(encodable<Loop>);
}

TEST(Encodable, NothingWithoutACodec) {
  EXPECT_FALSE(encodable<Plain>);
  EXPECT_FALSE(encodable<std::any>);
  EXPECT_FALSE(encodable<std::mutex>);
  EXPECT_FALSE(encodable<std::shared_ptr<int>>);
  EXPECT_FALSE(encodable<std::unique_ptr<int[]>>);
  EXPECT_FALSE(encodable<Row>) << "a class derived from a container would lose its own fields";
  EXPECT_FALSE(encodable<long double>);
  EXPECT_FALSE(encodable<std::complex<long double>>);
  EXPECT_FALSE(encodable<int[3]>);
  EXPECT_FALSE(encodable<void>);
  EXPECT_FALSE((encodable<std::map<int, int, Order>>)) << "a decoded map would order by a null function";
}

TEST(Encodable, NeitherClosuresThatHoldReferences) {
  int number = 0;
  auto closure = [&number] { return number; };
  EXPECT_FALSE(encodable<decltype(closure)>);
}

}  // namespace
