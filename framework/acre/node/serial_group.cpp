#include <algorithm>
#include <cfenv>

#include <acre/node/serial_group.hpp>

namespace acre::node {
namespace {

// The thread is the caller's: what tasks do to rounding and flags must not reach it.
class OwnFloatingPoint {
 public:
  OwnFloatingPoint() { std::fegetenv(&before_); }
  OwnFloatingPoint(const OwnFloatingPoint&) = delete;
  OwnFloatingPoint& operator=(const OwnFloatingPoint&) = delete;
  ~OwnFloatingPoint() { std::fesetenv(&before_); }

 private:
  std::fenv_t before_{};
};
}  // namespace

void SerialGroup::dispatch(MemberId, const Deal& deal, const TaskRequest& request) {
  for (std::uint32_t place = 0; place < deal.count; ++place) {
    const ByteView arguments = request.arguments_of(deal.first + place);
    queue_.push_back(
        {deal.chunk, place, request.head_of(deal.first + place, deal.attempt), copy_of(arguments)});
  }
}

void SerialGroup::recall(MemberId, ChunkId chunk, std::uint32_t count, bool) {
  Answer answer{chunk};
  const auto of_chunk = [chunk](const Task& task) { return task.chunk == chunk; };
  for (; answer.count < count; ++answer.count) {
    const auto last = std::find_if(queue_.rbegin(), queue_.rend(), of_chunk);
    if (last == queue_.rend()) break;
    answer.first = last->place;
    queue_.erase(std::next(last).base());
  }
  answer.all = std::none_of(queue_.begin(), queue_.end(), of_chunk);
  answers_.push_back(answer);
}

bool SerialGroup::poll(MemberEvents& events) {
  bool anything = !answers_.empty() || !queue_.empty();
  if (!std::exchange(joined_, true)) {
    events.joined(events.enroll(*this), 1, false);
    anything = true;
  }
  for (const Answer& answer : std::exchange(answers_, {})) {
    if (answer.count != 0) events.taken_back(answer.chunk, answer.first, answer.count, {});
    if (!answer.all) events.kept(answer.chunk);
  }
  while (!queue_.empty()) {
    const Task task = std::move(queue_.front());
    queue_.pop_front();
    run(task, events);
  }
  return anything;
}

void SerialGroup::run(const Task& task, MemberEvents& events) {
  const OwnFloatingPoint own;
  if (!std::exchange(prepared_, true)) {
    const std::string failure = prepare();
    if (!failure.empty()) return events.broken(failure + on_host(options_.host, options_.rank));
  }
  if (watching_starts_) events.started(task.chunk);
  const task::AtShelf at_shelf(shelf_);
  Bytes result;
  Stopwatch watch;
  const task::OutcomeHead end = run_attempt(task.head, 0, task.arguments, here_, {result}, place_, watch);
  const task::Execution where{
      .attempt = task.head.attempt, .worker = 0, .rank = options_.rank, .start_ns = 0, .run_ns = 0};
  events.ended(task.chunk, task.place, outcome_of(end, std::move(result), where));
}

std::string SerialGroup::prepare() {
  const PoolSetup& setup = options_.setup;
  std::string failure;
  if (setup.has_preload) failure = try_hook(setup.preload, setup.preload_arguments, here_.preloaded);
  if (!failure.empty()) return "the preload failed: " + failure;
  if (setup.has_initializer)
    failure = try_hook(setup.initializer, setup.initializer_arguments, here_.per_worker);
  return failure.empty() ? failure : "the initializer failed: " + failure;
}

}  // namespace acre::node
