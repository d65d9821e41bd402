#include <poll.h>

#include <algorithm>
#include <thread>

#include <acre/cluster/agent.hpp>
#include <acre/cluster/agent_executor.hpp>
#include <acre/observe/say.hpp>
#include <acre/wire/codec.hpp>

namespace acre::cluster {
namespace {
constexpr Duration look_period = std::chrono::microseconds(200);
}  // namespace

Agent::Agent(Link& link, node::Zygote& zygote, AgentOptions options)
    : link_(link), zygote_(zygote), options_(std::move(options)), last_activity_(now()) {}

Agent::~Agent() = default;

void Agent::serve(const std::vector<int>& extra, const std::function<bool()>& look) {
  while (!finished_) {
    if (round(look))
      last_activity_ = now();
    else
      sleep(extra);
  }
  executors_.clear();
  link_.send({options_.root, control_channel, static_cast<std::uint32_t>(FrameKind::bye), {}});
}

bool Agent::round(const std::function<bool()>& look) {
  bool anything = link_.progress();
  while (const auto frame = link_.receive(control_channel)) anything |= handle(*frame);
  for (auto& [channel, executor] : executors_) anything |= executor->round();
  std::erase_if(executors_, [](const auto& entry) { return entry.second->closed(); });
  if (const Instant at = now(); at >= next_look_) {  // each look costs system calls
    next_look_ = at + look_period;
    if (look())
      link_.send({options_.root, control_channel, static_cast<std::uint32_t>(FrameKind::drain), {}});
  }
  return anything;
}

bool Agent::handle(const Frame& frame) {
  if (static_cast<FrameKind>(frame.kind) == FrameKind::finish) {
    finished_ = true;
    return true;
  }
  Open open = wire::from_bytes<Open>(frame.payload);
  open.setup.cpus = options_.cpus;
  const int workers = workers_of(open);
  auto executor = std::make_unique<AgentExecutor>(link_, options_, open);
  executor->start(zygote_, static_cast<std::uint32_t>(workers), std::move(open.setup));
  executors_[open.channel] = std::move(executor);
  return true;
}

int Agent::workers_of(const Open& open) const {
  if (open.workers > 0) return open.workers;
  const launch::WorkerCount count =
      launch::workers_within(options_.offer, open.memory_per_worker_bytes, open.setup.threads_per_worker);
  if (!count.note.empty()) observe::say(count.note + " (on host " + options_.host + ")");
  return count.workers;
}

// MPI cannot be waited for beside descriptors. While a worker has nothing to do, its core is free to look
// often, unless others use it: then they keep a thread that yields waiting. The longer nothing comes, the
// longer the sleep. Busy workers ring when they have half done.
void Agent::sleep(const std::vector<int>& extra) {
  constexpr Duration at_once = std::chrono::microseconds(20);
  constexpr Duration spell = std::chrono::milliseconds(1), shortest = std::chrono::microseconds(100),
                     longest = std::chrono::milliseconds(5);
  const Duration quiet = now() - last_activity_;
  const bool hungry = std::any_of(executors_.begin(), executors_.end(),
                                  [](const auto& entry) { return entry.second->idle(); });
  if (hungry && quiet < spell) {
    const Instant before = now();
    std::this_thread::yield();
    if (now() - before < at_once) return;
  }
  Duration limit = std::clamp<Duration>(hungry ? quiet / 4 : longest, shortest, longest);
  std::vector<pollfd> descriptors;
  for (auto& [channel, executor] : executors_)
    if (!executor->prepare_sleep(descriptors, limit)) return;
  for (const int fd : extra) descriptors.push_back({fd, POLLIN, 0});
  const timespec time{0, limit.count()};
  ::ppoll(descriptors.data(), descriptors.size(), &time, nullptr);
}

}  // namespace acre::cluster
