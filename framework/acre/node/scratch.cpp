#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <random>
#include <system_error>

#include <fmt/format.h>

#include <acre/base/error.hpp>
#include <acre/node/scratch.hpp>

namespace acre::node {

std::string new_scratch_path() {
  std::error_code none;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(none);  // TMPDIR and its like
  std::random_device random;
  return fmt::format("{}/acre-{:08x}{:08x}", none ? "/tmp" : parent.string(), random(), random());
}

std::string scratch_of(const std::string& run, pid_t worker) { return fmt::format("{}/{}", run, worker); }

std::string scratch_of_thread(const std::string& run) {
  static std::atomic<std::uint32_t> threads = 0;
  return fmt::format("{}/{}-{}", run, ::getpid(), ++threads);
}

void make_scratch(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST) return;
  throw Error("cannot make the folder " + path + " for a task's scratch files (" + errno_text(errno) +
              "): set TMPDIR to a folder with room");
}

void remove_scratch(const std::string& path) noexcept {
  std::error_code ignored;
  if (!path.empty()) std::filesystem::remove_all(path, ignored);
}

}  // namespace acre::node
