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
  const auto at = std::find_if(agents_.begin(), agents_.end(),
                               [&](const Agent& agent) { return agent.joined && agent.member == member; });
  ACRE_CHECK(at != agents_.end(), "only members that have joined are dealt to");
  return *at;
}

void RemoteAgents::dispatch(MemberId member, const node::Deal& deal, const node::TaskRequest& request) {
  Agent& agent = agent_of(member);
  const ByteView arguments = request.arguments_of(deal.first, deal.count);
  TaskOrder order{.chunk = deal.chunk,
                  .head = request.head_of(deal.first, deal.attempt),
                  .arguments = Bytes(arguments.begin(), arguments.end()),
                  .ends = {},
                  .terms = request.terms,
                  .task = deal.task,
                  .first = deal.first,
                  .account = {}};
  if (deal.count > 1)
    for (std::uint64_t end = 0, place = 0; place < deal.count; ++place)
      order.ends.push_back(end +=
                           request.arguments_of(deal.first + static_cast<std::uint32_t>(place)).size());
  for (auto at = request.account.lower_bound(deal.first);
       at != request.account.end() && at->first - deal.first < deal.count; ++at)
    order.account[at->first - deal.first] = at->second;
  agent.orders.push_back(std::move(order));
  agent.under_way += deal.count;
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
  for (Agent& agent : agents_) {
    if (!agent.orders.empty()) send(agent, FrameKind::tasks, wire::to_bytes(std::exchange(agent.orders, {})));
    if (!agent.recalls.empty())
      send(agent, FrameKind::recall, wire::to_bytes(std::exchange(agent.recalls, {})));
  }
}

void RemoteAgents::hint() {
  constexpr std::size_t worth_a_frame = 64;
  for (const Agent& agent : agents_)
    if (agent.orders.size() >= worth_a_frame) return flush();
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
    case FrameKind::workers: {
      if (!agent.joined) agent.member = events.enroll(*this);
      agent.joined = true;
      const auto report = wire::from_bytes<WorkersReport>(frame.payload);
      agent.all_ready = report.all_ready;
      events.joined(agent.member, report.workers, true);
      break;
    }
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

bool RemoteAgents::prepare_sleep(const node::SleepPlan&) { return true; }

// MPI cannot be waited for beside descriptors, so it is looked at now and then: rarely enough not to slow a
// worker on the same core, with prefetch deep enough to hide the delay.
Duration RemoteAgents::longest_sleep() const {
  const bool quiet = std::all_of(agents_.begin(), agents_.end(), [&](const Agent& agent) {
    return agent.joined && agent.under_way == 0 && (!closing_ || agent.closed);
  });
  return quiet ? std::chrono::milliseconds(50) : std::chrono::milliseconds(2);
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
