// A map's own side: what it reads ahead, and items that end in runs, over workers that the test plays.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include <acre/executor/map_run.hpp>
#include <acre/executor/pace.hpp>
#include <acre/executor/range_source.hpp>
#include <acre/executor/results.hpp>

#include "node/scripted_group.hpp"

namespace acre::test {
namespace {
using executor::Follower;
using executor::ItemRange;

class Workers final : public ScriptedGroup {
 public:
  void add_descriptors(std::vector<pollfd>&) const override {}
};

/// Counts up, and throws where it is told to.
struct Counting final : executor::Source {
  explicit Counting(std::uint64_t items) : end(items) {}
  bool read(ItemRange& items, std::uint32_t most, std::size_t most_bytes) override {
    wire::Writer writer(items.arguments);
    while (items.size() < most && writer.size() < most_bytes) {
      if (next == end) return false;
      writer.number(next++);
      if (next == throws_behind) throw std::runtime_error("the source is broken");
      items.ends.push_back(writer.size());
    }
    return true;
  }
  bool at_hand() const noexcept override { return false; }
  std::uint64_t next = 0, end, throws_behind = 0;
};

std::uint64_t number_in(ByteView encoded) { return wire::from_bytes<std::uint64_t>(encoded); }

/// Knows items that divide by 100, and lets the others of one last digit wait for the first of them.
struct Digits final : executor::Recorder {
  bool follow(std::uint64_t index, ByteView arguments) override {
    const std::uint64_t item = number_in(arguments);
    if (item % 100 == 0) return false;
    const auto [first, is_new] = followers.try_emplace(item % 10);
    if (!is_new) first->second.push_back(index);
    return !is_new;
  }
  std::optional<task::Outcome> recorded(std::uint64_t index, ByteView arguments) override {
    EXPECT_EQ(number_in(arguments), index);
    if (index % 100 != 0) return std::nullopt;
    task::Outcome known;
    known.value = wire::to_bytes(std::vector{index});
    return known;
  }
  std::vector<Follower> record(const ItemRange& items, const executor::EndedRun& ended) noexcept override {
    std::vector<Follower> all;
    for (std::uint32_t place = 0; place < ended.count(); ++place) {
      const auto at = static_cast<std::uint32_t>(ended.first - items.first) + place;
      const std::uint64_t item = number_in(items.arguments_of(at));
      EXPECT_EQ(item, ended.first + place);
      seen.push_back(item);
      const auto of_digit = followers.extract(item % 10);
      if (of_digit)
        for (const std::uint64_t index : of_digit.mapped()) all.push_back({place, index});
    }
    return all;
  }
  void check() override {}
  std::map<std::uint64_t, std::vector<std::uint64_t>> followers;
  std::vector<std::uint64_t> seen;
};

class MapRunTest : public testing::Test {
 protected:
  MapRunTest() {
    auto owned = std::make_unique<Workers>();
    group = owned.get();
    group->is_ready = true;
    bool joined = false;
    group->report([&](node::MemberEvents& events) {
      events.joined(events.enroll(*group), 64, true);
      joined = true;
    });
    engine->add_group(std::move(owned));
    engine->wait([&] { return joined; }, {.awaited = {}});
  }
  ~MapRunTest() override { engine->shutdown(true); }

  std::unique_ptr<executor::MapRun> start(std::uint64_t items, MapOptions options, bool ordered = true,
                                          std::shared_ptr<executor::Recorder> recorder = nullptr) {
    auto owned = std::make_unique<Counting>(items);
    source = owned.get();
    options.chunk = 4;
    executor::MapPlan plan{{}, 0, ordered, options, std::move(recorder)};
    return std::make_unique<executor::MapRun>(engine, std::move(owned), std::move(plan));
  }
  /// Reads ahead; nothing has ended yet.
  void submit(executor::MapRun& run) { EXPECT_THROW(run.next(Instant{}), TimeoutError); }

