#include <algorithm>

#include <acre/executor/future.hpp>
#include <acre/executor/map_run.hpp>

namespace acre {

void MapOptions::check() const { executor::check_priority(priority); }

}  // namespace acre

namespace acre::executor {
namespace {
// What one task under way takes beside its arguments, about.
constexpr std::size_t overhead_bytes = 1024;

// Items are gathered for a moment, so that they can be dealt in chunks; but no worker waits for a slow
// source.
constexpr std::uint32_t most_gathered = 1024;
constexpr Duration gathering_time = std::chrono::microseconds(200);
}  // namespace

void check_priority(int priority) {
  if (priority < schedule::lowest_priority || priority > schedule::highest_priority)
    throw Error("a priority is from " + std::to_string(schedule::lowest_priority) + " to " +
                std::to_string(schedule::highest_priority) + ", not " + std::to_string(priority));
}

MapRun::MapRun(std::shared_ptr<Engine> engine, std::unique_ptr<Source> source, MapPlan plan)
    : engine_(std::move(engine)),
      source_(std::move(source)),
      plan_(std::move(plan)),
      deadline_(deadline_after(plan_.options.timeout)) {}

MapRun::~MapRun() {
  std::vector<TaskId> left;
  for (const Item& item : window_) {
    if (item.state == nullptr || item.follows || item.state->done()) continue;
    if (left.empty() || left.back() != item.state->task()) left.push_back(item.state->task());
  }
  try {
    if (!left.empty()) engine_->cancel_all(left);
  } catch (const WouldDeadlock&) {
    // Inside a task, which a map that others iterate has been given to.
  }
}

// Enough for every worker's prefetch, whatever the tasks' time; a bound on bytes keeps large items in check.
// Without workers there is nobody to prefetch for.
bool MapRun::full(double part) const {
  if (under_way_ == 0) return false;
  if (engine_->options().start == StartMethod::serial) return true;
  const double enough = std::max(4096.0, 1024.0 * engine_->workers());
  const double most = plan_.options.window == 0 ? enough : static_cast<double>(plan_.options.window);
  return static_cast<double>(under_way_) >= part * most ||
         static_cast<double>(bytes_) >= part * static_cast<double>(plan_.options.window_bytes);
}

// Not at each item that was taken, or all batches but the first would be of one.
void MapRun::top_up() {
  constexpr double low_water = 0.75;
  if (full(low_water)) return;
  Instant begun = now();
  while (!exhausted_ && !full(1)) {
    Bytes arguments;
    task::Keeping keeping;
    if (source_->next(arguments))
      start(arguments, keeping.kept());
    else
      exhausted_ = true;
    if (gathered_ == nullptr) continue;
    if (exhausted_ || gathered_->size() >= most_gathered || now() - begun >= gathering_time) {
      submit_gathered();
      begun = now();
    }
  }
  submit_gathered();
}

void MapRun::start(const Bytes& arguments, const task::SharedHandles& kept) {
  engine_->check(kept);
  auto state = std::make_shared<FutureState>(engine_, next_index_);
  const std::size_t bytes = arguments.size() + overhead_bytes;
  if (!plan_.ordered) state->announce_to(arrivals_);
  const bool follows = plan_.recorder && plan_.recorder->follow(arguments, state);
  auto known = plan_.recorder && !follows ? plan_.recorder->recorded(next_index_, arguments) : std::nullopt;
  if (follows || known) {
    submit_gathered();  // indices of a range follow one another
    if (known) state->complete(0, std::move(*known));
  } else {
    if (gathered_ == nullptr) gathered_ = std::make_shared<MapBatch>(plan_.recorder, next_index_);
    gathered_->add(state, arguments, kept);
  }
  ++next_index_;
  ++under_way_;
  bytes_ += bytes;
  window_.push_back({std::move(state), bytes, follows});
}

void MapRun::submit_gathered() {
  const auto batch = std::exchange(gathered_, nullptr);
  if (batch == nullptr) return;
  const node::Terms terms{.chunk = plan_.options.chunk, .priority = plan_.options.priority};
  batch->set_task(engine_->submit(MapBatch::request(batch, {plan_.function, 0, plan_.key}, terms)));
}

std::shared_ptr<FutureState> MapRun::next(Instant deadline) {
  if (plan_.recorder) plan_.recorder->check();
  top_up();
  if (under_way_ == 0) return nullptr;
  std::shared_ptr<FutureState> state;
  if (plan_.ordered) {
    state = window_.front().state;
    wait_for([&] { return state->done(); }, deadline);
  } else {
    wait_for([&] { return !arrivals_->empty(); }, deadline);
    state = std::static_pointer_cast<FutureState>(arrivals_->pop());
  }
  if (plan_.recorder) plan_.recorder->check();
  forget(*state);
  return state;
}

void MapRun::wait_for(const std::function<bool()>& done, Instant deadline) {
  if (!done() && !engine_->wait(done, {.low_water = true, .any_result = false, .awaited = {}},
                                std::min(deadline, deadline_)))
    throw TimeoutError("the next result of the map has not come in the time given to it");
}

void MapRun::forget(const FutureState& state) {
  Item& item = window_[state.index() - first_index_];
  bytes_ -= item.bytes;
  --under_way_;
  item.state.reset();
  while (!window_.empty() && window_.front().state == nullptr) {
    window_.pop_front();
    ++first_index_;
  }
}

}  // namespace acre::executor
