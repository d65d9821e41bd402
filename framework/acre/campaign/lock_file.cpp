#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <acre/base/error.hpp>
#include <acre/campaign/lock_file.hpp>

namespace acre::campaign {
namespace {

using Fields = std::map<std::string, std::string>;

/// Reads a file of a few lines; returns 0 or an errno.
int read_small(const std::string& path, std::string& text) {
  text.clear();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  char buffer[4096];
  const ssize_t got = ::read(fd, buffer, sizeof buffer);
  const int error = got < 0 ? errno : 0;
  ::close(fd);
  if (error == 0) text.assign(buffer, static_cast<std::size_t>(got));
  return error;
}

std::string text_of_file(const std::string& path) {
  std::string text;
  read_small(path, text);
  return text;
}

/// Lines of "key value".
Fields parse(const std::string& text) {
  Fields fields;
  std::istringstream lines(text);
  for (std::string key, value; lines >> key && std::getline(lines >> std::ws, value);) fields[key] = value;
  return fields;
}

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::string boot_id() {
  const std::string text = text_of_file("/proc/sys/kernel/random/boot_id");
  return text.substr(0, text.find('\n'));
}

std::string pid_namespace() {
  char name[64] = {};
  return ::readlink("/proc/self/ns/pid", name, sizeof name - 1) > 0 ? name : "unknown";
}

/// The kernel's start time of a process, "" if it cannot be read, "ended" for one that only awaits its
/// parent.
std::string start_of(const std::string& pid) {
  const std::string stat = text_of_file("/proc/" + pid + "/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == stat.npos) return {};
  std::istringstream rest(stat.substr(name_end + 1));
  std::string field;
  rest >> field;
  if (field == "Z" || field == "X") return "ended";
  for (int skip = 0; skip < 19; ++skip) rest >> field;  // proc(5): field 22, counted from the state, field 3
  return field;
}

bool process_lives(const Fields& holder) {
  const std::string& pid = holder.at("pid");
  const auto number = static_cast<pid_t>(std::strtol(pid.c_str(), nullptr, 10));
  if (number <= 0 || (::kill(number, 0) != 0 && errno == ESRCH)) return false;
  const std::string start = start_of(pid);
  return start.empty() || start == holder.at("start");
}

enum class Verdict { alive, dead, unknown };

Verdict judge(const Fields& holder, const LockOptions& here) {
  for (const char* key : {"host", "boot", "pid", "namespace", "start", "since"}) {
    if (!holder.contains(key)) return Verdict::unknown;
  }
  if (!here.slurm_job.empty() && holder.contains("job") && holder.at("job") == here.slurm_job &&
      holder.contains("restarts") &&
      std::strtoul(holder.at("restarts").c_str(), nullptr, 10) < here.slurm_restarts) {
    return Verdict::dead;
  }
  if (holder.at("host") != host_name()) return Verdict::unknown;
  if (holder.at("boot") != boot_id()) return Verdict::dead;
  if (holder.at("namespace") != pid_namespace()) return Verdict::unknown;
  return process_lives(holder) ? Verdict::alive : Verdict::dead;
}

std::string refusal(const std::string& path, const std::string& held, const Fields& holder) {
  const auto field = [&](const char* key) {
    const auto found = holder.find(key);
    return found == holder.end() ? std::string("unknown") : found->second;
  };
  const std::string job = holder.contains("job") ? fmt::format(" (Slurm job {})", field("job")) : "";
  return fmt::format("{}: another run holds this {}: process {} on {}{} since {}; wait for it or stop it",
                     path, held, field("pid"), field("host"), job, field("since"));
}

std::string random_token() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}", device(), device(), device());
}

}  // namespace

