#include <gtest/gtest.h>

#include <acre/launch/cpus.hpp>
#include <acre/node/placement.hpp>
#include <algorithm>
#include <numeric>
#include <random>
#include <string>

namespace acre::test {
namespace {
using Places = std::vector<std::vector<int>>;

std::vector<int> up_to(int count) {
  std::vector<int> cpus(static_cast<std::size_t>(count));
  std::iota(cpus.begin(), cpus.end(), 0);
  return cpus;
}

// The numbers of hyperthreads as Linux gives them: first one of each core, then the others.
const std::string linux_like = "package:2 core:2 pu:2(indexes=0,4,1,5,2,6,3,7)";

TEST(Placement, packages_come_first) {
  EXPECT_EQ(node::places_of(up_to(8), 2, linux_like), (Places{{0, 1, 4, 5}, {2, 3, 6, 7}}));
}

TEST(Placement, cores_come_before_their_hyperthreads) {
  EXPECT_EQ(node::places_of(up_to(8), 4, linux_like), (Places{{0, 4}, {1, 5}, {2, 6}, {3, 7}}));
}

TEST(Placement, hyperthreads_come_last) {
  EXPECT_EQ(node::places_of(up_to(8), 5, linux_like), (Places{{0}, {4}, {1, 5}, {2, 6}, {3, 7}}));
}

TEST(Placement, caches_are_not_divided_before_they_must) {
  EXPECT_EQ(node::places_of(up_to(6), 2, "package:1 l3:2 core:3 pu:1"), (Places{{0, 1, 2}, {3, 4, 5}}));
  EXPECT_EQ(node::places_of(up_to(6), 3, "package:1 l3:2 core:3 pu:1"), (Places{{0}, {1, 2}, {3, 4, 5}}));
}

TEST(Placement, only_the_cpus_of_this_run_are_shared_out) {
  EXPECT_EQ(node::places_of(std::vector{1, 2, 3, 5}, 2, linux_like), (Places{{1, 5}, {2, 3}}));
  EXPECT_EQ(node::places_of(std::vector{0, 2, 4, 6}, 2, linux_like), (Places{{0, 4}, {2, 6}}));
  EXPECT_EQ(node::places_of(up_to(8), 1, linux_like), Places{up_to(8)});
}

TEST(Placement, with_a_cpu_each_nothing_is_looked_at) {
  EXPECT_EQ(node::places_of(up_to(8), 8, linux_like), (Places{{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}}));
  EXPECT_EQ(node::places_of(std::vector{4, 9}, 2, "nonsense"), (Places{{4}, {9}}));
}

TEST(Placement, more_workers_than_cpus_are_not_bound) {
  EXPECT_EQ(node::places_of(up_to(2), 3, linux_like), (Places{{}, {}, {}}));
  EXPECT_EQ(node::places_of({}, 2), (Places{{}, {}}));
}

TEST(Placement, a_machine_that_hwloc_does_not_know_is_shared_out_in_runs) {
  EXPECT_EQ(node::places_of(std::vector{0, 1, 2, 100}, 2, linux_like), (Places{{0, 1}, {2, 100}}));
  EXPECT_EQ(node::places_of(std::vector{3, 4, 6, 7, 8}, 2, "nonsense"), (Places{{3, 4}, {6, 7, 8}}));
}

TEST(Placement, this_machine_is_known) {
  const std::vector<int> cpus = launch::allowed_cpus();
  EXPECT_EQ(node::places_of(cpus, 1), Places{cpus});
}

TEST(Placement, shares_are_disjoint_and_leave_no_cpu_out) {
  std::mt19937 random(17);
  for (const std::string machine : {"package:2 l3:4 core:8 pu:2", "package:4 core:3 pu:4", "pu:128"}) {
    for (int round = 0; round < 100; ++round) {
      std::vector<int> cpus = up_to(machine.front() == 'p' && machine[1] == 'u' ? 128 : 48);
      std::shuffle(cpus.begin(), cpus.end(), random);
      cpus.resize(1 + random() % cpus.size());
      std::sort(cpus.begin(), cpus.end());
      const auto workers = static_cast<std::uint32_t>(1 + random() % cpus.size());
      std::vector<int> used;
      const Places places = node::places_of(cpus, workers, machine);
      EXPECT_EQ(places.size(), workers);
      for (const std::vector<int>& place : places) {
        EXPECT_FALSE(place.empty());
        used.insert(used.end(), place.begin(), place.end());
      }
      std::sort(used.begin(), used.end());
      EXPECT_EQ(used, cpus) << workers << " workers on " << machine;
    }
  }
}

}  // namespace
}  // namespace acre::test
