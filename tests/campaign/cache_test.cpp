// Caches on real workers: what is kept, what is run again, what is refused, and what survives a kill.
#include <gtest/gtest.h>
#include <signal.h>

#include <random>
#include <set>
#include <sstream>

#include "campaign/cached_twins.hpp"
#include "executor/ranges.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {

// Of external linkage: known by its own name.
std::string spelled(int number, const std::string& suffix) {
  shared(0).add();
  return std::to_string(number) + suffix;
}

namespace {
constexpr std::size_t runs = 0, gate = 1;

std::vector<double> powers(double base) {
  shared(runs).add();
  return {1, base, base * base};
}
void note(int) { shared(runs).add(); }
std::string none(int) {
  shared(runs).add();
  return {};
}
int fails_until_open(int x) {
  shared(runs).add();
  if (shared(gate).get() == 0) throw std::domain_error("closed");
  return x;
}
int waits_until_open(int x) {
  shared(runs).add();
  shared(gate).await(1);
  return x;
}
int square(int x) {
  shared(runs).add();
  return x * x;
}

class Caches : public testing::Test {
 protected:
  Caches() { reset_shared(); }
  Cache open(int version = 0) const { return session().cache(folder_ / "results.cache", {version}); }
  /// The sentence with which opening it is refused.
  std::string refusal(int version = 0) const {
    try {
      open(version);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }
  std::uint64_t ran() const { return shared(runs).get(); }

  Folder folder_;
};

TEST_F(Caches, know_results_of_an_earlier_run) {
  for (int run = 0; run < 2; ++run) {
    const Cache cache = open();
    EXPECT_EQ(cache.size(), run == 0 ? 0u : 4u);
    EXPECT_EQ(cached<powers>(cache)(3), (std::vector<double>{1, 3, 9}));
    EXPECT_EQ(cached<spelled>(cache)(7, "th"), "7th");
    EXPECT_EQ(cached<none>(cache)(1), "");
    cached<note>(cache)(5);
    EXPECT_EQ(ran(), 4u) << run;
    EXPECT_EQ(cache.size(), 4u);
  }
}

TEST_F(Caches, tell_functions_arguments_and_versions_apart) {
  for (const int version : {1, 2, 1}) {
    const Cache cache = open(version);
    EXPECT_EQ(cached<spelled>(cache)(1, "a"), "1a");
    EXPECT_EQ(cached<spelled>(cache)(1, "b"), "1b");
    EXPECT_EQ(cached<spelled>(cache, "another")(1, "a"), "1a");
  }
  EXPECT_EQ(ran(), 6u);
}

TEST_F(Caches, never_mix_up_functions_that_are_named_alike) {
  const Cache cache = open();
  EXPECT_EQ(twin_here(cache, ""), 1);
  EXPECT_EQ(twin_there(cache, ""), 2);
  EXPECT_EQ(lambda_here(cache, ""), 10);
  EXPECT_EQ(lambda_there(cache, ""), 20);
  EXPECT_EQ(cache.size(), 4u);
}

TEST_F(Caches, with_a_version_need_names_for_what_has_none_of_its_own) {
  const Cache cache = open(1);
  EXPECT_EQ(cached<spelled>(cache)(1, "st"), "1st");
  for (const auto call : {twin_here, twin_there, lambda_here}) {
    try {
      call(cache, "");
      ADD_FAILURE() << "it was taken";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(),
                   "a cache with a version knows functions by their names, and this one is static, in an "
                   "anonymous namespace or a lambda, so that another one can have its name: give it one, "
                   "cached<f>(cache, \"name\")");
    }
  }
  EXPECT_THROW(cached<square>(cache), Error);
  EXPECT_EQ(twin_here(cache, "here"), 1);
  EXPECT_EQ(twin_there(cache, "there"), 2);
}

TEST_F(Caches, run_equal_tasks_that_are_under_way_once) {
  const Cache cache = open();
  Executor executor = session().executor({.workers = 2});
  const auto slow = cached<waits_until_open>(cache);
  const auto first = slow.submit(executor, 4), second = slow.submit(executor, 4),
             other = slow.submit(executor, 5);
  EXPECT_FALSE(second.done());
  shared(gate).set(1);
  EXPECT_EQ(first.get() + second.get() + other.get(), 13);
  EXPECT_EQ(slow.submit(executor, 4).get(), 4);
  EXPECT_EQ(ran(), 2u);
  EXPECT_EQ(cache.size(), 2u);
}

TEST_F(Caches, do_not_keep_failures) {
  const Cache cache = open();
  Executor executor = session().executor({.workers = 1});
  const auto function = cached<fails_until_open>(cache);
  EXPECT_THROW(function(1), std::domain_error);
  EXPECT_THROW(function.submit(executor, 1).get(), std::domain_error);
  EXPECT_THROW(function.map(executor, std::vector<int>{1}).begin(), std::domain_error);
  EXPECT_EQ(cache.size(), 0u);
  shared(gate).set(1);
  EXPECT_EQ(function.submit(executor, 1).get(), 1);
  EXPECT_EQ(function(1), 1);
  EXPECT_EQ(ran(), 4u);
}

TEST_F(Caches, map_in_order_and_run_only_what_is_unknown) {
  const Cache cache = open();
  Executor executor = session().executor({.workers = 2});
  for (const int x : {3, 5}) EXPECT_EQ(cached<square>(cache)(x), x * x);
  const std::vector<int> items{1, 3, 1, 5, 2, 2, 2, 7};
  for (int time = 0; time < 2; ++time) {
    std::vector<int> results;
    for (const int result : cached<square>(cache).map(executor, items)) results.push_back(result);
    EXPECT_EQ(results, (std::vector<int>{1, 9, 1, 25, 4, 4, 4, 49}));
    EXPECT_EQ(ran(), 5u) << "3, 5, and once each of 1, 2, 7";
  }
  int taken = 0;
  for (const int result : cached<square>(cache).map(executor, CountUp())) {
    EXPECT_EQ(result, taken * taken);
    if (++taken == 20) break;
  }
}

TEST_F(Caches, are_held_by_one_run) {
  const Cache cache = open();
  EXPECT_NE(refusal().find("results.cache.lock: another run holds this cache: process "), std::string::npos)
      << refusal();
}

TEST_F(Caches, refuse_files_that_are_none) {
  const std::string path = folder_ / "results.cache";
  write_file(path, "a letter to somebody, longer than any header");
  EXPECT_EQ(refusal(), path + ": is not an acre journal; nothing was changed");
  EXPECT_EQ(content_of(path), "a letter to somebody, longer than any header");
  EXPECT_EQ(refusal(-1), "a cache's version cannot be negative");
}

TEST_F(Caches, lose_no_more_than_a_torn_end_and_refuse_damage) {
  const std::string path = folder_ / "results.cache";
  for (int x = 0; x < 3; ++x) cached<square>(open())(x);
  const std::string whole = content_of(path);
  write_file(path, whole + "torn");
  EXPECT_EQ(open().size(), 3u);
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 1;
  write_file(path, damaged);
  EXPECT_NE(refusal().find(": is damaged at byte "), std::string::npos) << refusal();
  EXPECT_EQ(content_of(path), damaged);
}

// Kills the program at random until it gets through: nothing that it has told is computed again.
TEST_F(Caches, survive_kills) {
  constexpr int count = 600;
  const std::string log = folder_ / "log";
  std::mt19937 draw(20260117);  // NOLINT(cert-msc51-cpp): the same waits each time
  std::set<std::string> told;
  int kills = 0;
  for (bool through = false; !through; ++kills) {
    write_file(log, "");
    Program program({ACRE_CACHE_RUN, folder_ / "results.cache", log, std::to_string(count)});
    const std::size_t enough = 1 + draw() % 120;
    wait_until([&] { return !program.running() || lines_in(log) >= enough; });
    if (kills < 8) program.signal(SIGKILL);
    const Ended ended = program.wait();
    ASSERT_TRUE(ended.status == 0 || ended.status == -SIGKILL) << ended.err;
    through = ended.status == 0;
    EXPECT_TRUE(program.all_gone());
    std::istringstream again(content_of(log));
    for (std::string item; again >> item;) EXPECT_FALSE(told.contains(item)) << item << " was known";
    std::istringstream out(ended.out.substr(0, ended.out.rfind('\n') + 1));
    for (std::string item; out >> item;) told.insert(item);
  }
  EXPECT_EQ(told.size(), static_cast<std::size_t>(count));
  EXPECT_GE(kills, 3);
}

}  // namespace
}  // namespace acre::test
