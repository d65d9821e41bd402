// Tasks that scribble over what their worker shares with its agent: random bytes at random places at random
// moments, also from a thread that stays. Run with --gtest_random_seed=N to see the storm of seed N alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "executor/own_rings.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {
constexpr std::size_t control_size = 4096;
constexpr std::size_t most_scribbles = counters - 1;

/// The processes in which a task has scribbled, which cannot be believed any more: one shared counter each.
Counter& scribbler(std::size_t number) { return shared(1 + number); }
bool was_scribbler(std::int32_t process) {
  for (std::size_t i = 0; i < most_scribbles; ++i)
    if (scribbler(i).get() == static_cast<std::uint32_t>(process)) return true;
  return false;
}

class Scribbler {
 public:
  explicit Scribbler(std::uint64_t seed) : random_(seed), rings_(OwnRings::find()) {}

  void scribble() {
    if (random_() % 4 == 0) return nudge();
    const std::size_t place = random_() % 3;
    std::byte* const base = place == 0   ? reinterpret_cast<std::byte*>(rings_.page)
                            : place == 1 ? rings_.down
                                         : rings_.up;
    const std::size_t size = place == 0 ? control_size : channel::ring_capacity;
    const std::size_t length = std::min<std::size_t>(1 + random_() % (random_() % 8 == 0 ? 4096 : 16), size);
    std::byte* at = base + some_offset(place, size) % (size - length + 1);
    for (std::size_t i = 0; i < length; ++i) at[i] = some_byte();
  }

  /// Changes an index a little, as one that lies well would.
  void nudge() {
    channel::ControlPage& page = *rings_.page;
    std::atomic<std::uint64_t>* const words[] = {&page.up.tail, &page.up.head, &page.down.tail,
                                                 &page.down.head, &page.ring_at};
    words[random_() % std::size(words)]->fetch_add(16 * (random_() % 64) - 16 * 32);
  }

  void pause() {
    const Instant until = now() + std::chrono::microseconds(random_() % 300);
    while (now() < until) continue;
  }
  std::uint64_t draw() { return random_(); }

 private:
  // Near the indices, where what is read next stands, or anywhere.
  std::size_t some_offset(std::size_t place, std::size_t size) {
    if (place == 0) return random_() % (random_() % 2 == 0 ? sizeof(channel::ControlPage) : size);
    const channel::RingIndices& indices = place == 1 ? rings_.page->down : rings_.page->up;
    const std::uint64_t near = (random_() % 2 == 0 ? indices.head : indices.tail).load() + random_() % 512;
    return (random_() % 4 == 0 ? random_() : near) % size;
  }
  std::byte some_byte() {
    const std::uint64_t bits = random_();
    return std::byte{static_cast<unsigned char>(bits % 4 == 0 ? 0 : bits % 4 == 1 ? 0xff : bits >> 8)};
  }

  std::mt19937_64 random_;
  OwnRings rings_;
};

/// What an honest task returns: whoever changes any of it is found out.
struct Word {
  std::uint64_t index = 0, value = 0, check = 0;
  std::int32_t process = 0;
};
ACRE_RECORD(Word, index, value, check, process)

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 31)) * 0x7FB5D329728EA185u;
  return (x ^ (x >> 27)) * 0x81DADEF4BC2DD44Du;
}
std::uint64_t check_of(const Word& word) {
  return mix(mix(word.index) ^ mix(word.value + 1) ^ mix(static_cast<std::uint64_t>(word.process) + 2));
}

Word honest(std::uint64_t index, const std::vector<std::uint64_t>& ballast) {
  Word word{index, mix(index + ballast.size()), 0, ::getpid()};
  word.check = check_of(word);
  return word;
}

/// Scribbles at its first attempt, at once or from a thread that goes on beside the tasks that follow.
int scribble(Context& context, std::size_t number, std::uint64_t seed) {
  if (context.attempt() > 1) return 0;
  shared(0).add();  // first: whoever sees the process sees that there was a scribble
  scribbler(number).set(static_cast<std::uint32_t>(::getpid()));
  const auto rage = [seed] {
    Scribbler hand(seed);
    for (std::uint64_t times = 1 + hand.draw() % 20; times > 0; --times) {
      hand.pause();
      hand.scribble();
    }
  };
  if (seed % 3 == 0)
    std::thread(rage).detach();
  else
    rage();
  return 0;
}

std::vector<std::uint64_t> ballast_of(std::uint64_t index) {
  return std::vector<std::uint64_t>(index % 97 == 0 ? 6000 : index % 40);
}

// One that ran in a worker nobody scribbled in is right; another one may be anything, but ends.
void expect_honest(const Future<Word>& future, std::uint64_t index) {
  ASSERT_TRUE(future.wait(std::chrono::seconds(60))) << "task " << index << " does not end";
  try {
    const Word word = future.get();
    if (word.check == check_of(word) && !was_scribbler(word.process)) {
      EXPECT_EQ(word.index, index);
      EXPECT_EQ(word.value, mix(index + ballast_of(index).size()));
    } else {
      EXPECT_GT(shared(0).get(), 0u);
    }
  } catch (const std::exception& error) {
    EXPECT_GT(shared(0).get(), 0u) << error.what();
  }
}

void storm(std::uint64_t seed) {
  reset_shared();
  std::mt19937_64 random(seed);
  Executor executor = session().executor({.workers = 2, .retries = 50, .max_strikes = 51});
  std::vector<Future<Word>> words;
  std::vector<Future<int>> scribbles;
  for (std::uint64_t index = 0; index < 300; ++index) {
    if (random() % 20 == 0 && scribbles.size() < most_scribbles)
      scribbles.push_back(executor.submit<scribble>(scribbles.size(), random()));
    words.push_back(executor.submit<honest>(index, ballast_of(index)));
  }
  for (std::uint64_t index = 0; index < words.size(); ++index) expect_honest(words[index], index);
  for (const auto& future : scribbles) ASSERT_TRUE(future.wait(std::chrono::seconds(60)));
}

TEST(Scribbles, cost_the_worker_that_wrote_them_and_nobody_else) {
  constexpr std::uint64_t storms = 40;
  const auto only = static_cast<std::uint64_t>(GTEST_FLAG_GET(random_seed));
  for (std::uint64_t seed = only == 0 ? 1 : only; seed <= (only == 0 ? storms : only); ++seed) {
    SCOPED_TRACE("the storm of seed " + std::to_string(seed));
    storm(seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace acre::test