LockFile::LockFile(std::string path, LockOptions options)
    : path_(std::move(path)), options_(std::move(options)), token_(random_token()) {
  since_ = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       fmt::gmtime(static_cast<std::time_t>(wall_clock_ns() / 1'000'000'000)));
  std::string seen;
  Instant seen_at = now();
  while (!try_take()) {
    std::string text = text_of_file(path_);
    const Fields holder = parse(text);
    const Verdict verdict = judge(holder, options_);
    const bool moved = !seen.empty() && text != seen && holder.contains("token") &&
                       holder.at("token") == parse(seen)["token"];
    if (verdict == Verdict::alive || (verdict == Verdict::unknown && moved))
      throw Error(refusal(path_, options_.held, holder));
    if (verdict == Verdict::dead || (text == seen && now() - seen_at >= options_.stale_after)) {
      displace(text);
      continue;
    }
    if (text != seen) seen_at = now();
    seen = std::move(text);
    std::this_thread::sleep_for(std::min<Duration>(std::chrono::seconds(1), options_.stale_after / 10));
  }
}

LockFile::~LockFile() {
  if (!lost_ && is_mine()) ::unlink(path_.c_str());
}

std::string LockFile::describe() const {
  const std::string pid = std::to_string(::getpid());
  const std::string job =
      options_.slurm_job.empty()
          ? ""
          : fmt::format("job {}\nrestarts {}\n", options_.slurm_job, options_.slurm_restarts);
  // The counter has a fixed width, so that a refresh never changes the file's size.
  return fmt::format(
      "token {}\nhost {}\nboot {}\npid {}\nnamespace {}\nstart {}\nsince {}\n{}refreshed {:020}\n", token_,
      host_name(), boot_id(), pid, pid_namespace(), start_of(pid), since_, job, counter_);
}

/// Writes the lock under a name of its own and links it: it appears whole or not at all, on NFS too.
bool LockFile::try_take() {
  const std::string own = path_ + "." + token_;
  PosixFile file =
      PosixFile::open(own, O_RDWR | O_CREAT | O_EXCL, "cannot create the " + options_.held + "'s lock file");
  const std::string text = describe();
  const int write_error = file.write(0, bytes_of_text(text));
  const int link_error = write_error == 0 && ::link(own.c_str(), path_.c_str()) != 0 ? errno : 0;
  ::unlink(own.c_str());
  if (write_error != 0 || (link_error != 0 && link_error != EEXIST)) {
    throw Error(path_ + ": cannot create the " + options_.held + "'s lock file: " +
                errno_text(write_error != 0 ? write_error : link_error) + "; choose another folder");
  }
  if (link_error == EEXIST) return false;
  file_ = std::move(file);
  written_ = now();
  return true;
}

/// Moves a dead holder's file away. Of several who try, one succeeds per file; who moved another file than
/// the one it judged puts it back.
void LockFile::displace(const std::string& dead) {
  const std::string aside = path_ + "." + token_ + ".dead";
  if (::rename(path_.c_str(), aside.c_str()) != 0) {
    if (errno == ENOENT) return;
    throw_errno(path_ + ": cannot take over the " + options_.held + "'s lock file");
  }
  // If a third one has locked meanwhile, the displaced holder finds out by its next refresh() and stops.
  if (text_of_file(aside) != dead && ::link(aside.c_str(), path_.c_str()) != 0 && errno != EEXIST) {
    throw_errno(path_ + ": cannot put back the " + options_.held + "'s lock file");
  }
  ::unlink(aside.c_str());
}

bool LockFile::is_mine() const {
  std::string text;
  const int error = read_small(path_, text);
  // Trouble with reading (too many open files, a server away for a while) says nothing about the holder.
  if (error != 0) return error != ENOENT && error != ESTALE;
  return text.starts_with("token " + token_ + "\n");
}

bool LockFile::refresh() noexcept try {
  if (lost_) return false;
  lost_ = !is_mine();
  if (lost_ || now() - written_ < options_.refresh_every) return !lost_;
  ++counter_;
  written_ = now();
  // A refresh that fails (a full disk) costs nothing while the next one succeeds; the file keeps its old
  // words.
  file_.write(0, bytes_of_text(describe()));
  return true;
} catch (...) {
  return !lost_;
}

}  // namespace acre::campaign
