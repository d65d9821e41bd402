// What the processes of a node do to themselves and to each other.
#pragma once

#include <sys/types.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <acre/channel/descriptor.hpp>

namespace acre::node {

/// Makes the kernel kill this process when the thread that forked it ends; ends it now if that has happened.
void die_with_parent(pid_t parent) noexcept;

/// The same, but the kernel sends `signal`, which the process has to read.
void hear_of_parents_death(pid_t parent, int signal) noexcept;

/// Makes orphaned descendants this process's children, so that none escapes sweep_descendants().
void adopt_orphans() noexcept;

/// Kills all descendants with SIGKILL and waits until none is left. Blocks for their ends only.
void sweep_descendants() noexcept;

/// Sends SIGKILL to the children of this process that are not in `known`: what ended descendants left behind.
void kill_strays(const std::function<bool(pid_t)>& known) noexcept;

/// The children of this process; none if the system does not tell.
std::vector<pid_t> children();

/// What ps shows as the command line of this process, and, up to the first " (", as its name, of which there
/// is room for 15 characters: "acre worker 3 (pi)" gives both. argv and the environment stay as they are. Can
/// be called again; only the name changes where the kernel is built without CONFIG_CHECKPOINT_RESTORE. The
/// first call is for a process of one thread. Does not block; throws only what std::string throws.
void set_process_title(const std::string& title);

/// So many threads for OpenMP and BLAS (OpenBLAS, MKL, BLIS) in the calling thread, if the program has them,
/// and by variables such as OMP_NUM_THREADS in the commands that it starts. 0: for each library what its own
/// variable says, or else OMP_NUM_THREADS, or else one. For a worker before its first task, as a process of
/// one thread. Does not block; throws only what std::string throws.
void limit_threads(int threads);

/// Ends the threads that OpenBLAS, if the program has it, started when it was loaded, and sets their number
/// to one: processes can be forked then, and no worker starts those threads again. Blocks until they have
/// ended.
void rest_blas_threads();

/// Whether this process has more threads than allowed; one that was joined is counted for a moment longer, so
/// this blocks up to 0.2 s before it says yes. Throws acre::Error if the system does not tell.
bool threads_are_left(int allowed);

/// The name that ps and debuggers show for the calling thread (15 characters at most).
void name_this_thread(const char* name) noexcept;

/// Binds a process (0: this one) to these CPUs; does nothing for an empty list or CPUs that are not granted.
void use_cpus(pid_t process, std::span<const int> cpus) noexcept;

/// stdin is /dev/null from here on, so that no helper eats the program's input.
void close_input() noexcept;

/// stderr goes into a pipe from here on.
void write_errors_to(channel::Descriptor pipe) noexcept;

/// "was killed by SIGSEGV (Segmentation fault)", "exited with status 3".
std::string describe_status(int wait_status);

/// Flushes stdio and leaves without running destructors or exit handlers, which belong to the agent.
[[noreturn]] void leave(int status) noexcept;

}  // namespace acre::node
