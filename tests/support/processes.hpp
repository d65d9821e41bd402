// Processes of this machine as /proc tells of them.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include <acre/base/time.hpp>
#include <acre/channel/descriptor.hpp>

namespace acre::test {

/// The parent of a process; -1 if there is no such process.
pid_t parent_of(pid_t pid);
/// What ps calls the process; empty if there is none.
std::string name_of(pid_t pid);
/// The living children of a process, oldest first; a process that has ended but was not waited for is none.
std::vector<pid_t> children_of(pid_t pid);
/// All living descendants of a process.
std::vector<pid_t> descendants_of(pid_t pid);
/// All living processes whose environment, as it was when they were executed, holds `entry` ("NAME=value").
std::vector<pid_t> processes_with(const std::string& entry);
/// The number behind "<field>:" in /proc/<pid>/status, such as VmHWM in kB; -1 if it is not there.
long status_number(pid_t pid, const std::string& field);

/// Sends SIGKILL to a process whose name starts with "acre "; ends this one with words if `pid` is none such,
/// since a wrong number, -1 above all, could strike any process of the machine.
void kill_process(pid_t pid);

/// Watches for a process's end, whoever its parent is.
class EndWatch {
 public:
  explicit EndWatch(pid_t pid);
  /// Waits until the process has ended; false if that takes longer. Blocks.
  bool await(Instant deadline) const;

 private:
  channel::Descriptor pidfd_;
};

/// Waits until all of these processes have ended; false if that takes longer. Blocks.
bool await_ends(const std::vector<pid_t>& pids, Duration limit);

}  // namespace acre::test
