#include <algorithm>
#include <array>
#include <cstring>

#include <acre/base/error.hpp>
#include <acre/channel/socket.hpp>
#include <acre/node/pool.hpp>
#include <acre/node/process.hpp>

namespace acre::node {
namespace {
constexpr int max_zygote_deaths = 3;
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

void Pool::dispatch(MemberId member, const Deal& deal, const TaskRequest& request) {
  PoolWorker* worker = worker_of(member);
  if (worker == nullptr) return;
  if (!std::exchange(worker->unflushed, true)) unflushed_.push_back(member);
  try {
    for (std::uint32_t place = 0; place < deal.count; ++place)
      worker->dispatch({deal.chunk, place}, request.head_of(deal.first + place, deal.attempt),
                       request.arguments_of(deal.first + place));
  } catch (const channel::Violation&) {
    kill(*worker);
  }
}

void Pool::recall(MemberId member, ChunkId chunk, std::uint32_t count, bool) {
  PoolWorker* worker = worker_of(member);
  if (worker == nullptr) return;
  try {
    answers_.push_back({chunk, worker->recall(chunk, count)});
  } catch (const channel::Violation&) {
    kill(*worker);  // its death deals its tasks again
  }
}

void Pool::kill(MemberId member) {
  if (PoolWorker* worker = worker_of(member)) kill(*worker, false);
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
  for (const Answer& answer : std::exchange(answers_, {})) {
    const PoolWorker::TakenBack& back = answer.back;
    if (back.count != 0) events.taken_back(answer.chunk, back.first, back.count, {});
    if (!back.all) events.kept(answer.chunk);
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    PoolWorker& worker = *workers_[i];
    anything |= read_worker(worker, events);
    if (!watching_starts_ || worker.state != PoolWorker::State::member) continue;
    if (const auto started = worker.newly_running()) events.started(*started);
  }
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
  events.ended(dealt->part.chunk, dealt->part.place, std::move(outcome));
}

void Pool::ready(PoolWorker& worker, MemberEvents& events) {
  if (worker.state != PoolWorker::State::starting) throw channel::Violation("a worker was ready twice");
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
    events.joined(worker.member, 1, false);
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
  const bool member = worker->state == PoolWorker::State::member;
  if (worker->state == PoolWorker::State::starting && !closing_ && !broken_) events.unborn(how + here());
  if (!closing_ && !broken_) start_worker();
  if (member)
    lose(*worker, {"its worker (process " + std::to_string(report.pid) + ") " + how, how + here()}, events);
}

void Pool::lose(PoolWorker& worker, Loss loss, MemberEvents& events) {
  by_member_[index_of(worker.member)] = nullptr;
  free_numbers_.push_back(worker.number);
  if (socket_)
    if (const auto running = worker.newly_running()) events.started(*running);
  fill_places(events);  // the spare first, so that the lost tasks find a worker
  loss.worker = worker.number;
  loss.rank = options_.rank;
  loss.blameless = !socket_;
  events.lost(worker.member, loss);
}

// With its zygote gone, a pool's workers are gone too (the kernel kills them): no task is to blame.
void Pool::zygote_gone(MemberEvents& events) {
  socket_.reset();
  for (const Place& worker : workers_) read_worker(*worker, events);
  for (const Place& worker : std::exchange(workers_, {}))
    if (worker->state == PoolWorker::State::member)
      lose(*worker, {"its zygote died", "died with its zygote"}, events);
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
  events.broken(words + here());
}

std::string Pool::here() const {
  return " (on host " + options_.host + ", rank " + std::to_string(options_.rank) + ")";
}

// One that broke the protocol is not read any more; one that runs too long may still finish first.
void Pool::kill(PoolWorker& worker, bool distrusted) {
  if (distrusted) worker.trusted = false;
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
