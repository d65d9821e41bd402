#include <algorithm>
#include <thread>

#include <acre/base/check.hpp>
#include <acre/cluster/remote_agents.hpp>
#include <acre/wire/codec.hpp>

namespace acre::cluster {

RemoteAgents::RemoteAgents(Link& link, const std::vector<int>& agents, const Open& open,
                           std::function<void()> on_drain)
    : link_(link), channel_(open.channel), on_drain_(std::move(on_drain)) {
  for (const int rank : agents) {
    agents_.emplace_back().rank = rank;
    link_.send({rank, control_channel, static_cast<std::uint32_t>(FrameKind::open), wire::to_bytes(open)});
  }
}

RemoteAgents::Agent& RemoteAgents::agent_of(MemberId member) {
  ACRE_CHECK(index_of(member) < by_member_.size(), "only members that have joined are dealt to");
  return agents_[by_member_[index_of(member)]];
}

void RemoteAgents::dispatch(MemberId member, const node::Deal& deal, const node::TaskRequest& request) {
  Agent& agent = agent_of(member);
  agent.tasks.add(deal, request);
  agent.under_way += deal.count;
  worth_sending_ |= agent.tasks.worth_sending();
}

void RemoteAgents::recall(MemberId member, ChunkId chunk, std::uint32_t count, bool unwanted) {
  agent_of(member).recalls.push_back({chunk, count, unwanted});
}

void RemoteAgents::resize(std::uint32_t workers) {
  for (Agent& agent : agents_) {
    agent.all_ready = false;  // until it reports again
    send(agent, FrameKind::resize, wire::to_bytes(workers));
  }
}

void RemoteAgents::share(const task::SharedHandle& value) {
  const ByteView encoding = value->encoding();
  Bytes order;
  order.reserve(sizeof value->place() + encoding.size());
  wire::Writer writer(order);
  writer.append(&value->place(), sizeof value->place());
  writer.append(encoding.data(), encoding.size());
  for (const Agent& agent : agents_) send(agent, FrameKind::share, order);
}

// What was dealt before it may refer to it.
void RemoteAgents::unshare(std::uint64_t id) {
  flush();
  for (const Agent& agent : agents_) send(agent, FrameKind::unshare, wire::to_bytes(id));
}

void RemoteAgents::request_stop() {
  for (const Agent& agent : agents_) send(agent, FrameKind::stop, {});
}

void RemoteAgents::send(const Agent& agent, FrameKind kind, Bytes payload) {
  link_.send({agent.rank, channel_, static_cast<std::uint32_t>(kind), std::move(payload)});
}

void RemoteAgents::flush() {
  worth_sending_ = false;
  for (Agent& agent : agents_) {
    if (!agent.tasks.orders.empty()) {
      send(agent, FrameKind::tasks, wire::to_bytes(agent.tasks));
      agent.tasks.clear();
    }
    if (!agent.recalls.empty())
      send(agent, FrameKind::recall, wire::to_bytes(std::exchange(agent.recalls, {})));
  }
}

void RemoteAgents::hint() {
  if (worth_sending_) flush();
}

bool RemoteAgents::poll(node::MemberEvents& events) {
  bool anything = link_.progress();
  while (const auto frame = link_.receive(control_channel))
    if (static_cast<FrameKind>(frame->kind) == FrameKind::drain) on_drain_();
  while (const auto frame = link_.receive(channel_)) {
    handle(*frame, events);
    anything = true;
  }
  return anything;
}

void RemoteAgents::handle(const Frame& frame, node::MemberEvents& events) {
  Agent& agent =
      *std::find_if(agents_.begin(), agents_.end(), [&](const Agent& a) { return a.rank == frame.peer; });
  switch (static_cast<FrameKind>(frame.kind)) {
    case FrameKind::workers:
      join(agent, wire::from_bytes<WorkersReport>(frame.payload), events);
      break;
    case FrameKind::values:
      told_values(agent, wire::from_bytes<ValueBatch>(frame.payload), events);
      break;
    case FrameKind::outcomes:
      for (auto& result : wire::from_bytes<std::vector<TaskResult>>(frame.payload)) {
        --agent.under_way;
        events.ended(result.chunk, result.place, std::move(result.outcome));
      }
      break;
    case FrameKind::recalled:
      for (const auto& answer : wire::from_bytes<std::vector<RecallAnswer>>(frame.payload)) {
        if (!answer.taken_back) {
          events.kept(answer.chunk);
          continue;
        }
        agent.under_way -= answer.count;
        events.taken_back(answer.chunk, answer.first, answer.count,
                          {answer.used, answer.task, answer.place, answer.account});
      }
      break;
    case FrameKind::broken:
      events.broken(wire::from_bytes<std::string>(frame.payload));
      break;
    case FrameKind::closed:
      agent.closed = true;
      break;
    default:
      throw Error("rank " + std::to_string(frame.peer) + " sent a frame of an unknown kind");
  }
}

void RemoteAgents::join(Agent& agent, const WorkersReport& report, node::MemberEvents& events) {
  if (!std::exchange(agent.joined, true)) {
    agent.member = events.enroll(*this);
    by_member_.resize(std::max<std::size_t>(by_member_.size(), index_of(agent.member) + 1));
    by_member_[index_of(agent.member)] = static_cast<std::uint32_t>(&agent - agents_.data());
  }
  agent.all_ready = report.all_ready;
  agent.workers = report.workers;
  events.joined(agent.member, report.workers, true);
}

void RemoteAgents::told_values(Agent& agent, const ValueBatch& batch, node::MemberEvents& events) {
  batch.check();
  agent.under_way -= batch.marks.size();
  batch.tell(events, values_);
}

// MPI cannot be waited for beside descriptors, so it is looked at now and then: before an agent, which tells
// of its tasks at half of what it has, runs out of them, and soon for whoever waits for a result. If no core
// is free, each look takes time from a worker.
bool RemoteAgents::prepare_sleep(const node::SleepPlan& plan) {
  constexpr Duration shortest = std::chrono::microseconds(20), sparing = std::chrono::microseconds(300),
                     longest = std::chrono::milliseconds(2), quiet = std::chrono::milliseconds(50);
  nap_ = quiet;
  for (const Agent& agent : agents_) {
    if (!agent.joined || (closing_ && !agent.closed)) nap_ = std::min(nap_, longest);
    if (agent.under_way == 0) continue;
    const bool awaited = plan.any_result || plan.awaited;
    const std::uint64_t tasks = awaited ? 1 : agent.under_way / std::max(agent.workers, 1u);
    const double left_ns = static_cast<double>(plan.task_time.count()) * static_cast<double>(tasks);
    const auto soon = Duration(static_cast<std::int64_t>(std::min(left_ns / 4, 1e9)));
    nap_ = std::min(nap_, std::clamp(soon, plan.idle_workers ? shortest : sparing, longest));
  }
  return true;
}

void RemoteAgents::close() {
  if (std::exchange(closing_, true)) return;
  flush();
  for (const Agent& agent : agents_) send(agent, FrameKind::close, {});
}

bool RemoteAgents::all_ready() const {
  return std::all_of(agents_.begin(), agents_.end(), [](const Agent& agent) { return agent.all_ready; });
}

bool RemoteAgents::closed() const {
  return std::all_of(agents_.begin(), agents_.end(), [](const Agent& agent) { return agent.closed; });
}

void finish_agents(Link& link, const std::vector<int>& agents) {
  for (const int agent : agents)
    link.send({agent, control_channel, static_cast<std::uint32_t>(FrameKind::finish), {}});
  for (std::size_t left = agents.size(); left > 0;) {
    if (!link.progress()) std::this_thread::sleep_for(std::chrono::microseconds(100));
    while (const auto frame = link.receive(control_channel))
      if (static_cast<FrameKind>(frame->kind) == FrameKind::bye) --left;
  }
}

}  // namespace acre::cluster
