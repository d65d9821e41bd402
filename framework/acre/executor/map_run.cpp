#include <algorithm>

#include <acre/executor/future.hpp>
#include <acre/executor/map_run.hpp>

namespace acre {

void MapOptions::check() const { executor::check_priority(priority); }

}  // namespace acre

namespace acre::executor {
namespace {
// What one task under way takes beside its arguments and its result, about.
constexpr std::size_t overhead_bytes = 64;

// Items submitted together: many enough for the largest chunks, and few enough that none holds the memory of
// many others until it has ended.
constexpr std::uint32_t most_gathered = 1024;
constexpr std::size_t most_gathered_bytes = std::size_t{1} << 20;

std::size_t bytes_in(const task::Values& values) {
  return values.bytes.size() + values.marks.size() * sizeof(task::ValueMark);
}
}  // namespace

void check_priority(int priority) {
  if (priority < schedule::lowest_priority || priority > schedule::highest_priority)
    throw Error("a priority is from " + std::to_string(schedule::lowest_priority) + " to " +
                std::to_string(schedule::highest_priority) + ", not " + std::to_string(priority));
}

node::TaskRequest request_of(ItemRange&& items, const MapPlan& plan,
                             std::shared_ptr<node::Completion> completion) {
  return {.head = {.function = plan.function, .index = items.first, .key = plan.key},
          .arguments = std::move(items.arguments),
          .ends = std::move(items.ends),
          .terms = {.chunk = plan.options.chunk, .priority = plan.options.priority},
          .completion = std::move(completion),
          .keeps = std::move(items.keeps)};
}

MapRun::MapRun(std::shared_ptr<Engine> engine, std::unique_ptr<Source> source, MapPlan plan)
    : engine_(std::move(engine)),
      source_(std::move(source)),
      plan_(std::move(plan)),
      deadline_(deadline_after(plan_.options.timeout)) {
  gathered_.memory = engine_->argument_memory();
}

MapRun::~MapRun() {
  fetch();
  std::vector<TaskId> left;
  for (const Span& span : spans_)
    if (span.task && span.left != 0) left.push_back(*span.task);
  try {
    if (!left.empty()) engine_->cancel_all(left);
  } catch (const WouldDeadlock&) {
    // Inside a task, which a map that others iterate has been given to.
  }
}

// Unless the next item is there already, and the window is full enough.
bool MapRun::prepare(Instant deadline) {
  if (plan_.recorder) plan_.recorder->check();
  top_up();
  if (place_ < count_) return true;
  if (under_way_ == 0) return false;
  begin_run(deadline);
  return true;
}

void MapRun::begin_run(Instant deadline) {
  const auto look = [this] {
    if (!next_is_here()) fetch();
    return next_is_here();
  };
  if (!look() && !engine_->wait(look, {.low_water = true, .any_result = false, .awaited = {}},
                                std::min(deadline, deadline_)))
    throw TimeoutError("the next result of the map has not come in the time given to it");
  if (plan_.recorder) plan_.recorder->check();
  const auto at = waiting_.begin();
  run_ = std::move(at->second);
  waiting_.erase(at);
  place_ = 0;
  count_ = run_.count();
  result_bytes_ -= bytes_in(run_.values);
}

bool MapRun::next_is_here() const {
  return !waiting_.empty() && (!plan_.ordered || waiting_.begin()->first == run_.first + count_);
}

void MapRun::fetch() {
  ended_->fetch(fetched_);
  for (EndedRun& run : fetched_) {
    note_end(run);
    const std::uint64_t key = plan_.ordered ? run.first : seen_runs_;
    ++seen_runs_;
    waiting_.emplace(key, std::move(run));
  }
  while (!spans_.empty() && spans_.front().left == 0) spans_.pop_front();
}

void MapRun::note_end(const EndedRun& run) {
  const auto behind =
      std::upper_bound(spans_.begin(), spans_.end(), run.first,
                       [](std::uint64_t index, const Span& span) { return index < span.first; });
  Span& span = *std::prev(behind);
  const std::size_t freed = run.count() == span.left ? span.bytes : span.bytes / span.left * run.count();
  span.left -= run.count();
  span.bytes -= freed;
  argument_bytes_ -= freed;
  result_bytes_ += bytes_in(run.values);
  seen_bytes_ += bytes_in(run.values);
  seen_items_ += run.count();
}

// Not at each item that was taken, or all batches but the first would be of one.
void MapRun::top_up() {
  low_water_ = 0;
  if (exhausted_) return;
  const std::size_t bytes = plan_.options.window_bytes;
  const std::uint64_t most = most_under_way();
  low_water_ = most - most / 4 - 1;
  if (under_way_ > low_water_ || (under_way_ != 0 && held_bytes() >= bytes - bytes / 4)) return;
  pace_.begin(now());
  const auto have = [this] { return under_way_ + gathered_.size(); };
  while (!exhausted_ && (have() == 0 || (have() < most && held_bytes() < bytes))) gather(most - have());
  submit_gathered();
}

// Enough for every worker's prefetch, whatever the tasks' time, and for small results many more, so that no
// worker is without tasks while results are taken. Without workers there is nobody to prefetch for.
std::uint64_t MapRun::most_under_way() const {
  if (engine_->options().start == StartMethod::serial) return 1;
  if (plan_.options.window != 0) return plan_.options.window;
  constexpr std::uint64_t generous = 32'768;
  const std::uint64_t enough = std::max<std::uint64_t>(4096, std::uint64_t{1024} * engine_->workers());
  if (seen_items_ == 0) return enough;
  const std::uint64_t each = overhead_bytes + seen_bytes_ / seen_items_;
  return std::max(enough, std::min<std::uint64_t>(generous, plan_.options.window_bytes / each));
}

std::size_t MapRun::held_bytes() const {
  return argument_bytes_ + gathered_.arguments.size() + result_bytes_ +
         overhead_bytes * (under_way_ + gathered_.size());
}

void MapRun::gather(std::uint64_t most) {
  const std::uint32_t before = gathered_.size();
  const std::size_t held = held_bytes(), window = plan_.options.window_bytes;
  const std::size_t room = std::max<std::size_t>(held < window ? window - held : 0, 1);
  const std::size_t most_bytes = std::min(gathered_.arguments.size() + room, most_gathered_bytes);
  const std::uint32_t at_once = plan_.recorder ? 1 : source_->at_hand() ? most_gathered : pace_.items();
  const auto more = static_cast<std::uint32_t>(
      std::min<std::uint64_t>({at_once, most, std::uint64_t{most_gathered} - before}));
  try {
    exhausted_ = !gathered_.read(*source_, before + more, most_bytes, engine_.get());
    if (plan_.recorder && gathered_.size() != before && last_needs_no_task()) return;
  } catch (...) {
    submit_gathered();
    throw;
  }
  const bool looks = pace_.must_look(gathered_.size() - before);
  const bool full = gathered_.size() == most_gathered || gathered_.arguments.size() >= most_gathered_bytes;
  if ((looks && pace_.look(now())) || full) {
    submit_gathered();
    pace_.begin(now());
  }
}

// An item that is known, or ends as another one does, has no place among those that are submitted, whose
// indices follow one another.
bool MapRun::last_needs_no_task() {
  Recorder& recorder = *plan_.recorder;
  const std::uint32_t place = gathered_.size() - 1;
  const std::uint64_t index = gathered_.first + place;
  const ByteView last = gathered_.arguments_of(place);
  std::optional<task::Outcome> known;
  try {
    const bool follows = recorder.follow(index, last);
    if (!follows) known = recorder.recorded(index, last);
    if (!follows && !known) return false;
  } catch (...) {
    gathered_.pop_back();
    throw;
  }
  gathered_.pop_back();
  submit_gathered();
  gathered_.first = index + 1;
  ++under_way_;
  if (spans_.empty() || spans_.back().task) spans_.push_back({index, 0, 0, std::nullopt});
  ++spans_.back().left;
  if (known) ended_->push(EndedRun::of(index, std::move(*known)));
  return true;
}

void MapRun::submit_gathered() {
  if (gathered_.size() == 0) return;
  ItemRange next{.first = gathered_.first + gathered_.size(), .memory = gathered_.memory};
  ItemRange items = std::exchange(gathered_, std::move(next));
  under_way_ += items.size();
  argument_bytes_ += items.arguments.size();
  const auto batch = std::make_shared<MapBatch>(items.first, ended_);
  if (plan_.recorder) batch->record_with(plan_.recorder, items);
  spans_.push_back({items.first, items.size(), items.arguments.size(), std::nullopt});
  spans_.back().task = engine_->submit(request_of(std::move(items), plan_, batch));
}

}  // namespace acre::executor
