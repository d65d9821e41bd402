#include <acre/cluster/batches.hpp>

#include <gtest/gtest.h>

#include <tuple>

#include <acre/base/error.hpp>
#include <acre/wire/codec.hpp>

#include "support/member_events.hpp"

namespace acre::cluster {
namespace {

Bytes text(std::string_view characters) {
  const ByteView view = bytes_of_text(characters);
  return {view.begin(), view.end()};
}

std::string text(ByteView bytes) {
  std::string characters;
  for (const std::byte byte : bytes) characters += static_cast<char>(byte);
  return characters;
}

// Values of tasks in a row, of which the n-th began at n and ran for 100 n.
task::Values values(std::uint32_t attempt, std::uint32_t worker, const std::vector<std::string>& results) {
  task::Values all{attempt, worker, 3, {}, {}};
  for (const std::string& result : results) {
    const Bytes bytes = text(result);
    all.bytes.insert(all.bytes.end(), bytes.begin(), bytes.end());
    const auto number = static_cast<std::int64_t>(all.marks.size());
    all.marks.push_back({all.bytes.size(), number, 100 * number});
  }
  return all;
}

// What is told, in words.
class Told final : public test::DeafToMembers {
 public:
  void returned(ChunkId chunk, std::uint32_t first, const task::Values& values) override {
    std::string line = std::to_string(slot_of(chunk)) + " from " + std::to_string(first) + " attempt " +
                       std::to_string(values.attempt) + " worker " + std::to_string(values.worker) +
                       " rank " + std::to_string(values.rank) + ":";
    for (std::uint32_t i = 0; i < values.count(); ++i)
      line += " " + text(values.bytes_of(i)) + "@" + std::to_string(values.marks[i].start_ns) + "+" +
              std::to_string(values.marks[i].run_ns);
    lines.push_back(line);
  }

