// What processes do to themselves and to each other.
#include <gtest/gtest.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <acre/channel/memory.hpp>
#include <acre/launch/environment.hpp>
#include <acre/launch/host.hpp>
#include <acre/node/process.hpp>
#include <acre/node/protocol.hpp>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/processes.hpp"
#include "support/program.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {

template <class Life>
pid_t in_child(Life life) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    life();
    ::_exit(0);
  }
  return pid;
}

int status_of(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

TEST(Process, ends_are_told_in_words) {
  EXPECT_EQ(node::describe_status(status_of(in_child([] { ::_exit(0); }))), "exited with status 0");
  EXPECT_EQ(node::describe_status(status_of(in_child([] { ::_exit(200); }))), "exited with status 200");
  EXPECT_EQ(node::describe_status(status_of(in_child([] { ::raise(SIGKILL); }))),
            "was killed by SIGKILL (Killed)");
  EXPECT_EQ(node::describe_status(status_of(in_child([] { ::raise(SIGTERM); }))),
            "was killed by SIGTERM (Terminated)");
  EXPECT_TRUE(node::describe_status(SIGRTMIN).starts_with("was killed by SIG"));
}

// A family of three generations, of which one left for a session of its own.
void found_a_family() {
  for (int child = 0; child < 2; ++child)
    in_child([] {
      in_child([] {
        ::setsid();
        shared(0).add();
        for (;;) ::pause();
      });
      in_child([] {
        shared(0).add();
        for (;;) ::pause();
      });
      ::_exit(0);
    });
}

TEST(Process, sweeps_all_descendants_however_far_they_went) {
  reset_shared();
  const pid_t head = in_child([] {
    node::adopt_orphans();
    found_a_family();
    shared(0).await(4);
    shared(1).add();
    shared(2).await(1);
    node::sweep_descendants();
    ::_exit(children_of(::getpid()).empty() ? 7 : 8);
  });
  shared(1).await(1);
  // Who has just lost a parent may be missed by one look.
  EXPECT_TRUE(wait_until([&] { return descendants_of(head).size() == 4; }));
  const std::vector<pid_t> family = descendants_of(head);
  shared(2).add();
  EXPECT_EQ(WEXITSTATUS(status_of(head)), 7);
  EXPECT_TRUE(await_ends(family, std::chrono::seconds(0)));
}

TEST(Process, dies_with_its_parent) {
  reset_shared();
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t parent = in_child([&] {
    const pid_t self = ::getpid();
    const pid_t child = in_child([&] {
      node::die_with_parent(self);
      shared(0).add();
      for (;;) ::pause();
    });
    if (::write(pipe[1], &child, sizeof child) != sizeof child) ::_exit(1);
    shared(0).await(1);
  });
  pid_t child = 0;
  ASSERT_EQ(::read(pipe[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  const EndWatch watch(child);
  status_of(parent);
  EXPECT_TRUE(watch.await(now() + std::chrono::seconds(5)));
}

TEST(Process, whose_parent_died_first_dies_at_once) {
  const pid_t child = in_child([] { node::die_with_parent(::getpid()); });
  EXPECT_EQ(WEXITSTATUS(status_of(child)), 1) << "its parent is another one than it was told";
}

TEST(Process, binds_itself_to_cpus_that_it_may_use) {
  const pid_t child = in_child([] {
    cpu_set_t before, after;
    ::sched_getaffinity(0, sizeof before, &before);
    int first = 0;
    while (!CPU_ISSET(first, &before)) ++first;
    node::use_cpus(0, std::array{first});
    ::sched_getaffinity(0, sizeof after, &after);
    if (CPU_COUNT(&after) != 1 || !CPU_ISSET(first, &after)) ::_exit(1);
    node::use_cpus(0, {});
    node::use_cpus(0, std::array{100'000});
    ::sched_getaffinity(0, sizeof after, &after);
    if (CPU_COUNT(&after) != 1) ::_exit(2);
  });
  EXPECT_EQ(WEXITSTATUS(status_of(child)), 0);
}

std::string own_file(const char* name) {
  return launch::read_text_file(std::string("/proc/self/") + name).value_or("");
}

// The status of a child that takes titles in turn: the number of the first one that ps shows wrongly, or 0.
int status_after_titles(const std::vector<std::array<std::string, 3>>& titles) {
  return WEXITSTATUS(status_of(in_child([&] {
    for (std::size_t i = 0; i < titles.size(); ++i) {
      const auto& [title, line, name] = titles[i];
      node::set_process_title(title);
      if (own_file("cmdline") != line + '\0' || own_file("comm") != name + '\n')
        ::_exit(static_cast<int>(i) + 1);
    }
  })));
}

TEST(Process, ps_shows_its_title_and_its_name) {
  const std::string worker = "acre worker 3 (pi)", spare = "acre spare (pi)";
  EXPECT_EQ(status_after_titles(
                {{spare, spare, "acre spare"}, {worker, worker, "acre worker 3"}, {"acre", "acre", "acre"}}),
            0);
}

TEST(Process, long_titles_are_cut) {
  const std::string program(300, 'x'), title = "acre worker 1234567 (" + program + ")";
  EXPECT_EQ(status_after_titles({{title, title.substr(0, 254), "acre worker 123"}}), 0);
}

TEST(Process, a_title_harms_neither_environment_nor_arguments) {
  const std::string arguments = own_file("cmdline");
  const int status = status_of(in_child([&] {
    const std::string environment = own_file("environ");
    const launch::Environment before = launch::read_environment();
    node::set_process_title("acre worker 3 (" + std::string(200, 'x') + ")");
    if (own_file("environ") != environment || environment.empty()) ::_exit(1);
    if (launch::read_environment() != before) ::_exit(2);
    ::setenv("ACRE_TEST_TITLE", "set", 1);
    node::set_process_title("acre spare (pi)");
    if (*launch::find(launch::read_environment(), "ACRE_TEST_TITLE") != "set") ::_exit(3);
  }));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(own_file("cmdline"), arguments) << "the title is the child's alone";
}

// The kernel is told where the heap ends, which malloc moves at any time: here it gives back a MiB meanwhile.
TEST(Process, a_title_leaves_the_heap_whole) {
  const int status = status_of(in_child([] {
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
    const auto blocks = [](std::size_t size) {
      return std::vector<std::string>(300, std::string(size, 'x'));
    };
    const std::vector<std::vector<std::string>> gaps{blocks(4000), blocks(3000), blocks(1500)};  // are filled
    blocks(10'000);
    ::mallopt(M_TRIM_THRESHOLD, 0);
    node::set_process_title("acre worker 3 (pi)");
    blocks(10'000);
  }));
  EXPECT_EQ(status, 0);
}

TEST(Process, a_title_needs_no_privilege) {
  if (::getuid() != 0) GTEST_SKIP() << "this is no privileged process: the other tests show it";
  const int status = status_of(in_child([] {
    constexpr uid_t nobody = 65534;
    if (::setuid(nobody) != 0) ::_exit(1);
    node::set_process_title("acre worker 3 (pi)");
    if (own_file("cmdline") != std::string("acre worker 3 (pi)") + '\0') ::_exit(2);
  }));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Protocol, carries_a_set_up_whole) {
  node::PoolSetup setup;
  setup.has_preload = true;
  setup.preload = {1, 2};
  setup.initializer = {3, 4};
  setup.preload_arguments = Bytes(3, std::byte{7});
  setup.cpus = {0, 2, 4};
  setup.program = "pi";
  setup.threads_per_worker = 5;
  const node::PoolSetup back = node::read_setup(channel::create_blob(node::encode_setup(setup)).get());
  EXPECT_TRUE(back.has_preload);
  EXPECT_FALSE(back.has_initializer);
  EXPECT_EQ(back.preload, setup.preload);
  EXPECT_EQ(back.initializer, setup.initializer);
  EXPECT_EQ(back.preload_arguments, setup.preload_arguments);
  EXPECT_TRUE(back.initializer_arguments.empty());
  EXPECT_EQ(back.cpus, setup.cpus);
  EXPECT_EQ(back.program, setup.program);
  EXPECT_EQ(back.threads_per_worker, 5);
}

}  // namespace
}  // namespace acre::test
