// Errors of the environment; a task's failure is data in its future, a bug is ACRE_CHECK.
#pragma once

#include <stdexcept>
#include <string>

namespace acre {

/// Something outside the program is not as it must be; what() is one sentence: what, where, what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the operating system says about `code` (an errno value). Any thread; does not throw but for memory.
std::string errno_text(int code);

/// Throws Error("<what>: <text of errno>"). Any thread.
[[noreturn]] void throw_errno(const std::string& what);

}  // namespace acre
