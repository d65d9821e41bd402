#include <acre/base/error.hpp>
#include <acre/cluster/agent_executor.hpp>
#include <acre/node/attempt.hpp>
#include <acre/node/start_workers.hpp>
#include <acre/wire/codec.hpp>

namespace acre::cluster {
namespace {

class RootChunk final : public node::Completion {
 public:
  RootChunk(AgentExecutor& executor, ChunkId chunk) : executor_(executor), chunk_(chunk) {}
  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override {
    executor_.ended(chunk_, place, std::move(outcome));
  }
  void complete_all(std::uint32_t place, const task::Values& values, std::uint32_t from,
                    std::uint32_t count) noexcept override {
    executor_.returned(chunk_, place, values, from, count);
  }

 private:
  AgentExecutor& executor_;
  ChunkId chunk_;
};

schedule::Policy policy_of(const Open& open) {
  schedule::Policy policy = node::executor_policy();
  policy.backoff = Duration(open.backoff_ns);
  policy.max_strikes = open.max_strikes;
  policy.speculate_after = open.speculate_after;
  return policy;
}

std::unique_ptr<observe::EventLog> log_of(const Open& open, std::int32_t rank, std::string& failure) {
  if (open.event_log.empty()) return nullptr;
  try {
    const std::string path = observe::event_log_path(open.event_log, rank, open.channel);
    return std::make_unique<observe::EventLog>(path, policy_of(open), rank, open.channel);
  } catch (const Error& error) {
    failure = error.what();
    return nullptr;
  }
}
}  // namespace

AgentExecutor::AgentExecutor(Link& link, const AgentOptions& here, const Open& open)
    : link_(link),
      here_(here),
      channel_(open.channel),
      dealer_(policy_of(open), log_of(open, here.rank, log_failure_)),
      grace_(open.setup.grace_ns) {
  if (!log_failure_.empty()) fail(log_failure_);
}

void AgentExecutor::start(node::Zygote& zygote, std::uint32_t workers, node::PoolSetup setup) noexcept {
  try {
    dealer_.add_group(node::start_workers(
        zygote, {.workers = workers, .rank = here_.rank, .host = here_.host, .setup = std::move(setup)}));
  } catch (const Error& error) {
    fail(error.what());
  }
}

// Errors of the system end this executor, in words, and not the job.
void AgentExecutor::fail(const std::string& words) {
  dealer_.fail(words + node::on_host(here_.host, here_.rank));
}

void AgentExecutor::send(FrameKind kind, Bytes payload) {
  link_.send({here_.root, channel_, static_cast<std::uint32_t>(kind), std::move(payload)});
}

// What was cancelled here was asked back by the root, which alone knows whether to deal it again.
void AgentExecutor::ended(ChunkId chunk, std::uint32_t place, task::Outcome&& outcome) {
  Range* range = find(chunk);
  if (outcome.ending != task::Ending::cancelled) {
    results_.push_back({chunk, place, std::move(outcome)});
  } else {
    const Range known = range == nullptr ? Range{} : *range;
    answers_.push_back({chunk, true, place, 1, outcome.execution.attempt, known.at_root, known.first + place,
                        std::move(outcome.message)});
  }
  if (range != nullptr) --range->left;
}

void AgentExecutor::returned(ChunkId chunk, std::uint32_t first, const task::Values& values,
                             std::uint32_t from, std::uint32_t count) {
  values_.add(chunk, first, values, from, count);
  if (Range* range = find(chunk)) range->left -= count;
}

/// What is left of a chunk of the root's; null if nothing is.
AgentExecutor::Range* AgentExecutor::find(ChunkId chunk) {
  if (slot_of(chunk) >= ranges_.size()) return nullptr;
  Range& range = ranges_[slot_of(chunk)];
  return range.chunk == chunk && range.left != 0 ? &range : nullptr;
}

bool AgentExecutor::round() {
  bool anything = false;
  while (const auto frame = link_.receive(channel_)) {
    handle(*frame);
    anything = true;
  }
  anything |= progress();
  drop_if_late();
  report();
  return anything;
}

bool AgentExecutor::progress() {
  try {
    return dealer_.progress();
  } catch (const Error& error) {
    fail(error.what());
    return true;
  }
}

void AgentExecutor::handle(const Frame& frame) {
  switch (static_cast<FrameKind>(frame.kind)) {
    case FrameKind::tasks:
      submit(wire::from_bytes<TaskBatch>(frame.payload));
      break;
    case FrameKind::recall:
      recall(wire::from_bytes<std::vector<RecallOrder>>(frame.payload));
      break;
    case FrameKind::share:
      share(frame.payload);
      break;
    case FrameKind::unshare:
      dealer_.unshare(wire::from_bytes<std::uint64_t>(frame.payload));
      break;
    case FrameKind::stop:
      dealer_.request_stop();
      break;
    case FrameKind::resize:
      resize(wire::from_bytes<std::uint32_t>(frame.payload));
      break;
    case FrameKind::close:
      close();
      break;
    default:
      throw Error("the root sent a frame of an unknown kind");
  }
}

void AgentExecutor::submit(TaskBatch batch) {
  batch.check();
  OrderReader reader(batch);
  for (const TaskOrder& order : batch.orders) {
    node::TaskRequest request = reader.next(order);
    request.completion = std::make_shared<RootChunk>(*this, order.chunk);
    if (order.priority != 0) {  // as in Engine::submit
      dealer_.watch_starts();
      progress();
    }
    if (slot_of(order.chunk) >= ranges_.size()) ranges_.resize(slot_of(order.chunk) + 1);
    Range& range = ranges_[slot_of(order.chunk)];
    range = {order.chunk, order.count, order.first, order.task, {}};
    range.task = dealer_.submit(std::move(request));
  }
}

// Local workers answer a recall at once: what is not cancelled now has started and stays.
void AgentExecutor::recall(const std::vector<RecallOrder>& orders) {
  for (const RecallOrder& order : orders)
    if (const Range* range = find(order.chunk))
      dealer_.cancel({range->task, !order.unwanted, order.count, order.unwanted});
  progress();
  for (const RecallOrder& order : orders)
    if (find(order.chunk) != nullptr) kept_.push_back(order.chunk);
}

void AgentExecutor::share(ByteView order) {
  wire::Reader reader(order);
  task::SharedPlace place;
  reader.copy(&place, sizeof place);
  const ByteView encoding = reader.bytes(place.length);
  try {
    dealer_.share(std::make_shared<const task::SharedValue>(place.id, encoding, place.offset, nullptr));
  } catch (const Error& error) {
    fail(error.what());
  }
}

// The root wants to hear again whether all are ready, also if nothing changes.
void AgentExecutor::resize(std::uint32_t workers) {
  reported_workers_ = {};
  try {
    dealer_.resize(workers);
    reported_workers_ = {};  // the root waits to hear of it
  } catch (const Error& error) {
    fail(error.what());
  }
}

// The root closes with tasks left only if it has given them up: nobody waits for them.
void AgentExecutor::close() {
  closing_ = true;
  if (!dealer_.idle()) {
    reported_broken_ = true;
    drop_at_ = now() + grace_;
    dealer_.fail("the root has closed the executor");
  }
  dealer_.close();
}

void AgentExecutor::drop_if_late() {
  if (drop_at_ == Instant::never() || (now() < drop_at_ && dealer_.heeds_stop())) return;
  drop_at_ = Instant::never();
  dealer_.drop_groups();
  ranges_.clear();
  values_.clear();
  results_.clear();
}

void AgentExecutor::report() {
  if (!values_.runs.empty()) {
    send(FrameKind::values, wire::to_bytes(values_));
    values_.clear();
  }
  if (!results_.empty()) send(FrameKind::outcomes, wire::to_bytes(std::exchange(results_, {})));
  // What was taken back is told before what stays.
  for (const ChunkId chunk : std::exchange(kept_, {})) answers_.push_back({.chunk = chunk});
  if (!answers_.empty()) send(FrameKind::recalled, wire::to_bytes(std::exchange(answers_, {})));
  if (const WorkersReport workers{dealer_.workers(), dealer_.all_ready()};
      workers != reported_workers_ && workers.workers > 0) {
    reported_workers_ = workers;
    send(FrameKind::workers, wire::to_bytes(workers));
  }
  if (!dealer_.broken_words().empty() && !std::exchange(reported_broken_, true))
    send(FrameKind::broken, wire::to_bytes(dealer_.broken_words()));
  if (closing_ && dealer_.closed() && !std::exchange(closed_, true)) send(FrameKind::closed, {});
}

bool AgentExecutor::prepare_sleep(std::vector<pollfd>& descriptors, Duration& longest) {
  try {
    return dealer_.prepare_sleep({.low_water = true, .awaited = {}}, descriptors, longest);
  } catch (const Error& error) {
    fail(error.what());
    return false;
  }
}

bool AgentExecutor::idle() const {
  const schedule::Counts counts = dealer_.counts();
  return counts.held + counts.running < dealer_.workers();
}

}  // namespace acre::cluster
