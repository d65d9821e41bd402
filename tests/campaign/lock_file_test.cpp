#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <filesystem>
#include <thread>

#include <acre/campaign/lock_file.hpp>

#include "support.hpp"

namespace acre::campaign::test {
namespace {

using std::chrono::milliseconds;

/// A child that holds the lock until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& path, const LockOptions& options = {}) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    child_ = in_child([&] {
      const LockFile lock(path, options);
      EXPECT_EQ(::write(ends[1], "x", 1), 1);
      for (;;) ::pause();
      return 0;
    });
    ::close(ends[1]);
    char held = 0;
    EXPECT_EQ(::read(ends[0], &held, 1), 1);
    ::close(ends[0]);
  }
  ~Holder() { kill(); }
  void kill() {
    signal();
    if (child_ > 0) wait_for(child_);
    child_ = -1;
  }
  void signal() const {
    if (child_ > 0) ::kill(child_, SIGKILL);
  }
  pid_t pid() const { return child_; }

 private:
  pid_t child_ = -1;
};

/// The file's text with one line's value replaced.
std::string with(std::string text, const std::string& key, const std::string& value) {
  const std::size_t line = text.starts_with(key + " ") ? 0 : text.find("\n" + key + " ") + 1;
  const std::size_t from = line + key.size() + 1;
  return text.replace(from, text.find('\n', from) - from, value);
}

/// What a holder in this very process would have left, with some lines changed.
std::string left_behind(const std::string& path, const LockOptions& options = {}) {
  const LockFile lock(path, options);
  return read_text(path);
}

