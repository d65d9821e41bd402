// What waits to be dealt, against a sorted list.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include <acre/schedule/events.hpp>
#include <acre/schedule/ready_queue.hpp>

namespace acre::schedule {
namespace {

using std::chrono::microseconds;

TEST(ReadyQueueKey, higher_priorities_have_smaller_keys) {
  for (int priority = lowest_priority; priority < highest_priority; ++priority) {
    const std::uint16_t low = ReadyQueue::key_of(priority, std::chrono::hours(1000));
    const std::uint16_t high = ReadyQueue::key_of(priority + 1, {});
    EXPECT_LT(high, low);
    EXPECT_TRUE(ReadyQueue::more_urgent(high, low));
    EXPECT_FALSE(ReadyQueue::more_urgent(low, high));
  }
}

TEST(ReadyQueueKey, a_length_is_no_urgency) {
  const std::uint16_t longer = ReadyQueue::key_of(0, microseconds(9)), shorter = ReadyQueue::key_of(0, {});
  EXPECT_LT(longer, shorter);
  EXPECT_FALSE(ReadyQueue::more_urgent(longer, shorter));
}

/// Two classes per doubling: 1024 and 1536 times each power of two.
TEST(ReadyQueueKey, longer_ones_have_smaller_keys_two_per_doubling) {
  const std::uint16_t none = ReadyQueue::key_of(0, {});
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(-5)), none);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(1023)), none);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(1024)), none - 1);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(2047)), none - 1);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(2048)), none - 3);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(3071)), none - 3);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(3072)), none - 4);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(4095)), none - 4);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(4096)), none - 5);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(std::int64_t{1} << 40)), none - 61);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(std::int64_t{3} << 39)), none - 62);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration(std::int64_t{1} << 41)), none - 63);
  EXPECT_EQ(ReadyQueue::key_of(0, Duration::max()), none - 63);
}

TEST(ReadyQueueKeyDeath, a_priority_is_one_of_sixteen) {
  EXPECT_EQ(ReadyQueue::key_of(highest_priority, Duration::max()), 0);
  EXPECT_EQ(ReadyQueue::key_of(lowest_priority, {}), 16 * 64 - 1);
  EXPECT_DEATH(ReadyQueue::key_of(highest_priority + 1, {}), "one of sixteen");
  EXPECT_DEATH(ReadyQueue::key_of(lowest_priority - 1, {}), "one of sixteen");
}

TEST(ReadyQueue, has_no_lists_while_all_keys_are_plain) {
  ReadyQueue queue;
  TaskTable tasks;
  tasks.reach(1);
  tasks[0].key = ReadyQueue::key_of(0, {});
  tasks[1].key = ReadyQueue::key_of(1, {});
  queue.push(tasks, 0);
  EXPECT_EQ(queue.memory_bytes(), 0u);
  queue.push(tasks, 1);
  EXPECT_GT(queue.memory_bytes(), 0u);
  EXPECT_EQ(queue.front().index, 1u);
}

/// A queue and what it should hold.
class Model {
 public:
  Model() {
    tasks_.reach(63);
    for (std::uint32_t i = 0; i < 64; ++i) chunks_.make(0, i, 1);
  }

  void push_range(std::uint32_t index, std::uint16_t key) {
    tasks_[index].key = key;
    queue_.push(tasks_, index);
    waiting_.push_back({key, false, index});
  }
  void push_chunk(std::uint32_t index, std::uint16_t key) {
    queue_.push(chunks_, index, key);
    waiting_.insert(waiting_.begin(), {key, true, index});
  }
  void erase(std::size_t at) {
    const Entry entry = waiting_[at];
    entry.is_chunk ? queue_.erase(chunks_, entry.index, entry.key) : queue_.erase(tasks_, entry.index);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  bool has(bool is_chunk, std::uint32_t index) const {
    return std::any_of(waiting_.begin(), waiting_.end(), [&](const Entry& entry) {
      return entry.is_chunk == is_chunk && entry.index == index;
    });
  }
  std::size_t size() const { return waiting_.size(); }

  void compare() const {
    ASSERT_EQ(queue_.empty(), waiting_.empty());
    queue_.check([](const List&, const List&, std::uint16_t) {});
    if (waiting_.empty()) return;
    const auto first = std::min_element(waiting_.begin(), waiting_.end(), [](const Entry& a, const Entry& b) {
      return a.key != b.key ? a.key < b.key : a.is_chunk && !b.is_chunk;
    });
    ASSERT_EQ(queue_.front().is_chunk, first->is_chunk);
    ASSERT_EQ(queue_.front().index, first->index);
  }

 private:
  struct Entry {
    std::uint16_t key;
    bool is_chunk;
    std::uint32_t index;
  };
  TaskTable tasks_;
  ChunkTable chunks_;
  ReadyQueue queue_;
  std::vector<Entry>
      waiting_;  ///< chunks before ranges of the same key, in the order in which they are to go
};

TEST(ReadyQueue, agrees_with_a_sorted_list) {
  Model model;
  std::mt19937 random(1);
  for (int step = 0; step < 20000; ++step) {
    const std::uint32_t index = random() % 64;
    const auto key = static_cast<std::uint16_t>(random() % 3 == 0 ? random() % 1024 : 509 + random() % 5);
    const std::uint32_t what = random() % (step / 1000 % 2 == 0 ? 3 : 6);
    if (what == 0 && !model.has(false, index)) model.push_range(index, key);
    if (what == 1 && !model.has(true, index)) model.push_chunk(index, key);
    if (what >= 2 && model.size() != 0) model.erase(random() % model.size());
    model.compare();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace acre::schedule
