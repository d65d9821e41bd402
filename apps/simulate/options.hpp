// What the user asks of acre-simulate.
#pragma once

#include <cstdint>
#include <string>

namespace simulate {

enum class Task { seed, sweep, enumerate, replay, study };

struct Options {
  Task task = Task::sweep;
  std::uint64_t first = 0, end = 1000;  ///< the seeds of a sweep, `end` excluded; a single seed is `first`
  unsigned threads = 1;
  bool trace = false;
  std::string log;     ///< the event log to replay
  bool print = false;  ///< each step of it
  bool large = false;  ///< also the largest trees of the study
};

struct Parsed {
  Options options;
  bool go_on = true;
  int status = 0;  ///< for the shell, if not to go on
};

/// Reads the command line; says what is wrong with it in one sentence. Any thread.
Parsed parse(int argc, char** argv);

}  // namespace simulate
