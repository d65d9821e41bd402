// ACRE_RECORD in all places where users write it.
#include <gtest/gtest.h>

#include <acre/wire/codec.hpp>

namespace app {

struct Hits {
  std::uint64_t inside = 0, samples = 0;
  friend bool operator==(const Hits&, const Hits&) = default;
};
ACRE_RECORD(Hits, inside, samples)

struct Outer {
  struct Inner {
    int number;
    friend bool operator==(const Inner&, const Inner&) = default;
  };
  Inner inner;
  std::vector<Hits> hits;
  friend bool operator==(const Outer&, const Outer&) = default;
};
ACRE_RECORD(Outer::Inner, number)
ACRE_RECORD(Outer, inner, hits);

template <class A, class B>
struct Both {
  A first;
  B second;
};
using IntAndText = Both<int, std::string>;
ACRE_RECORD(IntAndText, first, second)

struct Constant {  // neither default-constructible nor assignable
  const int number;
  const std::string text;
};
ACRE_RECORD(Constant, number, text)

struct Tree {
  std::string name;
  std::vector<Tree> children;
};
ACRE_RECORD(Tree, name, children)

struct Chain {
  int number = 0;
  std::unique_ptr<Chain> next;
};
ACRE_RECORD(Chain, number, next)

struct Scale {  // a task: a struct with a call operator and its parameters
  double factor = 1;
  double operator()(double x) const { return factor * x; }
};
ACRE_RECORD(Scale, factor)

struct Wide {
  int f01, f02, f03, f04, f05, f06, f07, f08, f09, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21,
      f22, f23;
  int f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39, f40;
  friend bool operator==(const Wide&, const Wide&) = default;
};
ACRE_RECORD(Wide, f01, f02, f03, f04, f05, f06, f07, f08, f09, f10, f11, f12, f13, f14, f15, f16, f17, f18,
            f19, f20, f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37,
            f38, f39, f40)

struct Greedy {  // fields whose constructors take nearly anything
  std::optional<std::string> optional;
  std::variant<int, std::string> variant;
  std::tuple<int> tuple;
  std::vector<int> vector;
  std::array<int, 2> array;
  std::unique_ptr<int> pointer;
};
ACRE_RECORD(Greedy, optional, variant, tuple, vector, array, pointer)

}  // namespace app

namespace {

struct Local {
  bool flag;
};
ACRE_RECORD(Local, flag)

using acre::wire::from_bytes;
using acre::wire::to_bytes;

TEST(Record, RoundTrips) {
  EXPECT_EQ(from_bytes<app::Hits>(to_bytes(app::Hits{1, 2})), (app::Hits{1, 2}));
  const app::Outer outer{{7}, {{1, 2}, {}}};
  EXPECT_EQ(from_bytes<app::Outer>(to_bytes(outer)), outer);
  EXPECT_TRUE(from_bytes<Local>(to_bytes(Local{true})).flag);
  EXPECT_EQ(from_bytes<app::Scale>(to_bytes(app::Scale{2}))(4), 8);
  const std::vector<app::Hits> hits{{1, 2}, {3, 4}};
  EXPECT_EQ(from_bytes<std::vector<app::Hits>>(to_bytes(hits)), hits);
}

TEST(Record, OfATemplateByAlias) {
  const auto copy = from_bytes<app::IntAndText>(to_bytes(app::IntAndText{1, "a"}));
  EXPECT_EQ(copy.first, 1);
  EXPECT_EQ(copy.second, "a");
  EXPECT_EQ(acre::wire::record_name<app::IntAndText>(), "IntAndText");
  EXPECT_FALSE((acre::wire::record<app::Both<int, int>>));
}

TEST(Record, ConstFieldsAndNoDefaultConstructor) {
  const auto copy = from_bytes<std::vector<app::Constant>>(to_bytes(std::vector<app::Constant>{{3, "x"}}));
  EXPECT_EQ(copy.at(0).number, 3);
  EXPECT_EQ(copy.at(0).text, "x");
}

TEST(Record, HoldsItself) {
  const app::Tree tree{"root", {{"left", {}}, {"right", {{"leaf", {}}}}}};
  EXPECT_EQ(from_bytes<app::Tree>(to_bytes(tree)).children.at(1).children.at(0).name, "leaf");
}

app::Chain chain(int length) {
  app::Chain head;
  for (int i = 1; i < length; ++i) head = app::Chain{i, std::make_unique<app::Chain>(std::move(head))};
  return head;
}

TEST(Record, NestingHasALimitWhenEncoding) {
  EXPECT_EQ(from_bytes<app::Chain>(to_bytes(chain(acre::wire::max_nesting))).number,
            acre::wire::max_nesting - 1);
  EXPECT_THROW(to_bytes(chain(acre::wire::max_nesting + 1)), acre::Error);
}

TEST(Record, SiblingsDoNotCountAsNesting) {
  const std::vector<app::Tree> trees(1000);
  EXPECT_EQ(from_bytes<std::vector<app::Tree>>(to_bytes(trees)).size(), 1000U);
}

TEST(Record, FortyFields) {
  app::Wide wide{};
  wide.f01 = 1, wide.f40 = 40;
  EXPECT_EQ(from_bytes<app::Wide>(to_bytes(wide)), wide);
  EXPECT_EQ(acre::wire::record_names<app::Wide>().size(), 40U);
  EXPECT_EQ(acre::wire::record_names<app::Wide>().back(), "f40");
}

TEST(Record, FieldsWithGreedyConstructors) {
  const auto copy =
      from_bytes<app::Greedy>(to_bytes(app::Greedy{"a", "b", 3, {4}, {5, 6}, std::make_unique<int>(7)}));
  EXPECT_EQ(copy.optional, "a");
  EXPECT_EQ(std::get<1>(copy.variant), "b");
  EXPECT_EQ(copy.array[1], 6);
  EXPECT_EQ(*copy.pointer, 7);
}

TEST(Record, NamesAndFields) {
  EXPECT_EQ(acre::wire::record_name<app::Outer::Inner>(), "Outer::Inner");
  app::Hits hits{1, 2};
  std::string seen;
  acre::wire::for_each_field(hits, [&](std::string_view name, std::uint64_t& field) {
    seen += std::string(name) + std::to_string(field);
    field += 10;
  });
  EXPECT_EQ(seen, "inside1samples2");
  EXPECT_EQ(hits, (app::Hits{11, 12}));
  const app::Hits& fixed = hits;
  EXPECT_EQ(acre::wire::with_fields(fixed, [](const auto&... field) { return (field + ...); }), 23U);
  EXPECT_TRUE(acre::wire::with_fields(fixed, []<class... F>(F&...) { return (std::is_const_v<F> && ...); }));
  EXPECT_FALSE(acre::wire::with_fields(hits, []<class... F>(F&...) { return (std::is_const_v<F> || ...); }));
}

}  // namespace
