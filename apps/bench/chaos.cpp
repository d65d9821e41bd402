// Chaos: workers die at random, by their own hand and from outside, while every result is compared with what
// the same function returns in this process.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <acre/channel/block.hpp>
#include <algorithm>
#include <atomic>
#include <iterator>
#include <numeric>
#include <thread>

#include "busy.hpp"
#include "commands.hpp"
#include "farm_watch.hpp"

namespace bench {
namespace {
using Words = std::vector<std::uint64_t>;

// Few words mostly, now and then more than a ring holds.
std::size_t some_size(acre::Random& random) {
  const double kind = random.uniform();
  const double most = kind < 0.9 ? 8 : kind < 0.99 ? 512 : kind < 0.999 ? 4'000 : 40'000;
  return static_cast<std::size_t>(most * random.uniform());
}

// What one task is given: its number, the seed, of how many tasks one is deadly, and ballast.
Words item_of(const ChaosOptions& options, std::uint64_t index) {
  acre::Random random(options.seed, index, 0);
  Words item(3 + some_size(random));
  std::iota(item.begin(), item.end(), random.bits());
  item[0] = index;
  item[1] = options.seed;
  item[2] = std::max<std::uint64_t>(2 * options.tasks / std::max<std::uint64_t>(options.deaths, 1), 1);
  return item;
}

// The items of tasks first … end - 1, made when they are wanted.
struct Items {
  struct Iterator {
    using value_type = Words;
    using difference_type = std::ptrdiff_t;
    const ChaosOptions* options;
    std::uint64_t index;
    Words operator*() const { return item_of(*options, index); }
    Iterator& operator++() {
      ++index;
      return *this;
    }
    Iterator operator++(int) { return {options, index++}; }
    bool operator==(const Iterator& other) const { return index == other.index; }
  };
  Iterator begin() const { return {&options, first}; }
  Iterator end() const { return {&options, last}; }

