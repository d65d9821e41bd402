// What processes do to themselves and to each other.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <acre/node/process.hpp>
#include <acre/node/protocol.hpp>
#include <array>

#include "support/processes.hpp"
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
  const std::vector<pid_t> family = descendants_of(head);
  EXPECT_EQ(family.size(), 4u);
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

TEST(Protocol, carries_a_set_up_whole) {
  const node::PoolSetup setup{true, false, {1, 2}, {3, 4}, Bytes(3, std::byte{7}), {}, {0, 2, 4}};
  const node::PoolSetup back = node::decode_setup(node::encode_setup(setup));
  EXPECT_TRUE(back.has_preload);
  EXPECT_FALSE(back.has_initializer);
  EXPECT_EQ(back.preload, setup.preload);
  EXPECT_EQ(back.initializer, setup.initializer);
  EXPECT_EQ(back.preload_arguments, setup.preload_arguments);
  EXPECT_TRUE(back.initializer_arguments.empty());
  EXPECT_EQ(back.cpus, setup.cpus);
}

}  // namespace
}  // namespace acre::test
