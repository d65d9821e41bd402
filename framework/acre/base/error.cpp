#include <cerrno>
#include <system_error>

#include <acre/base/error.hpp>

namespace acre {

std::string errno_text(int code) { return std::generic_category().message(code); }

void throw_errno(const std::string& what) {
  const int code = errno;
  throw Error(what + ": " + errno_text(code));
}

}  // namespace acre
