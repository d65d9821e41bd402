#include <algorithm>

#include <acre/executor/map_run.hpp>

namespace acre::executor {
namespace {
// What one task under way takes beside its arguments, about.
constexpr std::size_t overhead_bytes = 1024;
}  // namespace

MapRun::MapRun(std::shared_ptr<Engine> engine, std::unique_ptr<Source> source, MapPlan plan)
    : engine_(std::move(engine)), source_(std::move(source)), plan_(std::move(plan)) {}

MapRun::~MapRun() {
  std::vector<TaskId> left;
  for (const Item& item : window_)
    if (item.state != nullptr && !item.state->done()) left.push_back(item.state->task());
  if (!left.empty()) engine_->cancel_all(left);
}

// Enough for every worker's prefetch, whatever the tasks' time; a bound on bytes keeps large items in check.
bool MapRun::full() {
  if (under_way_ == 0) return false;
  const std::size_t most = std::max<std::size_t>(4096, std::size_t{1024} * engine_->workers());
  return under_way_ >= most || bytes_ >= plan_.options.window_bytes;
}

void MapRun::top_up() {
  while (!exhausted_ && !full()) {
    node::TaskRequest request;
    if (!source_->next(request.arguments)) {
      exhausted_ = true;
      return;
    }
    auto state = std::make_shared<FutureState>(engine_, next_index_);
    request.head.function = plan_.function;
    request.head.index = next_index_++;
    request.head.key = plan_.key;
    request.completion = state;
    const std::size_t bytes = request.arguments.size() + overhead_bytes;
    bytes_ += bytes;
    ++under_way_;
    if (!plan_.ordered) state->announce_to(arrivals_);
    state->set_task(engine_->submit(std::move(request)));
    window_.push_back({std::move(state), bytes});
  }
}

std::shared_ptr<FutureState> MapRun::next() {
  top_up();
  if (under_way_ == 0) return nullptr;
  const node::SleepPlan plan{.low_water = true, .any_result = false, .awaited = {}};
  std::shared_ptr<FutureState> state;
  if (plan_.ordered) {
    state = window_.front().state;
    if (!state->done()) engine_->wait([&] { return state->done(); }, plan);
  } else {
    if (arrivals_->empty()) engine_->wait([&] { return !arrivals_->empty(); }, plan);
    state = arrivals_->pop();
  }
  forget(*state);
  return state;
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
