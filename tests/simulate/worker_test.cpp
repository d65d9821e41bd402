// The model of a worker tells what a real one would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <acre/simulate/words.hpp>
#include <acre/simulate/worker.hpp>

namespace acre::simulate {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class WorkerModel : public testing::Test {
 protected:
  void take(std::uint32_t chunk, std::uint32_t first_task, std::uint32_t count) {
    worker_.take({.chunk = make_chunk_id(chunk, 0), .first_task = first_task, .count = count});
  }
  std::vector<std::string> said() {
    std::vector<std::string> texts;
    for (const schedule::Event& event : events_) texts.push_back(words(event));
    events_.clear();
    return texts;
  }
  std::vector<std::string> begin() {
    worker_.begin(events_);
    return said();
  }
  std::vector<std::string> end(Ending ending = Ending::result) {
    worker_.end(ending, milliseconds(1), events_);
    return said();
  }
  std::vector<std::string> recall(std::uint32_t chunk, std::uint32_t count) {
    worker_.give_back({.chunk = make_chunk_id(chunk, 0), .count = count}, events_);
    return said();
  }

  Worker worker_{{.tells_start = true, .batch = 1}};
  Events events_;
};

TEST_F(WorkerModel, runs_chunks_in_order) {
  take(0, 10, 2);
  take(1, 20, 1);
  EXPECT_THAT(begin(), ElementsAre("started c0"));
  EXPECT_THAT(begin(), IsEmpty()) << "one at a time";
  EXPECT_THAT(end(), ElementsAre("finished c0[0] in 1 ms"));
  EXPECT_EQ(worker_.begin(events_)->task, 11u);
  EXPECT_THAT(end(Ending::retry), ElementsAre("failed c0[1] in 1 ms, to be retried"));
  EXPECT_THAT(begin(), ElementsAre("started c1"));
  EXPECT_THAT(end(Ending::failure), ElementsAre("failed c1[0] in 1 ms"));
  EXPECT_TRUE(worker_.empty());
}

TEST_F(WorkerModel, gives_back_the_last_tasks_that_have_not_started) {
  take(0, 0, 4);
  begin();
  EXPECT_THAT(recall(0, 2), ElementsAre("given back c0[2..3], attempts 0", "stays c0"));
  EXPECT_THAT(recall(0, 5), ElementsAre("given back c0[1], attempts 0", "stays c0"));
  EXPECT_THAT(recall(0, 1), ElementsAre("stays c0"));
  EXPECT_THAT(end(), ElementsAre("finished c0[0] in 1 ms"));
  EXPECT_THAT(recall(0, 1), ElementsAre("stays c0")) << "it has it no more";
}

TEST_F(WorkerModel, a_chunk_given_back_whole_is_gone) {
  take(0, 0, 2);
  EXPECT_THAT(recall(0, 2), ElementsAre("given back c0[0..1], attempts 0"));
  EXPECT_TRUE(worker_.empty());
}

TEST_F(WorkerModel, tells_results_together) {
  worker_ = Worker({.tells_start = true, .batch = 2});
  take(0, 0, 3);
  begin();
  EXPECT_THAT(end(), IsEmpty());
  EXPECT_TRUE(worker_.has_unsaid());
  begin();
  EXPECT_THAT(end(), ElementsAre("finished c0[0..1] in 2 ms"));
  begin();
  EXPECT_THAT(end(), ElementsAre("finished c0[2] in 1 ms")) << "the end of a chunk is told at once";
}

TEST_F(WorkerModel, results_come_before_what_happens_later) {
  worker_ = Worker({.tells_start = true, .batch = 9});
  take(0, 0, 3);
  begin();
  end();
  begin();
  EXPECT_THAT(recall(0, 1),
              ElementsAre("finished c0[0] in 1 ms", "given back c0[2], attempts 0", "stays c0"));
}

TEST_F(WorkerModel, last_words_tell_what_it_had_begun) {
  worker_ = Worker({.tells_start = false, .batch = 9});
  take(0, 0, 2);
  take(1, 2, 1);
  EXPECT_THAT(begin(), IsEmpty());
  end();
  begin();
  worker_.last_words(events_);
  EXPECT_THAT(said(), ElementsAre("finished c0[0] in 1 ms", "started c0"));
}

TEST_F(WorkerModel, last_words_of_an_idle_worker_are_none) {
  take(0, 0, 1);
  worker_.last_words(events_);
  EXPECT_THAT(said(), IsEmpty());
}

}  // namespace
}  // namespace acre::simulate