  std::vector<std::string> lines;
};

using Lines = std::vector<std::string>;

// What is told of a batch on the other side.
Lines arrived(const ValueBatch& batch) {
  const auto there = wire::from_bytes<ValueBatch>(wire::to_bytes(batch));
  there.check();
  Told told;
  task::Values scratch;
  there.tell(told, scratch);
  return told.lines;
}

constexpr ChunkId a = make_chunk_id(4, 1), b = make_chunk_id(5, 1);

TEST(Values, OfOneChunkOnOneWorkerBecomeOneRun) {
  ValueBatch batch;
  batch.add(a, 2, values(1, 7, {"x", "", "yy"}), 0, 3);
  batch.add(a, 5, values(1, 7, {"z"}), 0, 1);
  EXPECT_EQ(arrived(batch), Lines({"4 from 2 attempt 1 worker 7 rank 3: x@0+0 @1+100 yy@2+200 z@0+0"}));
}

TEST(Values, OfAnotherChunkWorkerAttemptOrPlaceBeginARun) {
  ValueBatch batch;
  batch.add(a, 0, values(1, 7, {"p"}), 0, 1);
  batch.add(b, 1, values(1, 7, {"q"}), 0, 1);
  batch.add(b, 2, values(1, 8, {"r"}), 0, 1);
  batch.add(b, 3, values(2, 8, {"s"}), 0, 1);
  batch.add(b, 5, values(2, 8, {"t"}), 0, 1);
  EXPECT_EQ(arrived(batch),
            Lines({"4 from 0 attempt 1 worker 7 rank 3: p@0+0", "5 from 1 attempt 1 worker 7 rank 3: q@0+0",
                   "5 from 2 attempt 1 worker 8 rank 3: r@0+0", "5 from 3 attempt 2 worker 8 rank 3: s@0+0",
                   "5 from 5 attempt 2 worker 8 rank 3: t@0+0"}));
}

// A failure in the middle, or a task that was taken back, leaves a gap.
TEST(Values, APartOfThemIsCutOut) {
  ValueBatch batch;
  const task::Values all = values(1, 0, {"one", "two", "three", "four"});
  batch.add(a, 10, all, 0, 1);
  batch.add(a, 12, all, 2, 2);
  EXPECT_EQ(arrived(batch), Lines({"4 from 10 attempt 1 worker 0 rank 3: one@0+0",
                                   "4 from 12 attempt 1 worker 0 rank 3: three@2+200 four@3+300"}));
}

TEST(Values, ARunMayBeSplitBetweenFrames) {
  ValueBatch batch;
  const task::Values all = values(1, 0, {"one", "two", "three"});
  batch.add(a, 0, all, 0, 2);
  EXPECT_EQ(arrived(batch), Lines({"4 from 0 attempt 1 worker 0 rank 3: one@0+0 two@1+100"}));
  batch.clear();
  EXPECT_EQ(arrived(batch), Lines());
  batch.add(a, 2, all, 2, 1);
  EXPECT_EQ(arrived(batch), Lines({"4 from 2 attempt 1 worker 0 rank 3: three@2+200"}));
}

TEST(Values, CostFewBytes) {
  ValueBatch batch;
  const std::size_t empty = wire::to_bytes(batch).size();
  batch.add(a, 0, values(1, 0, std::vector<std::string>(1000, "12345678")), 0, 1000);
  EXPECT_EQ(wire::to_bytes(batch).size(), empty + 24 + std::size_t{1000} * (24 + 8));
}

std::string words_of(const auto& batch) {
  try {
    batch.check();
  } catch (const Error& error) {
    return error.what();
  }
  return "fits";
}

TEST(Values, ThatDoNotFitTogetherAreRefused) {
  const std::string refused = "rank 3 sent values whose numbers do not fit together";
  ValueBatch good;
  good.add(a, 0, values(1, 0, {"one", "two"}), 0, 2);
  good.add(b, 0, values(1, 0, {"three"}), 0, 1);
  EXPECT_EQ(words_of(good), "fits");
  ValueBatch bad = good;
  bad.runs[0].count = 3;
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.runs[0].count = 0;
  bad.runs[1].count = 3;
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.marks.pop_back();
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.bytes.pop_back();
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.marks[0].end = 7;
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.runs[0].count = bad.runs[1].count = 0xffffffff;
  EXPECT_EQ(words_of(bad), refused);
}

// Five tasks of one function, of which the second has lost an attempt.
node::TaskRequest five() {
  return {.head = {.function = {1, 2}, .index = 100, .key = 9, .attempt = 0, .timeout_ns = 55},
          .arguments = text("onetwothreefourfive"),
          .ends = {3, 6, 11, 15, 19},
          .terms = {.max_attempts = 3, .chunk = 2, .priority = -1, .expected_ns = 44, .timeout_ns = 55},
          .completion = nullptr,
          .account = {{1, "it died"}}};
}

std::vector<node::TaskRequest> requests_of(TaskBatch batch) {
  batch.check();
  OrderReader reader(batch);
  std::vector<node::TaskRequest> requests;
  for (const TaskOrder& order : batch.orders) requests.push_back(reader.next(order));
  return requests;
}

std::vector<std::string> arguments_of(const node::TaskRequest& request) {
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < request.count(); ++i) all.push_back(text(request.arguments_of(i)));
  return all;
}

TEST(Orders, TellAllOfAChunk) {
  TaskBatch batch;
  batch.add({.chunk = a, .first = 1, .count = 3, .attempt = 2, .task = make_task_id(8, 1)}, five());
  const auto there = wire::from_bytes<TaskBatch>(wire::to_bytes(batch));
  EXPECT_EQ(there.orders.at(0).chunk, a);
  EXPECT_EQ(there.orders[0].task, make_task_id(8, 1));
  EXPECT_EQ(there.orders[0].first, 1U);
  const node::TaskRequest request = requests_of(there).at(0);
  EXPECT_EQ(arguments_of(request), Lines({"two", "three", "four"}));
  EXPECT_EQ(request.head.function, (task::FunctionId{1, 2}));
  EXPECT_EQ(request.head.index, 101U);
  EXPECT_EQ(request.head.key, 9U);
  EXPECT_EQ(request.head.attempt, 2U);
  EXPECT_EQ(request.head.timeout_ns, 55);
  const node::Terms& terms = request.terms;
  EXPECT_EQ(std::tuple(terms.max_attempts, terms.chunk, terms.priority, terms.expected_ns, terms.timeout_ns),
            std::tuple(3U, 2U, -1, 44, 55));
  EXPECT_EQ(request.account, (std::map<std::uint32_t, std::string>{{0, "it died"}}));
}

TEST(Orders, OfManyChunksAreToldApart) {
  TaskBatch batch;
  node::TaskRequest single{.head = {}, .arguments = text("alone"), .ends = {}, .terms = {}, .completion = {}};
  single.account[0] = "it was lost";
  batch.add({.chunk = a, .first = 4, .count = 1}, five());
  batch.add({.chunk = b}, single);
  batch.add({.chunk = a, .first = 0, .count = 2}, five());
  const auto requests = requests_of(batch);
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(arguments_of(requests[0]), Lines({"five"}));
  EXPECT_TRUE(requests[0].ends.empty());
  EXPECT_TRUE(requests[0].account.empty());
  EXPECT_EQ(arguments_of(requests[1]), Lines({"alone"}));
  EXPECT_EQ(requests[1].account, (std::map<std::uint32_t, std::string>{{0, "it was lost"}}));
  EXPECT_EQ(arguments_of(requests[2]), Lines({"one", "two"}));
  EXPECT_EQ(requests[2].account, (std::map<std::uint32_t, std::string>{{1, "it died"}}));
  batch.clear();
  EXPECT_TRUE(requests_of(batch).empty());
}

TEST(Orders, ThatDoNotFitTogetherAreRefused) {
  const std::string refused = "the root sent tasks whose numbers do not fit together";
  TaskBatch good;
  good.add({.chunk = a, .first = 0, .count = 2}, five());
  good.add({.chunk = b, .first = 2, .count = 2}, five());
  EXPECT_EQ(words_of(good), "fits");
  TaskBatch bad = good;
  bad.orders[0].count = 1;
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.orders[0].count = 0;
  bad.orders[1].count = 4;
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.orders[1].accounts = 1;
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.ends[0] = 100;
  EXPECT_EQ(words_of(bad), refused);
  bad = good;
  bad.arguments.push_back({});
  EXPECT_EQ(words_of(bad), refused);
}

}  // namespace
}  // namespace acre::cluster