  /// What a worker will say of the item, and of those behind it that it was dealt with it. The count of both.
  std::uint64_t say(std::uint64_t index,
                    const std::function<void(node::MemberEvents&, ChunkId, std::uint32_t place)>& what) {
    std::uint64_t together = 0;
    engine->locked([&] {
      for (const auto& dealt : group->dealt) {
        const std::uint64_t place = index - dealt.head.index;
        if (place >= dealt.count) continue;
        script.push_back([=, chunk = dealt.chunk](node::MemberEvents& events) {
          what(events, chunk, static_cast<std::uint32_t>(place));
        });
        together = dealt.count - place;
        return;
      }
    });
    EXPECT_NE(together, 0u) << "nobody was dealt item " << index;
    return together;
  }
  /// Each returned a vector of its index and zeros. All at once, if the map's pace let them be dealt
  /// together.
  void returned(std::uint64_t first, std::uint64_t count = 1, std::size_t size = 1) {
    const auto values = std::make_shared<task::Values>();
    const std::uint64_t together =
        std::min(count, say(first, [values](auto& events, ChunkId chunk, auto place) {
                   events.returned(chunk, place, *values);
                 }));
    for (std::uint64_t index = first; index < first + together; ++index) {
      std::vector<std::uint64_t> value(size);
      value.front() = index;
      wire::Writer writer(values->bytes);
      wire::encode(writer, value);
      values->marks.push_back({values->bytes.size(), 0, 0});
    }
    if (together != 0 && together < count) returned(first + together, count - together, size);
  }
  void threw(std::uint64_t index) {
    say(index, [](auto& events, ChunkId chunk, std::uint32_t place) {
      task::Outcome outcome;
      outcome.ending = task::Ending::thrown;
      outcome.type = "a type";
      outcome.message = "it failed";
      outcome.execution.attempt = 1;
      events.ended(chunk, place, std::move(outcome));
    });
  }
  void returned_alone(std::uint64_t index) {
    say(index, [index](auto& events, ChunkId chunk, std::uint32_t place) {
      task::Outcome outcome;
      outcome.value = wire::to_bytes(std::vector{index});
      events.ended(chunk, place, std::move(outcome));
    });
  }
  /// What comes next once all of that was said: the result, 1000 more than the index
  /// for a failure, nothing at the end.
  std::optional<std::uint64_t> next(executor::MapRun& run) {
    engine->locked([&] {
      for (auto& report : std::exchange(script, {})) group->report(std::move(report));
    });
    auto item = run.next(now() + std::chrono::seconds(20));
    if (!item) return std::nullopt;
    try {
      return executor::take_value<std::vector<std::uint64_t>>(*item).front();
    } catch (const TaskError& error) {
      EXPECT_EQ(error.task, item->index());
      EXPECT_EQ(error.TaskInfo::message, "it failed");
      return 1000 + error.task;
    }
  }
  std::vector<std::uint64_t> all(executor::MapRun& run) {
    std::vector<std::uint64_t> ended;
    while (const auto one = next(run)) ended.push_back(*one);
    return ended;
  }
  void all_end_in_mixed_order() {
    returned(8, 4);
    threw(5);
    returned(2, 2);
    returned_alone(1);
    returned(6, 2);
    returned(0);
    threw(12);
    returned(4);
    returned(13, 3);
  }