TEST(LockFile, IsRemovedByItsHolderAndLeavesNothing) {
  const Folder folder;
  { const LockFile lock(folder / "l"); }
  { const LockFile lock(folder / "l"); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(LockFile, OfALivingProcessIsRefusedByName) {
  const Folder folder;
  const Holder holder(folder / "l");
  const std::string sentence = error_of([&] { LockFile(folder / "l"); });
  const std::string who =
      ": another run holds this campaign: process " + std::to_string(holder.pid()) + " on ";
  EXPECT_TRUE(sentence.starts_with((folder / "l") + who)) << sentence;
  const std::string since = "Z; wait for it or stop it";
  ASSERT_TRUE(sentence.ends_with(since)) << sentence;
  const std::string date = sentence.substr(sentence.size() - since.size() - 19, 19);
  tm parsed{};
  EXPECT_NE(::strptime(date.c_str(), "%Y-%m-%dT%H:%M:%S", &parsed), nullptr) << sentence;
}

TEST(LockFile, OfAKilledProcessIsTakenOverReapedOrNot) {
  const Folder folder;
  Holder reaped(folder / "a");
  reaped.kill();
  EXPECT_TRUE(std::filesystem::exists(folder / "a"));
  EXPECT_EQ(error_of([&] { LockFile(folder / "a"); }), "");

  const Holder zombie(folder / "b");
  zombie.signal();
  siginfo_t info;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(zombie.pid()), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(error_of([&] { LockFile(folder / "b"); }), "");
}

TEST(LockFile, IsTakenOverFromAnotherProcessOfThatNumberOrAnotherBoot) {
  const Folder folder;
  const std::string text = left_behind(folder / "l");
  for (const char* key : {"start", "boot"}) {
    write_text(folder / "l", with(text, key, "1"));
    EXPECT_EQ(error_of([&] { LockFile(folder / "l"); }), "") << key;
  }
  write_text(folder / "l", text);
  EXPECT_NE(error_of([&] { LockFile(folder / "l"); }), "");
}

TEST(LockFile, OfTheSameSlurmJobFallsToTheLaterStart) {
  const Folder folder;
  const Holder holder(folder / "l", {.slurm_job = "77", .slurm_restarts = 1});
  for (const LockOptions& options : {LockOptions{.slurm_job = "77", .slurm_restarts = 1},
                                     LockOptions{.slurm_job = "78", .slurm_restarts = 2}, LockOptions{}}) {
    const std::string sentence = error_of([&] { LockFile(folder / "l", options); });
    EXPECT_NE(sentence.find(" (Slurm job 77) since "), sentence.npos) << sentence;
  }
  EXPECT_EQ(error_of([&] { LockFile(folder / "l", {.slurm_job = "77", .slurm_restarts = 2}); }), "");
}

TEST(LockFile, OfAnotherHostIsTakenOverOnceItStandsStill) {
  const Folder folder;
  const std::string text = with(left_behind(folder / "l"), "host", "elsewhere");
  for (const std::string& still : {text, std::string("not a lock at all")}) {
    write_text(folder / "l", still);
    const Instant began = now();
    { const LockFile lock(folder / "l", {.stale_after = milliseconds(200)}); }
    EXPECT_GE(now() - began, milliseconds(200));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  }
}

TEST(LockFile, OfAnotherHostThatMovesIsRefused) {
  const Folder folder;
  const std::string text = with(left_behind(folder / "l"), "host", "elsewhere");
  write_text(folder / "l", text);
  std::atomic<bool> done = false;
  std::thread elsewhere([&] {
    for (int n = 0; !done; ++n) {
      const std::string moved = folder / "moved";
      write_text(moved, with(text, "refreshed", std::to_string(n)));
      std::filesystem::rename(moved, folder / "l");
      std::this_thread::sleep_for(milliseconds(10));
    }
  });
  const std::string sentence =
      error_of([&] { LockFile(folder / "l", {.stale_after = std::chrono::seconds(30)}); });
  done = true;
  elsewhere.join();
  EXPECT_NE(sentence.find(" on elsewhere since "), sentence.npos) << sentence;
}

TEST(LockFile, MovesWithEachRefresh) {
  const Folder folder;
  LockFile lock(folder / "l", {.refresh_every = Duration(0)});
  const std::string first = read_text(folder / "l");
  EXPECT_TRUE(lock.refresh());
  const std::string second = read_text(folder / "l");
  EXPECT_NE(first, second);
  EXPECT_EQ(second, with(first, "refreshed", "00000000000000000001"));
}

TEST(LockFile, AReplacedHolderFindsOutAndLeavesTheNewOneAlone) {
  const Folder folder;
  {
    LockFile lock(folder / "l", {.refresh_every = Duration(0)});
    write_text(folder / "new", "token another\n");
    std::filesystem::rename(folder / "new", folder / "l");
    EXPECT_FALSE(lock.lost());
    EXPECT_FALSE(lock.refresh());
    EXPECT_TRUE(lock.lost());
    EXPECT_FALSE(lock.refresh());
  }
  EXPECT_EQ(read_text(folder / "l"), "token another\n");
  std::filesystem::remove(folder / "l");
  {
    const LockFile unaware(folder / "l");
    write_text(folder / "l", "token another\n");
  }
  EXPECT_EQ(read_text(folder / "l"), "token another\n");
  std::filesystem::remove(folder / "l");
  LockFile removed(folder / "l");
  std::filesystem::remove(folder / "l");
  EXPECT_FALSE(removed.refresh());
}

TEST(LockFile, OfADeadHolderGoesToOneOfMany) {
  const Folder folder;
  for (int round = 0; round < 10; ++round) {
    write_text(folder / "l", with(left_behind(folder / "l"), "start", "1"));
    std::vector<pid_t> contenders;
    int start[2], finish[2];
    ASSERT_EQ(::pipe(start), 0);
    ASSERT_EQ(::pipe(finish), 0);
    for (int n = 0; n < 6; ++n) {
      contenders.push_back(in_child([&] {
        char byte;
        ::close(start[1]);
        ::close(finish[1]);
        EXPECT_EQ(::read(start[0], &byte, 1), 0);
        try {
          LockFile lock(folder / "l");
          pollfd ended{finish[0], 0, 0};
          while (lock.refresh() && ::poll(&ended, 1, 10) == 0) continue;
          return lock.lost() ? 0 : 1;
        } catch (const Error&) {
          return 0;
        }
      }));
    }
    ::close(start[1]);
    ::close(start[0]);
    int losers = 0;
    while (losers < 5) {
      siginfo_t info;
      ASSERT_EQ(::waitid(P_ALL, 0, &info, WEXITED), 0);
      EXPECT_EQ(info.si_status, 0);
      ++losers;
      std::erase(contenders, info.si_pid);
    }
    ::close(finish[1]);
    ::close(finish[0]);
    ASSERT_EQ(contenders.size(), 1u);
    EXPECT_EQ(wait_for(contenders[0]), 1);
  }
}

}  // namespace
}  // namespace acre::campaign::test
