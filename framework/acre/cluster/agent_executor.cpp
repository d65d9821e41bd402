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

AgentExecutor::AgentExecutor(Link& link, int root, std::uint32_t channel, std::uint32_t max_attempts,
                             std::unique_ptr<node::Pool> pool)
    : link_(link), root_(root), channel_(channel), max_attempts_(max_attempts) {
  dealer_.add_group(std::move(pool));
}

void AgentExecutor::send(FrameKind kind, Bytes payload) {
  link_.send({root_, channel_, static_cast<std::uint32_t>(kind), std::move(payload)});
}

void AgentExecutor::ended(TaskId root_task, task::Outcome&& outcome) {
  local_.erase(static_cast<std::uint64_t>(root_task));
  results_.push_back({root_task, std::move(outcome)});
}

bool AgentExecutor::round() {
  bool anything = false;
  while (const auto frame = link_.receive(channel_)) {
    handle(*frame);
    anything = true;
  }
  anything |= dealer_.progress();
  report();
  return anything;
}

void AgentExecutor::handle(const Frame& frame) {
  switch (static_cast<FrameKind>(frame.kind)) {
    case FrameKind::tasks:
      for (auto& order : wire::from_bytes<std::vector<TaskOrder>>(frame.payload)) {
        node::TaskRequest request{order.head, std::move(order.arguments), max_attempts_,
                                  std::make_shared<RootTask>(*this, order.task)};
        const TaskId local = dealer_.submit(std::move(request));
        if (dealer_.broken_words().empty()) local_[static_cast<std::uint64_t>(order.task)] = local;
      }
      break;
    case FrameKind::recall:
      recall(wire::from_bytes<std::vector<TaskId>>(frame.payload));
      break;
    case FrameKind::close:
      closing_ = true;
      dealer_.close();
      break;
    default:
      throw Error("the root sent a frame of an unknown kind");
  }
}

// Local workers answer a recall at once: what is cancelled now went back to the root, the rest has started.
void AgentExecutor::recall(const std::vector<TaskId>& tasks) {
  report();
  for (const TaskId task : tasks)
    if (const auto at = local_.find(static_cast<std::uint64_t>(task)); at != local_.end())
      dealer_.cancel(at->second);
  dealer_.progress();
  std::vector<RecallAnswer> answers;
  for (const TaskId task : tasks) {
    const auto cancelled = [&](const TaskResult& r) {
      return r.task == task && r.outcome.ending == task::Ending::cancelled;
    };
    answers.push_back({task, std::erase_if(results_, cancelled) > 0});
  }
  send(FrameKind::recalled, wire::to_bytes(answers));
}

void AgentExecutor::report() {
  if (!results_.empty()) send(FrameKind::outcomes, wire::to_bytes(std::exchange(results_, {})));
  if (const std::uint32_t workers = dealer_.workers(); workers != reported_workers_ && workers > 0) {
    reported_workers_ = workers;
    send(FrameKind::workers, wire::to_bytes(workers));
  }
  if (!dealer_.broken_words().empty() && !std::exchange(reported_broken_, true))
    send(FrameKind::broken, wire::to_bytes(dealer_.broken_words()));
  if (closing_ && dealer_.closed() && !std::exchange(closed_, true)) send(FrameKind::closed, {});
}

bool AgentExecutor::prepare_sleep(std::vector<pollfd>& descriptors, Duration& longest) {
  return dealer_.prepare_sleep({}, descriptors, longest);
}

bool AgentExecutor::idle() const {
  const schedule::Counts counts = dealer_.counts();
  return counts.held + counts.running < dealer_.workers();
}

}  // namespace acre::cluster
