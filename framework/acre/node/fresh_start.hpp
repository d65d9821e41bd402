// Fresh starts of this program in a role of acre's: as a worker that must not be a fork, or as a zygote in
// place of one that died.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include <acre/channel/descriptor.hpp>

namespace acre::node {

/// Notes the arguments and the environment of this program, for fresh starts. Call it before threads exist,
/// titles of processes change, or the program's own part begins. Reads a file; throws acre::Error.
void note_own_start();

/// The last part of what this program was started as; after note_own_start().
std::string program_name();

/// A start of this program with its own arguments and its environment without what would make it a rank, both
/// as they were noted; one more variable names the role, the process that starts it, and the descriptors it
/// gets.
class FreshStart {
 public:
  enum class Role { worker, zygote };

  /// What exec() or spawn() need, so that they have nothing to allocate. The process that calls this is the
  /// one that the new one expects as its parent.
  FreshStart(Role role, std::vector<int> descriptors);
  FreshStart(const FreshStart&) = delete;
  FreshStart& operator=(const FreshStart&) = delete;

  /// Replaces this process, a child of the one that made this; leaves with 127 if the system refuses. Calls
  /// async-signal-safe functions only.
  [[noreturn]] void exec() const noexcept;
  /// Starts a child of this process with descriptor `given` as number 3, the one that was named, and without
  /// all above it. Any thread, beside any others; throws acre::Error.
  pid_t spawn(int given) const;

 private:
  std::vector<int> descriptors_;
  std::string variable_;
  std::vector<char*> argv_, envp_;
};

/// What this process was started as, by whom, and the descriptors it got.
struct Start {
  FreshStart::Role role;
  pid_t parent;
  std::vector<channel::Descriptor> descriptors;
};

/// Takes the variable of a FreshStart out of the environment; nothing if there is none. Call it before
/// threads exist. Throws acre::Error if the variable is there and not for this process.
std::optional<Start> role_of_this_process();

}  // namespace acre::node
