// A program at a terminal: what Ctrl-C does to it, its tasks and the terminal.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include <acre/channel/descriptor.hpp>

#include "support/processes.hpp"
#include "support/program.hpp"

namespace acre::test {
namespace {
using std::chrono::seconds;

// A pseudo-terminal with a program in its foreground. What it writes is read by whoever waits for it.
class Terminal {
 public:
  explicit Terminal(const std::vector<const char*>& command)
      : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    ::grantpt(master_.get());
    ::unlockpt(master_.get());
    std::array<char, 128> name{};
    ::ptsname_r(master_.get(), name.data(), name.size());
    slave_ = channel::Descriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    ::fcntl(master_.get(), F_SETFL, O_NONBLOCK);
    before_ = settings();
    std::vector<const char*> argv = command;
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) become(argv);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }
  void type(char key) const { EXPECT_EQ(::write(master_.get(), &key, 1), 1); }
  /// What was written so far.
  const std::string& text() {
    std::array<char, 4096> some{};
    for (ssize_t n = 0; (n = ::read(master_.get(), some.data(), some.size())) > 0;)
      text_.append(some.data(), static_cast<std::size_t>(n));
    return text_;
  }
  /// Its exit status, or minus its signal. Fails the test if it has not ended in time.
  int wait(Duration limit) {
    const EndWatch end(pid_);
    EXPECT_TRUE(wait_until([&] { return text(), end.await(now()); }, limit)) << text_;
    if (!end.await(now())) ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  bool has_its_settings() const {
    const termios after = settings();
    return std::memcmp(&after, &before_, sizeof after) == 0;
  }

 private:
  termios settings() const {
    termios all;
    std::memset(&all, 0, sizeof all);
    ::tcgetattr(slave_.get(), &all);
    return all;
  }
  [[noreturn]] void become(std::vector<const char*>& argv) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setsid();
    ::ioctl(slave_.get(), TIOCSCTTY, 0);
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(slave_.get(), number);
    ::execv(argv.front(), const_cast<char**>(argv.data()));
    ::_exit(127);
  }

  channel::Descriptor master_, slave_;
  termios before_{};
  pid_t pid_ = -1;
  bool ended_ = false;
  std::string text_;
};

constexpr char interrupt = 3;

std::size_t times(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at) ++count;
  return count;
}

class AtATerminal : public testing::Test {
 protected:
  void expect_nothing_left() {
    EXPECT_TRUE(await_ends(processes_, seconds(1)));
    EXPECT_TRUE(terminal_.has_its_settings());
  }
  void await_going() {
    ASSERT_TRUE(wait_until([&] { return terminal_.text().find("going\r\n") != std::string::npos; }))
        << terminal_.text();
    processes_ = descendants_of(terminal_.pid());
    EXPECT_GE(processes_.size(), 4u);
    for (const pid_t process : processes_) {
      if (name_of(process) == "acre zygote") continue;  // has nothing to do, and sweeps up
      EXPECT_EQ(::getpgid(process), terminal_.pid()) << "Ctrl-Z stops all that work";
    }
  }
  Terminal terminal_{{ACRE_ENDS_SCENARIOS, "sleeping"}};
  std::vector<pid_t> processes_;
};

// It goes to all processes of the terminal; two tasks of six are running and sleep on.
TEST_F(AtATerminal, ctrl_c_drains_and_tasks_that_run_do_not_notice) {
  await_going();
  terminal_.type(interrupt);
  EXPECT_EQ(terminal_.wait(seconds(20)), 130);
  const std::string text = terminal_.text();
  EXPECT_GE(times(text, "slept 0"), 2u) << text;
  EXPECT_LT(times(text, "slept 0"), 6u) << text;
  EXPECT_EQ(times(text, "slept -1"), 0u) << text;
  EXPECT_EQ(times(text, "told to stop before all tasks were done"), 1u) << text;
  expect_nothing_left();
}

TEST_F(AtATerminal, ctrl_c_twice_ends_it_at_once) {
  await_going();
  const Instant begin = now();
  terminal_.type(interrupt);
  while (EndWatch(terminal_.pid()).await(now() + std::chrono::milliseconds(20)) == false &&
         now() - begin < seconds(20))
    terminal_.type(interrupt);
  EXPECT_EQ(terminal_.wait(seconds(1)), 130);
  EXPECT_LT(now() - begin, std::chrono::milliseconds(900)) << "the tasks would have slept longer";
  expect_nothing_left();
}

TEST_F(AtATerminal, that_is_closed_a_run_drains) {
  await_going();
  ::kill(terminal_.pid(), SIGHUP);
  EXPECT_EQ(terminal_.wait(seconds(20)), 75);
  expect_nothing_left();
}

}  // namespace
}  // namespace acre::test
