#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>

#include <acre/base/error.hpp>
#include <acre/launch/environment.hpp>
#include <acre/launch/host.hpp>
#include <acre/node/fresh_start.hpp>

namespace acre::node {
namespace {
constexpr const char* program = "/proc/self/exe";
constexpr const char* variable = "ACRE_STARTED_AS";
constexpr std::array<const char*, 2> names{"worker", "zygote"};  // by Role
constexpr std::array<std::size_t, 2> descriptor_counts{5, 1};

struct OwnStart {
  std::vector<std::string> arguments, environment;
};
OwnStart& own_start() {
  static OwnStart start;
  return start;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  return pointers;
}

// Its size cannot change under those who map it.
bool is_sealed_memory(int fd) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
}

bool is(int fd, mode_t type) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type;
}

// A process that nobody started for it has no such descriptors from such a parent.
std::optional<Start> read_start(const std::string& text) {
  std::istringstream in(text);
  std::string name;
  Start start{};
  in >> name >> start.parent;
  std::vector<int> numbers;
  for (int number = 0; in >> number;) numbers.push_back(number);
  const auto* const known = std::find(names.begin(), names.end(), name);
  if (known == names.end() || !in.eof() || start.parent != ::getppid()) return std::nullopt;
  const auto role = static_cast<std::size_t>(known - names.begin());
  start.role = static_cast<FreshStart::Role>(role);
  if (numbers.size() != descriptor_counts[role]) return std::nullopt;
  for (const int number : numbers)
    if (number <= STDERR_FILENO || ::fcntl(number, F_SETFD, FD_CLOEXEC) != 0) return std::nullopt;
  const bool right = start.role == FreshStart::Role::zygote
                         ? is(numbers[0], S_IFSOCK)
                         : is_sealed_memory(numbers[0]) && is(numbers[1], S_IFSOCK) &&
                               is(numbers[3], S_IFIFO) && is(numbers[4], S_IFREG);
  if (!right) return std::nullopt;
  for (const int number : numbers) start.descriptors.emplace_back(number);
  return start;
}
}  // namespace

void note_own_start() {
  const auto text = launch::read_text_file("/proc/self/cmdline");
  if (!text) throw Error("cannot read how this program was started: is /proc mounted?");
  OwnStart start;
  for (std::size_t at = 0, end = 0; at < text->size(); at = end + 1) {
    end = std::min(text->find('\0', at), text->size());
    start.arguments.push_back(text->substr(at, end - at));
  }
  start.environment = launch::without_launcher_variables(launch::read_environment());
  own_start() = std::move(start);
}

std::string program_name() {
  const std::vector<std::string>& arguments = own_start().arguments;
  return arguments.empty() ? "?" : std::filesystem::path(arguments.front()).filename().string();
}

FreshStart::FreshStart(Role role, std::vector<int> descriptors)
    : descriptors_(std::move(descriptors)),
      variable_(std::string(variable) + "=" + names.at(static_cast<std::size_t>(role)) + " " +
                std::to_string(::getpid())),
      argv_(pointers_to(own_start().arguments)),
      envp_(pointers_to(own_start().environment)) {
  for (const int descriptor : descriptors_) variable_ += " " + std::to_string(descriptor);
  argv_.push_back(nullptr);
  envp_.push_back(variable_.data());
  envp_.push_back(nullptr);
}

void FreshStart::exec() const noexcept {
  for (const int descriptor : descriptors_) ::fcntl(descriptor, F_SETFD, 0);
  ::execve(program, argv_.data(), envp_.data());
  constexpr int not_executed = 127;  // as a shell says it
  ::_exit(not_executed);
}

pid_t FreshStart::spawn(int given) const {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, given, descriptors_.front());
  ::posix_spawn_file_actions_addclosefrom_np(&actions, descriptors_.front() + 1);
  pid_t child = -1;
  const int failure = ::posix_spawn(&child, program, &actions, nullptr, argv_.data(), envp_.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw Error(std::string("cannot start this program again: ") + std::strerror(failure));
  return child;
}

std::optional<Start> role_of_this_process() {
  const auto text = launch::take_variable(variable);
  if (!text) return std::nullopt;
  auto start = read_start(*text);
  if (!start)
    throw Error(std::string("the environment variable ") + variable + " is \"" + *text +
                "\", but it is for acre's own use between the processes of a run: unset it");
  return start;
}

}  // namespace acre::node