  std::shared_ptr<executor::Engine> engine = std::make_shared<executor::Engine>(executor::EngineOptions{});
  Workers* group = nullptr;
  std::vector<ScriptedGroup::Report> script;
  Counting* source = nullptr;
};

TEST_F(MapRunTest, items_that_end_in_runs_come_in_order_whatever_failed_between_them) {
  const auto run = start(16, {.window = 16});
  submit(*run);
  all_end_in_mixed_order();
  EXPECT_EQ(all(*run),
            (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 1005, 6, 7, 8, 9, 10, 11, 1012, 13, 14, 15}));
}

TEST_F(MapRunTest, unordered_they_come_as_they_ended) {
  const auto run = start(16, {.window = 16}, false);
  submit(*run);
  all_end_in_mixed_order();
  EXPECT_EQ(all(*run),
            (std::vector<std::uint64_t>{8, 9, 10, 11, 1005, 2, 3, 1, 6, 7, 0, 1012, 4, 13, 14, 15}));
}

TEST_F(MapRunTest, what_is_there_is_yielded_while_the_next_one_is_awaited) {
  const auto run = start(8, {.window = 8});
  submit(*run);
  returned(0, 2);
  returned(4, 4);
  EXPECT_EQ(next(*run), 0u);
  EXPECT_EQ(next(*run), 1u);
  EXPECT_THROW(run->next(Instant{}), TimeoutError);
  returned(2, 2);
  EXPECT_EQ(all(*run), (std::vector<std::uint64_t>{2, 3, 4, 5, 6, 7}));
}

TEST_F(MapRunTest, a_window_is_filled_again_while_a_run_is_yielded) {
  const auto run = start(100, {.window = 8});
  submit(*run);
  EXPECT_EQ(source->next, 8u);
  returned(0, 4);
  returned(4, 4);
  std::vector<std::uint64_t> read;
  for (std::uint64_t item = 0; item < 6; ++item) {
    EXPECT_EQ(next(*run), item);
    read.push_back(source->next);
  }
  EXPECT_EQ(read, (std::vector<std::uint64_t>{8, 8, 8, 11, 11, 11}))
      << "once three quarters are left, one taken with the next one";
}

TEST_F(MapRunTest, results_that_wait_are_counted_as_bytes) {
  const auto run = start(1000, {.window_bytes = 10'000});
  submit(*run);
  const std::uint64_t read = source->next;
  EXPECT_GE(read, 100u);
  for (std::uint64_t index = 0; index < 60; ++index) returned(index, 1, index < 40 ? 1 : 100);
  for (std::uint64_t index = 0; index < 40; ++index) EXPECT_EQ(next(*run), index);
  EXPECT_EQ(source->next, read) << "16 kB of results wait";
  for (std::uint64_t index = 40; index < 60; ++index) EXPECT_EQ(next(*run), index);
  EXPECT_GT(source->next, read);
}

TEST_F(MapRunTest, a_batch_is_gone_once_its_items_have_ended) {
  const auto recorder = std::make_shared<Digits>();
  const auto run = start(9, {}, true, recorder);
  EXPECT_EQ(next(*run), 0u) << "it is known";
  const long without_batches = 2;
  EXPECT_GT(recorder.use_count(), without_batches);
  returned(1, 4);
  returned(5, 4);
  EXPECT_EQ(next(*run), 1u);
  EXPECT_EQ(recorder.use_count(), without_batches) << "though nobody has asked for the other items";
}

TEST_F(MapRunTest, known_items_and_those_that_follow_others_are_not_dealt) {
  const auto recorder = std::make_shared<Digits>();
  const auto run = start(201, {}, true, recorder);
  EXPECT_EQ(next(*run), 0u);
  returned(1, 4);
  returned(9, 2);
  returned(5, 4);
  for (std::uint64_t index = 1; index <= 200; ++index)
    EXPECT_EQ(next(*run), index % 100 == 0 ? index : (index - 1) % 10 + 1);
  EXPECT_EQ(next(*run), std::nullopt);
  EXPECT_EQ(recorder->seen, (std::vector<std::uint64_t>{1, 2, 3, 4, 9, 10, 5, 6, 7, 8}));
}

TEST_F(MapRunTest, items_before_a_fault_of_the_source_are_dealt) {
  const auto run = start(100, {.window = 4});
  source->throws_behind = 4;
  EXPECT_THROW(run->next(), std::runtime_error);
  returned(0, 3);
  EXPECT_EQ(next(*run), 0u);
  EXPECT_EQ(next(*run), 1u);
  EXPECT_EQ(next(*run), 2u);
}

TEST(MapBatch, takes_its_part_of_values_that_came_together) {
  const auto ended = std::make_shared<executor::EndedRuns>();
  executor::MapBatch batch(100, ended);
  task::Values values{2, 3, 4, {}, {}};
  for (std::uint8_t value = 0; value < 5; ++value) {
    values.bytes.resize(values.bytes.size() + value, std::byte{value});
    values.marks.push_back({values.bytes.size(), value, 10 * value});
  }
  batch.complete_all(7, values, 2, 2);
  std::vector<executor::EndedRun> runs;
  ended->fetch(runs);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].first, 107u);
  ASSERT_EQ(runs[0].count(), 2u);
  EXPECT_TRUE(std::ranges::equal(runs[0].values.bytes_of(0), Bytes(2, std::byte{2})));
  EXPECT_TRUE(std::ranges::equal(runs[0].values.bytes_of(1), Bytes(3, std::byte{3})));
  const task::Execution execution = runs[0].values.execution_of(1);
  EXPECT_EQ(execution.attempt, 2u);
  EXPECT_EQ(execution.worker, 3u);
  EXPECT_EQ(execution.rank, 4);
  EXPECT_EQ(execution.start_ns, 3);
  EXPECT_EQ(execution.run_ns, 30);
}

TEST(Sources, of_values_in_memory_are_read_in_pieces_like_others) {
  const std::vector<std::uint32_t> numbers{1, 2, 3, 4, 5, 6, 7};
  const std::vector<std::int64_t> others{1, 2, 3, 4, 5, 6, 7};
  using Passed = task::Types<const std::uint32_t&>;
  const auto copied = executor::make_source<executor::Whole, Passed>(numbers);
  const auto encoded = executor::make_source<executor::Whole, Passed>(others);
  EXPECT_TRUE(copied->at_hand());
  for (executor::Source* source : {copied.get(), encoded.get()}) {
    ItemRange items;
    EXPECT_TRUE(items.read(*source, 3, 1000, nullptr));
    EXPECT_EQ(items.ends, (std::vector<std::uint64_t>{4, 8, 12}));
    EXPECT_TRUE(items.read(*source, 100, 17, nullptr)) << "so many bytes are there after the fifth";
    EXPECT_EQ(items.ends, (std::vector<std::uint64_t>{4, 8, 12, 16, 20}));
    EXPECT_FALSE(items.read(*source, 100, 1000, nullptr));
    ASSERT_EQ(items.size(), 7u);
    for (std::uint32_t place = 0; place < 7; ++place)
      EXPECT_EQ(wire::from_bytes<std::uint32_t>(items.arguments_of(place)), place + 1);
    EXPECT_FALSE(items.read(*source, 100, 1000, nullptr));
    EXPECT_EQ(items.size(), 7u);
  }
}

TEST(Pace, looks_at_the_clock_after_each_item_of_a_slow_source) {
  executor::Pace pace;
  const auto micros = [](std::int64_t time) { return Instant{1000 * time}; };
  pace.begin(micros(0));
  EXPECT_EQ(pace.items(), 1u);
  EXPECT_TRUE(pace.must_look(1));
  EXPECT_FALSE(pace.look(micros(199))) << "nothing has waited for long";
  EXPECT_EQ(pace.items(), 1u);
  EXPECT_TRUE(pace.look(micros(200)));
}

TEST(Pace, looks_seldom_while_items_come_quickly_and_often_again_when_they_do_not) {
  executor::Pace pace;
  pace.begin(Instant{0});
  std::vector<std::uint32_t> steps;
  for (int look = 0; look < 6; ++look) {
    steps.push_back(pace.items());
    EXPECT_FALSE(pace.must_look(pace.items() - 1) && pace.items() > 1);
    EXPECT_TRUE(pace.must_look(1));
    EXPECT_FALSE(pace.look(Instant{10 * look}));
  }
  EXPECT_EQ(steps, (std::vector<std::uint32_t>{1, 2, 4, 8, 8, 8}));
  EXPECT_FALSE(pace.look(Instant{199'999}));
  EXPECT_EQ(pace.items(), 1u);
}

}  // namespace
}  // namespace acre::test
