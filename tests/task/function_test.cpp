// How functions travel: as places in modules that can be found again.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <acre/base/error.hpp>
#include <acre/task/function.hpp>
#include <acre/wire/codec.hpp>
#include <cstdlib>

namespace acre::test {
namespace {
using task::FunctionId;

int here(int x) { return x + 1; }
static int also_here(int x) { return x + 2; }
int variable = 0;

const void* address(int (*function)(int)) { return reinterpret_cast<const void*>(function); }

class Function : public testing::Test {
 protected:
  Function() { task::note_modules(); }
};

TEST_F(Function, is_found_again_by_its_id) {
  const FunctionId id = task::function_id(address(&here));
  EXPECT_EQ(task::function_at(id), address(&here));
  EXPECT_NE(task::function_id(address(&also_here)), id);
  EXPECT_EQ(task::function_at(task::function_id(address(&also_here))), address(&also_here));
}

TEST_F(Function, in_a_shared_library_has_another_module) {
  const auto of_libc = reinterpret_cast<const void*>(::dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
  ASSERT_NE(of_libc, nullptr);
  const FunctionId id = task::function_id(of_libc);
  EXPECT_NE(id.module, task::function_id(address(&here)).module);
  EXPECT_EQ(task::function_at(id), of_libc);
}

TEST_F(Function, id_survives_a_journey_as_bytes) {
  const FunctionId id = task::function_id(address(&here));
  EXPECT_EQ(wire::from_bytes<FunctionId>(wire::to_bytes(id)), id);
}

TEST_F(Function, that_nobody_has_loaded_is_refused_in_words) {
  const auto expect = [](const char* words, auto call) {
    try {
      call();
      ADD_FAILURE() << "it was found";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), words);
    }
  };
  const char* const unknown_module =
      "a task function lives in a library that this process has not loaded: all ranks must run the same "
      "build";
  FunctionId id = task::function_id(address(&here));
  expect(unknown_module, [&] { task::function_at({id.module + 1, id.offset}); });
  expect(unknown_module, [&] { task::function_at({id.module, ~std::uint64_t{0}}); });
  const int on_the_stack = 0;
  expect(
      "a task function lives in a library that was loaded after acre::run began: link it to the program "
      "instead",
      [&] { task::function_id(&on_the_stack); });
}

TEST_F(Function, ids_begin_with_the_build_id_of_the_program) {
  const std::string& hex = task::program_build_id();
  EXPECT_GE(hex.size(), 16u);
  EXPECT_EQ(hex.find_first_not_of("0123456789abcdef"), std::string::npos);
  const std::uint64_t module = task::function_id(address(&here)).module;
  EXPECT_EQ(std::stoul(hex.substr(0, 2), nullptr, 16), module & 0xff);
  EXPECT_EQ(task::function_id(&variable).module, module);
}

}  // namespace
}  // namespace acre::test
