#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include <acre/base/error.hpp>
#include <acre/channel/doorbell.hpp>

namespace acre::channel {

void Doorbell::ring() noexcept {
  // The fence orders the ringer's publication before its look at `sleepers`, as the sleeper orders the
  // reverse.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (sleepers.load(std::memory_order_relaxed) != 0) wake();
}

void Doorbell::wake() noexcept {
  count.fetch_add(1, std::memory_order_release);
  ::syscall(SYS_futex, &count, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void Doorbell::sleep(std::uint32_t seen, const Duration* limit) noexcept {
  constexpr std::int64_t second_ns = 1'000'000'000;
  timespec timeout{};
  if (limit != nullptr) timeout = {limit->count() / second_ns, limit->count() % second_ns};
  ::syscall(SYS_futex, &count, FUTEX_WAIT, seen, limit != nullptr ? &timeout : nullptr, nullptr, 0);
}

EventBell::EventBell() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!fd_) throw_errno("cannot make an eventfd");
}

bool EventBell::ring() noexcept {
  const std::uint64_t one = 1;
  return ::write(fd_.get(), &one, sizeof one) >= 0 || errno == EAGAIN;
}

void EventBell::clear() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = ::read(fd_.get(), &count, sizeof count);
}

}  // namespace acre::channel
