// Folders for the files of single attempts: one for each attempt that asks, in one of its worker's, in one of
// this node's share of the run.
#pragma once

#include <sys/types.h>

#include <string>

namespace acre::node {

/// A path for the folder of this node's share of the run, in $TMPDIR or else /tmp, that nobody can guess; it
/// is not made yet. Any thread; throws only what std::string and std::random_device throw.
std::string new_scratch_path();

/// The folder of a worker process in it; a path, made by whoever needs it.
std::string scratch_of(const std::string& run, pid_t worker);
/// The same for a worker that is a thread of this process; another one with each call. Any thread.
std::string scratch_of_thread(const std::string& run);

/// Makes a folder for this user alone, unless it is there. Throws acre::Error.
void make_scratch(const std::string& path);

/// Removes a folder with all that is in it, if it is there. Blocks as long as that takes; what cannot be
/// removed stays. Any thread.
void remove_scratch(const std::string& path) noexcept;

}  // namespace acre::node