  const ChaosOptions& options;
  std::uint64_t first, last;
};

// The function under test: numbers that depend on all of the item.
Words numbers_of(const Words& item) {
  acre::Random random(item[1], item[0], 1);
  const std::uint64_t sum = std::accumulate(item.begin(), item.end(), std::uint64_t{0});
  Words numbers(1 + some_size(random));
  for (std::uint64_t& number : numbers) number = sum ^ random.bits();
  return numbers;
}

struct Answer {
  std::uint64_t index = 0;
  Words numbers;
};
ACRE_RECORD(Answer, index, numbers)

// One way to die out of four; two of them strike when the worker may have gone on to something else.
void die(acre::Random& random) {
  const std::int64_t way = random.integer(0, 3);
  if (way == 0) ::kill(::getpid(), SIGKILL);
  if (way == 1) ::_exit(3);
  std::thread([at = acre::now() + acre::Duration(random.integer(0, 300'000))] {
    while (acre::now() < at) std::this_thread::yield();
    ::kill(::getpid(), SIGKILL);
  }).detach();
}

Answer answer(acre::Context& context, const Words& item) {
  acre::Random random(item[1], item[0], 2);
  if (context.attempt() == 1 && random.bits() % item[2] == 0) die(random);
  turn(static_cast<std::uint64_t>(5'000 * random.exponential()));
  return {item[0], numbers_of(item)};
}

/// What came back, counted by the one thread that waits for it.
class Tally {
 public:
  Tally(const ChaosOptions& options, std::uint64_t first, std::uint64_t end)
      : options_(options), first_(first), seen_(end - first) {}

  void take(const Answer& answer) {
    const std::uint64_t place = answer.index - first_;
    if (place >= seen_.size() || answer.numbers != numbers_of(item_of(options_, answer.index)))
      ++different;
    else if (seen_[place])
      ++doubled;
    else
      seen_[place] = true;
  }
  void fail(const std::exception& failure) {
    if (failures++ == 0) fmt::print("the first task that failed: {}\n", failure.what());
  }
  std::uint64_t lost() const {
    return static_cast<std::uint64_t>(std::count(seen_.begin(), seen_.end(), false));
  }

  std::uint64_t doubled = 0, different = 0, failures = 0;

 private:
  ChaosOptions options_;
  std::uint64_t first_;
  std::vector<bool> seen_;
};

/// One run, as its threads share it: two take results, one watches and kills.
class Storm {
 public:
  Storm(acre::Executor& executor, const ChaosOptions& options)
      : executor_(executor), options_(options), watch_(find_zygotes().preloaded, {options.seed, 0, 3}) {}

  void run();
  bool report() const;

 private:
  struct Account {
    Holdings agent, zygote, preloaded;
  };

  void wave(std::uint64_t number);
  void map_all(std::uint64_t first, std::uint64_t end, bool ordered);
  void submit_all(std::uint64_t first, std::uint64_t end);
  void count_one();
  void wait_for_deaths(std::uint64_t deaths);
  void watch_and_kill();
  void settle();
  Account account() const;

  static constexpr std::uint64_t waves = 10;
  acre::Executor& executor_;
  ChaosOptions options_;
  std::uint64_t mapped_ = options_.tasks - options_.tasks / 10;  ///< the others are submitted one by one
  Tally of_maps_{options_, 0, mapped_}, of_submits_{options_, mapped_, options_.tasks};
  FarmWatch watch_;  ///< of the thread that kills
  std::atomic<std::uint64_t> done_{0}, deaths_{0};
  std::atomic<std::size_t> living_{0};
  std::atomic<bool> raging_{false}, over_{false}, calm_{false};  // calm: nobody dies any more
  std::vector<Account> accounts_;
  double seconds_ = 0;
};

/// Results are not taken faster than workers die, so that some die while they have nothing to do.
void Storm::count_one() {
  constexpr std::uint64_t slack = 20;
  const std::uint64_t due = options_.deaths * ++done_ / options_.tasks;
  if (due > slack) wait_for_deaths(due - slack);
}

/// Not for ever: an executor that has given up has nobody left to die.
void Storm::wait_for_deaths(std::uint64_t deaths) {
  constexpr acre::Duration patience = std::chrono::seconds(20);
  const acre::Instant deadline = acre::now() + patience;
  while (deaths_ < deaths && !calm_) {
    if (acre::now() > deadline) calm_ = true;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

void Storm::map_all(std::uint64_t first, std::uint64_t end, bool ordered) {
  const Items items{options_, first, end};
  const acre::MapOptions window{.window_bytes = std::size_t{1} << 20};
  auto results =
      ordered ? executor_.map<answer>(items, window) : executor_.map_unordered<answer>(items, window);
  std::uint64_t expected = first;
  for (bool held = false;; count_one(), ++expected) {
    try {
      auto at = results.begin();
      if (std::exchange(held, false)) ++at;
      if (at == results.end()) return;
      held = true;
      of_maps_.take(*at);
      if (ordered && at->index != expected) ++of_maps_.different;
    } catch (const std::exception& failure) {
      of_maps_.fail(failure);
    }
  }
}

void Storm::submit_all(std::uint64_t first, std::uint64_t end) {
  constexpr std::uint64_t at_once = 100;
  for (std::uint64_t begin = first; begin < end; begin += at_once) {
    std::vector<acre::Future<Answer>> futures;
    for (std::uint64_t index = begin; index < std::min(begin + at_once, end); ++index)
      futures.push_back(executor_.submit<answer>(item_of(options_, index)));
    for (std::uint64_t i = 0; i < futures.size(); ++i, count_one()) {
      try {
        of_submits_.take(futures[i].get());
        if (futures[i].get().index != begin + i) ++of_submits_.different;
      } catch (const std::exception& failure) {
        of_submits_.fail(failure);
      }
    }
  }
}

void Storm::wave(std::uint64_t number) {
  const std::uint64_t submits = options_.tasks - mapped_;
  std::thread other(
      [&] { submit_all(mapped_ + submits * number / waves, mapped_ + submits * (number + 1) / waves); });
  map_all(mapped_ * number / waves, mapped_ * (number + 1) / waves, number % 2 == 1);
  other.join();
}

/// Deaths keep step with results. Kills come at random moments, a few milliseconds apart on average, and
/// while somebody works: workers that all die before they can take tasks end an executor, and rightly so.
void Storm::watch_and_kill() {
  acre::Random random(options_.seed, 0, 4);
  acre::Instant next = acre::now();
  while (!over_) {
    watch_.look();
    deaths_ = watch_.deaths();
    living_ = watch_.living();
    const acre::Instant at = acre::now();
    constexpr std::uint64_t ahead = 10;
    const std::uint64_t due = options_.deaths * done_ / options_.tasks;
    const bool behind = deaths_ < std::min(due + ahead, options_.deaths);
    if (raging_ && at >= next && behind && executor_.statistics().workers != 0) {
      watch_.kill_one();
      next = at + acre::Duration(static_cast<std::int64_t>(4e6 * random.exponential()));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
}

/// Waits until all workers are there, and their spare.
void Storm::settle() {
  raging_ = false;
  const acre::Instant deadline = acre::now() + std::chrono::seconds(10);
  for (int calm = 0; calm < 50 && acre::now() < deadline;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    calm = living_ == executor_.workers() + 1 ? calm + 1 : 0;
  }
}

Storm::Account Storm::account() const {
  const Zygotes zygotes = find_zygotes();
  return {holdings_of(::getpid()), holdings_of(zygotes.zygote), holdings_of(zygotes.preloaded)};
}

void Storm::run() {
  std::thread killer([this] { watch_and_kill(); });
  seconds_ = seconds([this] {
    for (std::uint64_t number = 0; number < waves; ++number) {
      raging_ = true;
      wave(number);
      if (number + 1 == waves) wait_for_deaths(options_.deaths);
      if (number != 0 && number != waves / 2 && number + 1 != waves) continue;
      settle();
      accounts_.push_back(account());
    }
  });
  over_ = true;
  killer.join();
}

bool Storm::report() const {
  const auto both = [this](std::uint64_t Tally::*what) { return of_maps_.*what + of_submits_.*what; };
  const std::uint64_t lost = of_maps_.lost() + of_submits_.lost(), doubled = both(&Tally::doubled),
                      different = both(&Tally::different), failed = both(&Tally::failures);
  fmt::print(
      "{} tasks, {} deaths ({} of them killed from outside) in {:.1f} s: {:.0f} tasks/s, {:.0f} deaths/s\n",
      options_.tasks, watch_.deaths(), watch_.kills(), seconds_,
      static_cast<double>(options_.tasks) / seconds_, static_cast<double>(watch_.deaths()) / seconds_);
  fmt::print("{} lost, {} doubled, {} different, {} failed\n", lost, doubled, different, failed);
  fmt::print("longest that a dead worker was a zombie: {:.1f} ms\n",
             1e-6 * static_cast<double>(watch_.longest_zombie().count()));
  bool leaks = false;
  // An agent keeps blocks of large messages, each with a descriptor and two mappings.
  const auto print = [&](const char* name, Holdings Account::*of, long blocks) {
    fmt::print("{:<10}", name);
    for (const Account& account : accounts_)
      fmt::print(" {:>4} descriptors {:>4} mappings {:>7} kB{}", (account.*of).descriptors,
                 (account.*of).mappings, (account.*of).memory_kb,
                 &account == &accounts_.back() ? "\n" : " ->");
    // From the middle on: a map's window, and with it the agent's memory, still opens in the first half.
    const Holdings &begin = accounts_[accounts_.size() / 2].*of, &end = accounts_.back().*of;
    leaks |= end.descriptors > begin.descriptors + 2 + blocks ||
             end.mappings > begin.mappings + 8 + 2 * blocks || end.memory_kb > begin.memory_kb + 8192;
  };
  print("agent", &Account::agent, acre::channel::most_blocks);
  print("zygote", &Account::zygote, 0);
  print("preloaded", &Account::preloaded, 0);
  if (leaks) fmt::print("something has grown that should not\n");
  if (calm_) fmt::print("no worker died for 20 s, though {} should have\n", options_.deaths);
  return lost + doubled + different + failed == 0 && !leaks && !calm_;
}
}  // namespace

bool chaos(acre::Session& session, const ChaosOptions& options) {
  if (session.nodes() > 1)
    throw acre::Error("chaos kills processes of one machine: start it without a launcher");
  fmt::print("seed {}\n", options.seed);
  auto executor = session.executor(
      {.workers = options.workers, .retries = 65'534, .max_strikes = 65'535, .seed = options.seed});
  executor.bootup();
  Storm storm(executor, options);
  storm.run();
  return storm.report();
}

}  // namespace bench
