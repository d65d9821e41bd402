#include <unordered_set>

#include <acre/base/error.hpp>
#include <acre/cluster/agent_executor.hpp>
#include <acre/wire/codec.hpp>

namespace acre::cluster {
namespace {

class RootTask final : public node::Completion {
 public:
  RootTask(AgentExecutor& executor, TaskId task) : executor_(executor), task_(task) {}
  void complete(task::Outcome&& outcome) noexcept override { executor_.ended(task_, std::move(outcome)); }

 private:
  AgentExecutor& executor_;
  TaskId task_;
};
}  // namespace

AgentExecutor::AgentExecutor(Link& link, const AgentOptions& here, std::uint32_t channel,
                             std::uint32_t max_attempts)
    : link_(link), here_(here), channel_(channel), max_attempts_(max_attempts) {}

void AgentExecutor::start(node::Zygote& zygote, std::uint32_t workers, node::PoolSetup setup) noexcept {
  try {
    dealer_.add_group(std::make_unique<node::Pool>(
        zygote, node::PoolOptions{workers, here_.rank, here_.host, std::move(setup)}));
  } catch (const Error& error) {
    fail(error.what());
  }
}

// Errors of the system end this executor, in words, and not the job.
void AgentExecutor::fail(const std::string& words) {
  dealer_.fail(words + " (on host " + here_.host + ", rank " + std::to_string(here_.rank) + ")");
}

void AgentExecutor::send(FrameKind kind, Bytes payload) {
  link_.send({here_.root, channel_, static_cast<std::uint32_t>(kind), std::move(payload)});
}

// What was cancelled here was asked back by the root, which alone knows whether to deal it again.
void AgentExecutor::ended(TaskId root_task, task::Outcome&& outcome) {
  local_.erase(static_cast<std::uint64_t>(root_task));
  if (outcome.ending == task::Ending::cancelled)
    answers_.push_back({root_task, true, outcome.execution.attempt});
  else
    results_.push_back({root_task, std::move(outcome)});
}

bool AgentExecutor::round() {
  bool anything = false;
  while (const auto frame = link_.receive(channel_)) {
    handle(*frame);
    anything = true;
  }
  anything |= progress();
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
      for (auto& order : wire::from_bytes<std::vector<TaskOrder>>(frame.payload)) submit(std::move(order));
      break;
    case FrameKind::recall:
      recall(wire::from_bytes<std::vector<TaskId>>(frame.payload));
      break;
    case FrameKind::close:
      close();
      break;
    default:
      throw Error("the root sent a frame of an unknown kind");
  }
}

void AgentExecutor::submit(TaskOrder order) {
  node::TaskRequest request{order.head, std::move(order.arguments), max_attempts_,
                            std::make_shared<RootTask>(*this, order.task)};
  const TaskId local = dealer_.submit(std::move(request));
  if (dealer_.broken_words().empty()) local_[static_cast<std::uint64_t>(order.task)] = local;
}

// Local workers answer a recall at once: what is not cancelled now has started and stays.
void AgentExecutor::recall(const std::vector<TaskId>& tasks) {
  for (const TaskId task : tasks)
    if (const auto at = local_.find(static_cast<std::uint64_t>(task)); at != local_.end())
      dealer_.cancel(at->second, true);
  progress();
  std::unordered_set<std::uint64_t> given_back;
  for (const RecallAnswer& answer : answers_) given_back.insert(static_cast<std::uint64_t>(answer.task));
  for (const TaskId task : tasks)
    if (!given_back.contains(static_cast<std::uint64_t>(task))) answers_.push_back({task, false, 0});
}

// The root closes with tasks left only if it has given them up: nobody waits for them.
void AgentExecutor::close() {
  closing_ = true;
  dealer_.close();
  if (dealer_.idle()) return;
  dealer_.drop_groups();
  local_.clear();
}

void AgentExecutor::report() {
  if (!results_.empty()) send(FrameKind::outcomes, wire::to_bytes(std::exchange(results_, {})));
  if (!answers_.empty()) send(FrameKind::recalled, wire::to_bytes(std::exchange(answers_, {})));
  if (const std::uint32_t workers = dealer_.workers(); workers != reported_workers_ && workers > 0) {
    reported_workers_ = workers;
    send(FrameKind::workers, wire::to_bytes(workers));
  }
  if (!dealer_.broken_words().empty() && !std::exchange(reported_broken_, true))
    send(FrameKind::broken, wire::to_bytes(dealer_.broken_words()));
  if (closing_ && dealer_.closed() && !std::exchange(closed_, true)) send(FrameKind::closed, {});
}

bool AgentExecutor::prepare_sleep(std::vector<pollfd>& descriptors, Duration& longest) {
  try {
    return dealer_.prepare_sleep({}, descriptors, longest);
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
