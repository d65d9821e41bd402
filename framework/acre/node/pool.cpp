#include <algorithm>
#include <array>
#include <cstring>

#include <acre/base/error.hpp>
#include <acre/channel/socket.hpp>
#include <acre/node/pool.hpp>
#include <acre/node/process.hpp>

namespace acre::node {
namespace {
constexpr int max_deaths_before_ready = 3;
constexpr int max_zygote_deaths = 3;
constexpr int max_idle_deaths = 100;
}  // namespace

Pool::Pool(Zygote& zygote, PoolOptions options) : zygote_(zygote), options_(std::move(options)) {
  for (std::uint32_t number = options_.workers; number-- > 0;) free_numbers_.push_back(number);
  start_zygote();
}

void Pool::start_zygote() { socket_ = zygote_.open_pool(options_.setup); }

void Pool::start_worker() {
  auto worker = std::make_unique<PoolWorker>(next_process_++);
  const ZygoteRequest request{ZygoteRequest::Kind::start, worker->process()};
  const std::array<int, 3> fds{worker->channel().memory(), worker->channel().worker_socket(), bell_.fd()};
  if (channel::send_message(socket_.get(), bytes_of(request), fds) == channel::Sent::full)
    throw Error(
        "too many descriptors are on their way between the processes of this node: raise the limit on open "
        "files (ulimit -n), or take fewer workers");
  worker->channel().sent();
  workers_.push_back(std::move(worker));
}

PoolWorker* Pool::worker_of(MemberId member) {
  return index_of(member) < by_member_.size() ? by_member_[index_of(member)] : nullptr;
}

void Pool::dispatch(MemberId member, TaskId task, const task::TaskHead& head, ByteView arguments) {
  PoolWorker* worker = worker_of(member);
  if (worker == nullptr) return;
  if (!std::exchange(worker->unflushed, true)) unflushed_.push_back(member);
  try {
    worker->dispatch(task, head, arguments);
  } catch (const channel::Violation&) {
    kill(*worker);
  }
}

void Pool::recall(MemberId member, TaskId task) {
  PoolWorker* worker = worker_of(member);
  bool taken_back = false;
  try {
    taken_back = worker != nullptr && worker->recall(task);
  } catch (const channel::Violation&) {
    kill(*worker);
    return;  // its death deals its tasks again
  }
  answers_.push_back({member, task, taken_back});
}

void Pool::flush() {
  std::erase_if(unflushed_, [this](MemberId member) {
    PoolWorker* worker = worker_of(member);
    if (worker == nullptr) return true;
    try {
      worker->unflushed = !worker->flush();
    } catch (const channel::Violation&) {
      kill(*worker);
      return true;
    }
    return !worker->unflushed;
  });
}

// A worker with more than this one task was awake when it got the others; ringing for each would cost a
// system call a task whenever tasks are shorter than the time between submits.
void Pool::hint() {
  const bool had_nothing = std::any_of(unflushed_.begin(), unflushed_.end(), [this](MemberId member) {
    const PoolWorker* worker = worker_of(member);
    return worker != nullptr && worker->load() == 1;
  });
  if (had_nothing) flush();
}

bool Pool::poll(MemberEvents& events) {
  bool anything = !answers_.empty();
  for (const Answer& answer : std::exchange(answers_, {}))
    events.recalled(answer.member, answer.task, answer.taken_back, 0);
  for (std::size_t i = 0; i < workers_.size(); ++i) anything |= read_worker(*workers_[i], events);
  return read_reports(events) || anything;
}

bool Pool::read_worker(PoolWorker& worker, MemberEvents& events) {
  bool anything = false;
  try {
    while (worker.trusted) {
      const auto message = worker.channel().read();
      if (!message) break;
      handle(worker, *message, events);
      anything = true;
    }
  } catch (const std::exception&) {
    // A Violation, or a payload that cannot be decoded or is too large: this worker cannot be trusted.
    kill(worker);
  }
  return anything;
}

void Pool::handle(PoolWorker& worker, const channel::OwnedMessage& message, MemberEvents& events) {
  switch (static_cast<Up>(message.kind)) {
    case Up::ready:
      ready(worker, events);
      break;
    case Up::unusable: {
      if (worker.state != PoolWorker::State::starting) throw channel::Violation("unusable after it was used");
      task::Outcome failure;
      task::unpack_failure(message.payload, failure);
      give_up("the initializer failed: " + failure.type + ": " + failure.message, events);
      break;
    }
    case Up::outcome:
      outcome(worker, message.payload, events);
      break;
    default:
      throw channel::Violation("an unknown kind of message");
  }
}

void Pool::outcome(PoolWorker& worker, ByteView payload, MemberEvents& events) {
  task::OutcomeHead head;
  if (payload.size() < sizeof head) throw channel::Violation("an outcome without a head");
  std::memcpy(&head, payload.data(), sizeof head);
  const ByteView body = payload.subspan(sizeof head);
  task::Outcome outcome;
  if (head.ending == static_cast<std::uint64_t>(task::Ending::value)) {
    outcome.value.assign(body.begin(), body.end());
  } else {
    outcome.ending = task::Ending::thrown;
    task::unpack_failure(body, outcome);
  }
  const auto dealt = worker.take(head.sequence);
  if (!dealt) throw channel::Violation("an outcome of a task that was not dealt");
  const std::int64_t run_ns = std::max(head.run_ns, std::int64_t{0});
  outcome.execution = {dealt->attempt, worker.number, options_.rank, head.start_ns, run_ns};
  idle_deaths_ = 0;
  events.ended(worker.member, dealt->task, std::move(outcome));
}

void Pool::ready(PoolWorker& worker, MemberEvents& events) {
  if (worker.state != PoolWorker::State::starting) throw channel::Violation("a worker was ready twice");
  deaths_before_ready_ = 0;
  worker.state = PoolWorker::State::spare;
  fill_places(events);
}

void Pool::fill_places(MemberEvents& events) {
  for (std::size_t i = 0; i < workers_.size() && !free_numbers_.empty(); ++i) {
    PoolWorker& worker = *workers_[i];
    if (worker.state != PoolWorker::State::spare || closing_) continue;
    worker.number = free_numbers_.back();
    free_numbers_.pop_back();
    worker.state = PoolWorker::State::member;
    pin(worker);
    worker.member = events.enroll(*this);
    if (by_member_.size() <= index_of(worker.member)) by_member_.resize(index_of(worker.member) + 1);
    by_member_[index_of(worker.member)] = &worker;
    events.joined(worker.member, 1);
  }
}

// Each worker gets its share of the node's CPUs. Left to itself the kernel keeps a worker on the core of the
// agent that wakes it, and two workers share a core while another one idles (seen: efficiency 0.48 on 20 µs
// tasks).
void Pool::pin(const PoolWorker& worker) const {
  const std::span<const int> cpus(options_.setup.cpus);
  if (worker.state != PoolWorker::State::member || worker.pid < 0 || options_.workers > cpus.size()) return;
  const std::size_t first = worker.number * cpus.size() / options_.workers;
  const std::size_t end = (worker.number + 1) * cpus.size() / options_.workers;
  use_cpus(worker.pid, cpus.subspan(first, end - first));
}

bool Pool::read_reports(MemberEvents& events) {
  bool anything = false;
  while (socket_) {
    channel::Received message = channel::receive_message(socket_.get(), false);
    if (message.state == channel::Received::State::none) return anything;
    anything = true;
    if (message.state == channel::Received::State::end) {
      zygote_gone(events);
      continue;
    }
    ZygoteReport report{};
    if (message.bytes.size() < sizeof report) continue;
    std::memcpy(&report, message.bytes.data(), sizeof report);
    const auto* text = reinterpret_cast<const char*>(message.bytes.data());
    handle(report, std::string(text + sizeof report, message.bytes.size() - sizeof report), events);
  }
  return anything;
}

void Pool::handle(const ZygoteReport& report, const std::string& words, MemberEvents& events) {
  switch (report.kind) {
    case ZygoteReport::Kind::preloaded:
      // One more than asked for: the spare that takes the place of the first worker to die.
      for (std::uint32_t i = 0; i <= options_.workers && !closing_; ++i) start_worker();
      break;
    case ZygoteReport::Kind::failed:
      give_up("the preload failed: " + words, events);
      break;
    case ZygoteReport::Kind::started:
      for (const Place& worker : workers_)
        if (worker->process() == report.worker) {
          worker->pid = report.pid;
          pin(*worker);
        }
      break;
    case ZygoteReport::Kind::ended:
      worker_ended(report, events);
      break;
  }
}

void Pool::worker_ended(const ZygoteReport& report, MemberEvents& events) {
  const auto at = std::find_if(workers_.begin(), workers_.end(),
                               [&](const Place& worker) { return worker->process() == report.worker; });
  if (at == workers_.end()) return;
  read_worker(**at, events);  // what it published before it died counts
  const Place worker = std::move(*at);
  workers_.erase(at);
  if (closing_ && workers_.empty()) socket_.reset();
  const std::string how = describe_status(report.status);
  const std::string words = "its worker (process " + std::to_string(report.pid) + ") " + how;
  if (!closing_ && !broken_) replace(*worker, how, events);
  if (worker->state == PoolWorker::State::member) lose(*worker, words, events);
}

// Workers that die again and again without a task to blame would be replaced for ever.
void Pool::replace(const PoolWorker& worker, const std::string& how, MemberEvents& events) {
  if (worker.state == PoolWorker::State::starting && ++deaths_before_ready_ >= max_deaths_before_ready)
    give_up("workers die before they can take tasks; the last one " + how, events);
  else if (!worker.running() && ++idle_deaths_ >= max_idle_deaths)
    give_up("workers die while they run no task; the last one " + how, events);
  else
    start_worker();
}

void Pool::lose(const PoolWorker& worker, const std::string& words, MemberEvents& events) {
  by_member_[index_of(worker.member)] = nullptr;
  free_numbers_.push_back(worker.number);
  if (socket_)
    if (const auto running = worker.running()) events.started(worker.member, *running);
  fill_places(events);  // the spare first, so that the lost tasks find a worker
  events.lost(worker.member, {words, worker.number, options_.rank});
}

// With its zygote gone, a pool's workers are gone too (the kernel kills them): no task is to blame.
void Pool::zygote_gone(MemberEvents& events) {
  socket_.reset();
  for (const Place& worker : workers_) read_worker(*worker, events);
  for (const Place& worker : std::exchange(workers_, {}))
    if (worker->state == PoolWorker::State::member) lose(*worker, "its zygote died", events);
  if (closing_ || broken_) return;
  if (++zygote_deaths_ > max_zygote_deaths) {
    give_up("the process that holds the preload died " + std::to_string(zygote_deaths_) + " times", events);
    return;
  }
  try {
    start_zygote();
  } catch (const Error& error) {
    give_up(error.what(), events);
  }
}

void Pool::give_up(const std::string& words, MemberEvents& events) {
  broken_ = true;
  events.broken(words + " (on host " + options_.host + ", rank " + std::to_string(options_.rank) + ")");
}

void Pool::kill(PoolWorker& worker) {
  worker.trusted = false;
  const ZygoteRequest request{ZygoteRequest::Kind::kill, worker.process()};
  if (socket_) channel::send_message(socket_.get(), bytes_of(request));
}

bool Pool::prepare_sleep(const SleepPlan& plan) {
  bell_.clear();
  bool quiet = answers_.empty();
  for (const Place& worker : workers_) {
    if (!worker->trusted) continue;
    try {
      quiet = worker->prepare_sleep(plan) && quiet;
    } catch (const channel::Violation&) {
      kill(*worker);
    }
  }
  return quiet;
}

void Pool::add_descriptors(std::vector<pollfd>& descriptors) const {
  descriptors.push_back({bell_.fd(), POLLIN, 0});
  if (socket_) descriptors.push_back({socket_.get(), POLLIN, 0});
}

void Pool::close() {
  if (std::exchange(closing_, true)) return;
  for (const Place& worker : workers_)
    if (!worker->stop()) kill(*worker);
  if (workers_.empty()) socket_.reset();
}

}  // namespace acre::node
