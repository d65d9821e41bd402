// Who drives the engine when: one that waits, by turns handling, spinning and sleeping, or its own thread.
#include <poll.h>

#include <algorithm>

#include <acre/executor/engine.hpp>

namespace acre::executor {
namespace {
constexpr Duration nap = std::chrono::milliseconds(20), short_nap = std::chrono::milliseconds(1);
constexpr Duration longest_sleep = std::chrono::milliseconds(50);
}  // namespace

bool Engine::wait(const std::function<bool()>& done, const node::SleepPlan& plan, Instant deadline) {
  refuse_to_wait();
  Lock lock = enter();
  return wait(lock, done, plan, deadline);
}

bool Engine::wait(Lock& lock, const std::function<bool()>& done, const node::SleepPlan& plan,
                  Instant deadline) {
  while (!done()) {
    if (deadline != Instant::never() && now() >= deadline) return false;
    if (owned_) {
      ++waiting_;
      if (!heeded_) wake_.ring();  // the owner's sleep was planned without this wait
      const bool late = deadline != Instant::never() && deadline - now() < longest_sleep;
      changed_.wait_for(lock, late ? deadline - now() : longest_sleep);
      --waiting_;
    } else {
      owned_ = true;
      drive(lock, plan, deadline);
      owned_ = false;
      hand_over();
    }
  }
  return true;
}

void Engine::hand_over() {
  if (waiting_ > 0) changed_.notify_all();
  if (urgent()) nap_.notify_all();
}

void Engine::attend() {
  const Lock lock = enter();
  ++attended_;
  if (owned_ && !heeded_) wake_.ring();
  if (urgent()) nap_.notify_all();
}

void Engine::leave() {
  const Lock lock = enter();
  --attended_;
}

// Is there something to do for somebody who waits elsewhere, and nobody who does it?
bool Engine::urgent() const {
  const bool awaited = attended_ > 0 || followed_;
  return awaited && !owned_ && waiting_ == 0 && options_.start != StartMethod::serial && busy();
}

// One round: handle what has arrived, or spin a little, or sleep until somebody rings.
void Engine::drive(Lock& lock, const node::SleepPlan& plan, Instant deadline) {
  if (progress() || spin(lock)) {
    overslept_ = false;
    return;
  }
  sleep(lock, plan, deadline);
}

// Spinning pays only if a core is free, which is so while a worker has nothing to do; and only while it keeps
// succeeding: the spell doubles when it helped and halves when it did not. The lock is let go for those who
// want it, and the core for those whom the system has put there.
bool Engine::spin(Lock& lock) {
  constexpr int min_spins = 8, max_spins = 1024, turns_per_yield = 16;
  const schedule::Counts counts = dealer_->counts();
  const std::uint32_t workers = dealer_->workers(), here = std::min(workers, options_.local_workers);
  if (counts.held + counts.running >= workers - here + std::min(here, options_.cores)) return false;
  for (int i = 1; i <= spins_; ++i) {
    if (waiting_ > 0 || entering_.load(std::memory_order_relaxed) > 0 || i % turns_per_yield == 0) {
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    }
    if (!progress()) continue;
    spins_ = std::min(2 * spins_, max_spins);
    return true;
  }
  spins_ = std::max(spins_ / 2, min_spins);
  return false;
}

void Engine::sleep(Lock& lock, node::SleepPlan plan, Instant deadline) {
  Duration longest = longest_sleep;
  if (deadline != Instant::never()) longest = std::clamp(deadline - now(), Duration{0}, longest);
  heeded_ = waiting_ + attended_ > 0;
  plan.any_result |= heeded_;
  plan.at_once |= overslept_;
  descriptors_.clear();
  try {
    if (!dealer_->prepare_sleep(plan, descriptors_, longest)) return;
  } catch (const std::exception& error) {
    return dealer_->fail(error.what());
  }
  descriptors_.push_back({wake_.fd(), POLLIN, 0});
  std::vector<pollfd> polled = std::move(descriptors_);
  lock.unlock();
  const timespec limit{longest.count() / 1'000'000'000, longest.count() % 1'000'000'000};
  const bool rung = ::ppoll(polled.data(), polled.size(), &limit, nullptr) > 0;
  if (polled.back().revents != 0) wake_.clear();
  lock.lock();
  overslept_ = !rung;
  descriptors_ = std::move(polled);
}

bool Engine::busy() const {
  return dealer_->broken_words().empty() && (!dealer_->idle() || !gathered_.empty());
}

// A nap, not a wake per submit: a lone submit().get() must not pay for this thread.
void Engine::background() {
  Lock lock(mutex_);
  while (!stopping_) {
    hurries_ = std::exchange(gathers_, false);
    nap_.wait_for(lock, hurries_ ? short_nap : nap,
                  [&] { return stopping_ || urgent() || (gathers_ && !hurries_); });
    if (gathers_ && !hurries_ && !urgent()) continue;  // to a short nap
    // What runs inside progress() is for the callers of a serial executor, not for this thread.
    if (owned_ || waiting_ > 0 || stopping_ || options_.start == StartMethod::serial) continue;
    if (std::exchange(looked_in_passing_, false) && !urgent()) {
      deal_gathered();  // whoever submitted it may have turned to something else
      continue;
    }
    owned_ = true;
    followed_ = false;
    progress();
    while (!stopping_ && waiting_ == 0 && busy() && (!looked_in_passing_ || attended_ > 0))
      drive(lock, {.awaited = {}}, Instant::never());
    owned_ = false;
    hand_over();
  }
}

}  // namespace acre::executor
