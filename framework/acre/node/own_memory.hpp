// How much memory a process holds, as /proc tells.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <optional>

namespace acre::node {

/// Resident memory of a process (0: this one) that is no file's, in bytes, shared or not; nothing if there is
/// no such process. Cheap. Any thread; reads a file.
std::optional<std::int64_t> anonymous_memory(pid_t process) noexcept;

/// Memory of a process (0: this one) that no other process shares, in bytes: Private_Dirty of proc(5);
/// nothing if there is no such process. Takes the kernel about a millisecond for each GiB. Any thread; reads
/// a file.
std::optional<std::int64_t> own_memory(pid_t process) noexcept;

/// Whether malloc keeps what is freed, up to 256 MiB at the end of the heap and all that lies between other
/// things, for what is asked for next; what it holds goes back to the system when that ends. Otherwise each
/// buffer beyond 32 MiB comes in pages that were never written, which cost more than what is written there.
/// This process's; one thread.
void keep_freed_memory(bool keep) noexcept;

/// The same while a process that has a user's main function gets large results, which land in memory that the
/// user frees again. What mallopt() was told stays when it ends. Any thread.
class KeptMemory {
 public:
  /// That of this process.
  static KeptMemory& here();
  /// From now on, as something large has come.
  void keep() noexcept;
  /// Ends it if nothing has come since this was last called.
  void tidy() noexcept;
  /// Ends it now.
  void end() noexcept;

 private:
  std::mutex mutex_;
  bool keeps_ = false, used_ = false;
};

}  // namespace acre::node
