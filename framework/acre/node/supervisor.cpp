#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>

#include <acre/base/core_time.hpp>
#include <acre/base/error.hpp>
#include <acre/node/own_memory.hpp>
#include <acre/node/process.hpp>
#include <acre/node/supervisor.hpp>

namespace acre::node {
namespace {
constexpr Duration tick = std::chrono::seconds(1);
constexpr int max_ticks_stopped = 5;
constexpr Duration slow_weighing = std::chrono::milliseconds(100);
constexpr Duration fast_weighing = std::chrono::milliseconds(10);  // while one is beyond half of its limit
constexpr int weighing_share = 200;  // of a core's time: half of the 1 % that watching may cost
}  // namespace

int polite_signal() noexcept { return SIGRTMAX - 2; }
int orphaned_signal() noexcept { return SIGRTMAX - 3; }

Supervisor::Supervisor(std::int64_t memory_limit_bytes, Duration grace)
    : memory_limit_bytes_(memory_limit_bytes), grace_(grace) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, orphaned_signal());
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = channel::Descriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals_) throw_errno("cannot watch for the ends of child processes");
  const std::vector<pid_t> existing = children();
  others_.insert(existing.begin(), existing.end());
  if (memory_limit_bytes_ > 0) next_weighing_ = now() + slow_weighing;
}

int Supervisor::patience_ms() const {
  Instant due = std::min(next_tick_, next_weighing_);
  for (const auto& [pid, child] : children_) due = std::min(due, child.kill_at);
  if (due == Instant::never()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void Supervisor::end(pid_t pid) {
  const auto child = children_.find(pid);
  if (child == children_.end() || child->second.kill_at != Instant::never()) return;
  if (grace_ == Duration::zero()) return end(*child, EndedBy::request);
  child->second.by = EndedBy::request;
  child->second.kill_at = now() + grace_;
  ::kill(pid, polite_signal());
}

void Supervisor::kill(pid_t pid) {
  if (const auto child = children_.find(pid); child != children_.end()) end(*child, EndedBy::request);
}

void Supervisor::end(Children::value_type& child, EndedBy by) {
  if (child.second.by == EndedBy::itself) child.second.by = by;
  child.second.kill_at = Instant::never();
  ::kill(child.first, SIGKILL);
}

Supervisor::Sight Supervisor::look() {
  Sight sight;
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) > 0)
    sight.orphaned |= info.ssi_signo == static_cast<std::uint32_t>(orphaned_signal());
  reap(sight);
  const Instant at = now();
  end_the_late(at);
  if (at >= next_tick_) count_stops(at);
  if (at >= next_weighing_) weigh(sight);
  return sight;
}

void Supervisor::reap(Sight& sight) {
  int status = 0;
  rusage usage{};
  bool ended = false;
  for (pid_t pid = 0; (pid = ::wait4(-1, &status, WNOHANG | WUNTRACED | WCONTINUED, &usage)) > 0;) {
    if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
      const auto child = children_.find(pid);
      if (child == children_.end()) continue;
      child->second.ticks_stopped = WIFSTOPPED(status) ? 0 : -1;
      if (WIFSTOPPED(status) && next_tick_ == Instant::never()) next_tick_ = now() + tick;
      continue;
    }
    ended = true;
    others_.erase(pid);
    note_end(pid, status, usage.ru_maxrss * std::int64_t{1024}, sight);
  }
  if (ended) kill_strays([this](pid_t pid) { return children_.contains(pid) || others_.contains(pid); });
}

void Supervisor::note_end(pid_t pid, int status, std::int64_t peak_memory_bytes, Sight& sight) {
  const auto child = children_.find(pid);
  if (child == children_.end()) return;
  sight.ends.push_back({pid, status, child->second.by, peak_memory_bytes, child->second.own_memory_bytes});
  children_.erase(child);
}

void Supervisor::end_the_late(Instant at) {
  for (auto& child : children_)
    if (at >= child.second.kill_at) end(child, EndedBy::request);
}

// By ticks of our own, as stopping a whole run (Ctrl-Z) stops us too: the time it takes does not count.
void Supervisor::count_stops(Instant at) {
  bool any = false;
  for (auto& child : children_) {
    if (child.second.ticks_stopped < 0) continue;
    any = true;
    if (++child.second.ticks_stopped == max_ticks_stopped) end(child, EndedBy::stopped);
  }
  next_tick_ = any ? at + tick : Instant::never();
}

void Supervisor::add(pid_t pid) {
  Child child;
  if (memory_limit_bytes_ > 0) child.inherited_bytes = anonymous_memory(pid).value_or(0);
  children_.emplace(pid, child);
}

// Resident memory that is no file's is a cheap look, and holds what a child has of its own between two
// bounds: all of it, and all but what it inherited. Only if these are apart and a limit is between them the
// kernel is asked to tell shared pages from own ones, which takes it long.
std::int64_t Supervisor::own_memory_of(const Children::value_type& child, std::int64_t at_most) const {
  const std::int64_t at_least = at_most - child.second.inherited_bytes;
  const auto between = [&](std::int64_t limit) { return at_least <= limit && limit < at_most; };
  const bool together = child.second.inherited_bytes <= memory_limit_bytes_ / 20;
  if (together || (!between(memory_limit_bytes_) && !between(large_bytes()))) return at_least;
  return own_memory(child.first).value_or(0);
}

void Supervisor::weigh(Sight& sight) {
  const Duration before = core_time();
  bool near = false;
  for (auto& child : children_) {
    const std::int64_t at_most = anonymous_memory(child.first).value_or(0);
    if (at_most < memory_limit_bytes_ / 2) continue;
    const std::int64_t own = own_memory_of(child, at_most);
    near |= own >= memory_limit_bytes_ / 2;
    if (own > memory_limit_bytes_) {
      child.second.own_memory_bytes = own;
      end(child, EndedBy::memory);
    } else if (own > large_bytes()) {
      sight.large.push_back(child.first);
    }
  }
  const Duration used = core_time() - before;  // by the clock it would be more whenever others run meanwhile
  next_weighing_ = now() + std::max(near ? fast_weighing : slow_weighing, weighing_share * used);
}

}  // namespace acre::node
