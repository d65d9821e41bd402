#include <algorithm>

#include <acre/executor/map_run.hpp>

namespace acre::executor {
namespace {
// What one task under way takes beside its arguments, about.
constexpr std::size_t overhead_bytes = 1024;

// Records an outcome before anybody sees it.
class Recording final : public node::Completion {
 public:
  Recording(std::shared_ptr<Recorder> recorder, std::shared_ptr<FutureState> state, const Bytes& arguments)
      : recorder_(std::move(recorder)), state_(std::move(state)), arguments_(arguments) {}
  void complete(task::Outcome&& outcome) noexcept override {
    recorder_->record(state_->index(), arguments_, outcome);
    state_->complete(std::move(outcome));
  }

 private:
  std::shared_ptr<Recorder> recorder_;
  std::shared_ptr<FutureState> state_;
  Bytes arguments_;
};
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
    Bytes arguments;
    if (source_->next(arguments))
      start(std::move(arguments));
    else
      exhausted_ = true;
  }
}

void MapRun::start(Bytes arguments) {
  auto state = std::make_shared<FutureState>(engine_, next_index_);
  const std::size_t bytes = arguments.size() + overhead_bytes;
  if (!plan_.ordered) state->announce_to(arrivals_);
  auto known = plan_.recorder ? plan_.recorder->recorded(next_index_, arguments) : std::nullopt;
  if (known) {
    state->complete(std::move(*known));
  } else {
    node::TaskRequest request;
    request.head = {plan_.function, next_index_, plan_.key};
    request.completion = state;
    if (plan_.recorder) request.completion = std::make_shared<Recording>(plan_.recorder, state, arguments);
    request.arguments = std::move(arguments);
    state->set_task(engine_->submit(std::move(request)));
  }
  ++next_index_;
  ++under_way_;
  bytes_ += bytes;
  window_.push_back({std::move(state), bytes});
}

std::shared_ptr<FutureState> MapRun::next() {
  if (plan_.recorder) plan_.recorder->check();
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
  if (plan_.recorder) plan_.recorder->check();
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
