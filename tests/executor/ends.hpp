// The ways in which user code can end its process, what acre has to say of each, and tasks that take them at
// any stage.
#pragma once

#include <acre/acre.hpp>
#include <acre/wire/cereal.hpp>
#include <string>
#include <vector>

namespace acre::test {

/// One way to end a process.
struct Way {
  const char* name;
  void (*go)();
  int signal;       ///< that it ends by, as the process above sees it; 0: it exits
  int exit_code;    ///< if it exits
  const char* how;  ///< the words for it
};

const std::vector<Way>& ways();
/// So many of them, the first ones, end the process at once; the others take acre some seconds to find.
std::size_t quick_ways();
/// The place of a way among them. Ends the program if there is none of that name.
std::size_t way(const std::string& name);

/// What a process writes to stderr before it takes its way.
inline constexpr const char* farewell = "this is the end";

/// Writes its farewell and goes.
void take_way(std::size_t number);

/// When a task goes.
enum class When : std::uint32_t { decoding, running, encoding, never };
const char* name_of(When when);
/// The words for it that follow how a worker ended.
const char* deed_of(When when);

/// An argument and result that ends the process which decodes, runs or encodes it, unless that is the test's.
struct Fuse {
  std::size_t way = 0;
  When when = When::never;

  void burn(When now) const;
  template <class Archive>
  void serialize(Archive& archive) {
    if (typename Archive::is_saving()) burn(When::encoding);
    archive(way, when);
    if (typename Archive::is_loading()) burn(When::decoding);
  }
};

/// The task of a fuse.
Fuse burn(const Fuse& fuse);

/// What an undisturbed task returns.
struct Ran {
  double value = 0;
  int attempt = 0;
};
ACRE_RECORD(Ran, value, attempt)

/// A number that depends on all bits of the item.
double wave(std::uint64_t item);
Ran run_wave(Context& context, std::uint64_t item);

/// Maps run_wave over the numbers below `count`, and expects each result once, in order, to the last bit, at
/// the first attempt.
void expect_waves(Executor& executor, std::uint64_t count);

/// This program's process, also in the processes that were forked from it.
pid_t home();

/// A regular expression that matches `text` and nothing else.
std::string literal(const std::string& text);
/// One for what a worker left that wrote `words`, and perhaps more, to stderr.
std::string having_written(const std::string& words);
/// One for what a worker left that wrote nothing.
inline constexpr const char* having_used = ", having used [0-9.e+]+ MB";

}  // namespace acre::test
