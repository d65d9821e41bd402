#include "support/program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "support/processes.hpp"

namespace acre::test {
namespace {

std::string new_mark() {
  static std::atomic<int> count = 0;
  return "TEST_PROGRAM=" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

std::string content_of(const channel::Descriptor& file) {
  struct stat status {};
  ::fstat(file.get(), &status);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

void set(const std::string& entry) {
  const std::size_t equals = entry.find('=');
  ::setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
}

// In the child: becomes the program, or ends with what a shell returns for a command it cannot start.
[[noreturn]] void become(const std::vector<std::string>& command, const Start& start) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!start.folder.empty() && ::chdir(start.folder.c_str()) != 0) ::_exit(127);
  for (const std::string& entry : start.environment) set(entry);
  if (start.file_size_limit) {
    const rlimit limit{*start.file_size_limit, *start.file_size_limit};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  std::vector<char*> argv;
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv.front(), argv.data());
  std::perror(argv.front());
  ::_exit(127);
}
}  // namespace

Program::Program(const std::vector<std::string>& command, const Start& start)
    : mark_(new_mark()), out_(::memfd_create("out", MFD_CLOEXEC)), err_(::memfd_create("err", MFD_CLOEXEC)) {
  std::fflush(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  // Appending, as two writers may share one of them.
  for (const auto& [file, number] : {std::pair(out_.get(), STDOUT_FILENO), {err_.get(), STDERR_FILENO}}) {
    ::fcntl(file, F_SETFL, O_APPEND);
    ::dup2(file, number);
  }
  set(mark_);
  // Open MPI refuses to run as root without both.
  if (::geteuid() == 0) set("OMPI_ALLOW_RUN_AS_ROOT=1"), set("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1");
  become(command, start);
}

Program::~Program() {
  if (pid_ > 0 && !status_) ::kill(pid_, SIGKILL), ::waitpid(pid_, nullptr, 0);
  for (const pid_t left : processes()) ::kill(left, SIGKILL);
}

void Program::signal(int number) const { ::kill(pid_, number); }

bool Program::signal(int number, pid_t process) const {
  const std::vector<pid_t> own = processes();
  return std::count(own.begin(), own.end(), process) == 1 && ::kill(process, number) == 0;
}

bool Program::running() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return !status_;
}

Ended Program::wait(Duration limit) {
  if (!EndWatch(pid_).await(now() + limit)) {
    ADD_FAILURE() << "the program has not ended in time; it said:\n" << out() << err();
    ::kill(pid_, SIGKILL);
  }
  while (running()) std::this_thread::yield();
  return {*status_, out(), err()};
}

std::vector<pid_t> Program::processes() const { return processes_with(mark_); }

bool Program::all_gone(Duration limit) const {
  const Instant deadline = now() + limit;
  for (;;) {  // those that are found may have made others meanwhile
    const std::vector<pid_t> left = processes();
    if (left.empty()) return true;
    if (!await_ends(left, deadline - now())) return false;
  }
}

std::string Program::out() const { return content_of(out_); }
std::string Program::err() const { return content_of(err_); }

Ended run_program(const std::vector<std::string>& command, const Start& start) {
  return Program(command, start).wait();
}

std::vector<std::string> mpirun(int ranks, const std::vector<std::string>& command) {
  std::vector<std::string> whole{ACRE_MPIEXEC, "--oversubscribe", "-n", std::to_string(ranks)};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

bool wait_until(const std::function<bool()>& condition, Duration limit) {
  for (const Instant deadline = now() + limit; !condition();) {
    if (now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace acre::test
