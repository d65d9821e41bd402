// Thunks, hooks and signatures, all in one process.
#include <gtest/gtest.h>

#include <acre/base/error.hpp>
#include <acre/task/invoke.hpp>
#include <memory>
#include <string>

namespace acre::test {
namespace {
using task::Types;

int plain(int a, const std::string& b) { return a + static_cast<int>(b.size()); }
double injected(Context& context, Preloaded<std::string> text, PerWorker<int> count, double x) {
  return x + static_cast<double>(context.index()) + static_cast<double>(text->size()) + ++*count;
}
void nothing(std::unique_ptr<int>) {}

template <class F>
using Passed = typename task::Signature<F>::Passed;
template <class F>
using Injected = typename task::Signature<F>::Injected;

TEST(Signature, splits_injected_from_passed_parameters) {
  static_assert(std::is_same_v<Passed<decltype(&plain)>, Types<int, const std::string&>>);
  static_assert(std::is_same_v<Injected<decltype(&plain)>, Types<>>);
  static_assert(std::is_same_v<Passed<decltype(&injected)>, Types<double>>);
  static_assert(
      std::is_same_v<Injected<decltype(&injected)>, Types<Context&, Preloaded<std::string>, PerWorker<int>>>);
  const auto lambda = [](Context&, long) noexcept { return 'x'; };
  static_assert(std::is_same_v<Passed<decltype(lambda)>, Types<long>>);
  static_assert(std::is_same_v<task::ResultOf<decltype(lambda)>, char>);
}

TEST(Signature, knows_what_can_be_a_task) {
  int captured = 1;
  const auto capturing = [captured] { return captured; };
  const auto generic = [](auto x) { return x; };
  const auto simple = [](int x) { return x; };
  static_assert(task::stateless<decltype(simple)> && task::plain_function<decltype(simple)>);
  static_assert(!task::stateless<decltype(capturing)>);
  static_assert(!task::plain_function<decltype(generic)>);
  static_assert(task::plain_function<decltype(&plain)>);
  static_cast<void>(generic);
  static_cast<void>(simple);
  EXPECT_EQ(capturing(), 1);
}

class Thunk : public testing::Test {
 protected:
  Thunk() { task::note_modules(); }

  template <auto F, class... A>
  Bytes call(const A&... arguments) {
    using S = task::Signature<std::decay_t<decltype(F)>>;
    const Bytes encoded = task::encode_arguments(typename S::Passed{}, arguments...);
    const task::TaskFunction& function = task::task_function<F>();
    const auto thunk = reinterpret_cast<task::Thunk>(const_cast<void*>(task::function_at(function.id)));
    wire::Reader reader(encoded);
    Bytes result;
    wire::Writer writer(result);
    std::atomic<std::uint32_t> stage = 0;
    task::Call frame{context, here, reader, writer, stage};
    thunk(frame);
    return result;
  }

  Context context{10, 1, 99};
  task::Surroundings here;
};

TEST_F(Thunk, decodes_calls_and_encodes) {
  EXPECT_EQ(wire::from_bytes<int>(call<plain>(3, "four")), 7);
  EXPECT_EQ(wire::from_bytes<int>(call<[](int x) { return -x; }>(3)), -3);
  EXPECT_TRUE(call<nothing>(std::make_unique<int>(1)).empty());
}

TEST_F(Thunk, injects_what_the_worker_holds) {
  here.preloaded = {std::make_shared<std::string>("12345"), &typeid(std::string)};
  here.per_worker = {std::make_shared<int>(1), &typeid(int)};
  EXPECT_EQ(wire::from_bytes<double>(call<injected>(0.5)), 0.5 + 10 + 5 + 2);
  EXPECT_EQ(wire::from_bytes<double>(call<injected>(0.5)), 0.5 + 10 + 5 + 3);
  const task::Requirements wants = task::task_function<injected>().wants;
  EXPECT_EQ(*wants.preloaded, typeid(std::string));
  EXPECT_EQ(*wants.per_worker, typeid(int));
  EXPECT_EQ(task::task_function<plain>().wants.preloaded, nullptr);
}

TEST_F(Thunk, refuses_to_inject_something_else) {
  EXPECT_THROW(call<injected>(0.5), Error);
  here.per_worker = {std::make_shared<int>(1), &typeid(int)};
  here.preloaded = {std::make_shared<long>(1), &typeid(long)};
  try {
    call<injected>(0.5);
    FAIL() << "a long was taken for a string";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "the task takes a std::__cxx11::basic_string<char, std::char_traits<char>, "
                 "std::allocator<char> > from the preload, which returned a long");
  }
}

TEST_F(Thunk, refuses_arguments_that_are_cut_short) {
  const task::TaskFunction& function = task::task_function<plain>();
  const auto thunk = reinterpret_cast<task::Thunk>(const_cast<void*>(task::function_at(function.id)));
  const Bytes encoded = task::encode_arguments(Types<int, std::string>{}, 3, std::string("four"));
  for (std::size_t length = 0; length < encoded.size(); ++length) {
    wire::Reader reader(ByteView(encoded).first(length));
    Bytes result;
    wire::Writer writer(result);
    std::atomic<std::uint32_t> stage = 0;
    task::Call frame{context, here, reader, writer, stage};
    EXPECT_THROW(thunk(frame), wire::DecodeError) << length;
  }
}

std::unique_ptr<std::string> make_text(const std::string& a, int times) {
  auto text = std::make_unique<std::string>();
  for (int i = 0; i < times; ++i) *text += a;
  return text;
}
void fail() { throw std::length_error("the hook fails"); }
const std::string& borrowed() {
  static const std::string text = "kept";
  return text;
}

TEST_F(Thunk, hooks_run_with_their_arguments_and_keep_what_they_return) {
  const Hook hooked = hook<make_text>("ab", 3);
  EXPECT_TRUE(hooked);
  EXPECT_EQ(*hooked.result, typeid(std::unique_ptr<std::string>));
  const task::Kept kept = task::run_hook(hooked.function, hooked.arguments);
  EXPECT_EQ(*kept.type, typeid(std::unique_ptr<std::string>));
  EXPECT_EQ(**static_cast<std::unique_ptr<std::string>*>(kept.object.get()), "ababab");
  EXPECT_FALSE(Hook{});
}

TEST_F(Thunk, hooks_throw_what_their_function_throws) {
  const Hook failing = hook<fail>();
  EXPECT_EQ(*failing.result, typeid(void));
  EXPECT_THROW(task::run_hook(failing.function, failing.arguments), std::length_error);
}

TEST_F(Thunk, hooks_keep_a_copy_of_what_is_returned_by_reference) {
  const Hook hooked = hook<borrowed>();
  const task::Kept kept = task::run_hook(hooked.function, hooked.arguments);
  EXPECT_EQ(*static_cast<std::string*>(kept.object.get()), "kept");
  EXPECT_NE(kept.object.get(), &borrowed());
}

}  // namespace
}  // namespace acre::test
