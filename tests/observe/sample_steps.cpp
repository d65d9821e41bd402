#include "sample_steps.hpp"

#include <algorithm>
#include <limits>

#include <acre/base/error.hpp>
#include <acre/observe/event_records.hpp>

#include "support/folder.hpp"

namespace acre::test {
namespace {
using namespace schedule;
using std::chrono::nanoseconds;

constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
}  // namespace

Policy sample_policy() {
  return {.prefetch_target = nanoseconds(12345),
          .low_water = 0.375,
          .prefetch_min = 2,
          .prefetch_max = 99,
          .chunk_target = nanoseconds(-1),
          .chunk_max = 77,
          .max_strikes = 3,
          .backoff = nanoseconds(5000000000),
          .max_unborn = 4,
          .max_fruitless = 8,
          .speculate_after = 2.5};
}

std::vector<observe::LoggedStep> sample_steps() {
  const TaskId task = make_task_id(5, 1);
  const ChunkId chunk = make_chunk_id(most, most);
  const MemberId member{300};
  const Actions first{Dispatch{member, chunk, task, 127, 128, 16383},
                      Recall{member, chunk, 16384, true},
                      Kill{member, Reason::timed_out},
                      Deliver{task, most, most},
                      GiveUp{task, Reason::drained, 6, 7, 8},
                      Retire{MemberId{most}},
                      Break{}};
  return {{{-5},
           Submitted{task, 3, 2, 1, 1000000, 8, lowest_priority, nanoseconds(7), nanoseconds::max()},
           first},
          {{1000}, MemberJoined{member, 64, true}, {}},
          {{1000}, MemberLost{member, true}, {Break{}}},
          {{1001}, MemberUnborn{}, {}},
          {{2000}, Started{chunk}, {Retire{member}, Retire{MemberId{0}}}},
          {{2000}, Finished{chunk, 1, 2, nanoseconds(3)}, {Deliver{task, 1, 2}}},
          {{3000}, Failed{chunk, 4, nanoseconds::min(), true}, {}},
          {{3000}, RecallAnswered{chunk, true, 5, 6, 7, 8}, {}},
          {{3000}, CancelRequested{task, true, 9, true}, {GiveUp{task, Reason::cancelled, 0, 1, 2}}},
          {{4000}, DrainRequested{Instant::never()}, {}},
          {Instant::never(), Tick{}, {}},
          {Instant::never(), CancelOneRequested{task, 8}, {}}};
}

std::string write_log(const std::string& path, const std::vector<observe::LoggedStep>& steps) {
  {
    observe::EventLog log(path, sample_policy(), -3, 7);
    for (const auto& step : steps) log.record(step.now, step.event, step.actions);
  }
  return content_of(path);
}

Reading read_log(const std::string& bytes) {
  Reading reading;
  try {
    observe::EventLogReader reader("the.events", bytes_of_text(bytes));
    observe::LoggedStep step;
    while (reader.next(step)) reading.steps.push_back(step);
    reading.torn = reader.torn();
  } catch (const Error& error) {
    reading.error = error.what();
  }
  return reading;
}

bool equal(const observe::LoggedStep& a, const observe::LoggedStep& b) {
  const auto same = [](const Action& left, const Action& right) { return observe::equal(left, right); };
  return a.now == b.now && observe::equal(a.event, b.event) && std::ranges::equal(a.actions, b.actions, same);
}

bool begins(const std::vector<observe::LoggedStep>& whole, const std::vector<observe::LoggedStep>& part) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin(),
                                                   [](const auto& a, const auto& b) { return equal(a, b); });
}

}  // namespace acre::test
