// Who this process and this machine are, as /proc tells.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace acre::launch {

/// The whole of a small text file; nothing if it cannot be read. Any thread; reads a file.
std::optional<std::string> read_text_file(const std::filesystem::path& path);

/// The name of this machine. Any thread. Throws acre::Error if the system does not tell.
std::string host_name();

/// An identity that changes with every boot of this machine. Any thread; reads a file. Throws acre::Error if
/// the system does not tell.
std::string boot_id();

/// The start time in the text of /proc/<pid>/stat (field 22 of proc(5)), in clock ticks after boot; nothing
/// if the text is not such a line. The command's name in it may hold blanks and parentheses. Any thread.
std::optional<std::uint64_t> parse_start_time(std::string_view stat);

/// When a process started, in clock ticks after boot: with the pid and the boot id it names one process for
/// ever. Nothing if there is no such process. Any thread; reads a file.
std::optional<std::uint64_t> process_start_time(pid_t pid);

/// The number of threads in the text of /proc/<pid>/status; nothing if it does not say. Any thread.
std::optional<int> parse_thread_count(std::string_view status);

/// The threads of this process now. Any thread; reads a file. Throws acre::Error if the system does not tell.
int thread_count();

}  // namespace acre::launch
