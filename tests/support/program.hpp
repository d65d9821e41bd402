// Programs that a test starts: their output is kept, and they end with the test whatever happens.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <acre/base/time.hpp>
#include <acre/channel/descriptor.hpp>

namespace acre::test {

/// How a program is started.
struct Start {
  std::string folder = {};                          ///< to work in; empty: the test's own
  std::vector<std::string> environment = {};        ///< "NAME=value", added to the test's own
  std::optional<std::size_t> file_size_limit = {};  ///< bytes that a file may grow to (RLIMIT_FSIZE)
};

/// What a program left.
struct Ended {
  int status = 0;  ///< exit status, or minus the number of the signal that ended it
  std::string out, err;
};

/// A running program, and through a mark in their environment all processes that came from it.
class Program {
 public:
  explicit Program(const std::vector<std::string>& command, const Start& start = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  /// Kills it and all that came from it.
  ~Program();

  pid_t pid() const noexcept { return pid_; }
  /// Sends a signal to the program alone.
  void signal(int number) const;
  /// Sends a signal to one of the processes that came from it; false if it is none of them, or has ended.
  bool signal(int number, pid_t process) const;
  bool running();
  /// Waits for its end. Blocks; a program that has not ended within `limit` fails the test and is killed.
  Ended wait(Duration limit = std::chrono::seconds(60));
  /// All living processes that came from it, itself included.
  std::vector<pid_t> processes() const;
  /// Waits until none of them is left; false if that takes longer. Blocks.
  bool all_gone(Duration limit = std::chrono::seconds(5)) const;
  std::string out() const;
  std::string err() const;

 private:
  std::string mark_;
  channel::Descriptor out_, err_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// Runs a program to its end.
Ended run_program(const std::vector<std::string>& command, const Start& start = {});

/// The command line that runs `command` on so many MPI ranks.
std::vector<std::string> mpirun(int ranks, const std::vector<std::string>& command);

/// Looks every millisecond until `condition` holds; false if it does not within `limit`. Blocks.
bool wait_until(const std::function<bool()>& condition, Duration limit = std::chrono::seconds(20));

}  // namespace acre::test
