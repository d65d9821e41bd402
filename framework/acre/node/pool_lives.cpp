// How the workers of a pool come, leave and are replaced; the rest of Pool is in pool.cpp.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <acre/base/error.hpp>
#include <acre/channel/socket.hpp>
#include <acre/node/attempt.hpp>
#include <acre/node/obituary.hpp>
#include <acre/node/pool.hpp>
#include <acre/node/process.hpp>
#include <acre/observe/say.hpp>

namespace acre::node {
namespace {
constexpr int max_zygote_deaths = 3;
}  // namespace

void Pool::start_zygote() {
  line_ = zygote_.open_pool(options_.setup);
  preloaded_ = false;
  watch(line_.words.fd(), EPOLLIN);
  watch(line_.socket.get(), EPOLLIN);
}

void Pool::start_worker() {
  auto worker = std::make_unique<PoolWorker>(next_process_++);
  const ZygoteRequest request{ZygoteRequest::Kind::start, worker->process()};
  channel::AgentEnd& channel = worker->channel();
  if (stop_requested_) channel.request_stop();
  const std::array<int, 4> fds{channel.memory(), channel.worker_socket(), bell_.fd(),
                               worker->words().theirs().get()};
  if (channel::send_message(line_.socket.get(), bytes_of(request), fds) == channel::Sent::full)
    throw Error(too_many_descriptors);
  channel.sent();
  worker->words().sent();
  watch(worker->words().fd(), EPOLLIN);
  workers_.push_back(std::move(worker));
}

// One more than asked for: the spare that takes the place of the first worker to die. Those that leave for
// good do not count.
void Pool::start_missing_workers() {
  if (closing_ || broken_ || !preloaded_ || !line_.socket) return;
  const auto wanted = [](const Place& worker) { return !worker->surplus; };
  for (auto count = std::count_if(workers_.begin(), workers_.end(), wanted); count <= options_.workers;
       ++count)
    start_worker();
}

// A place whose worker is about to leave, as the pool was smaller for a while, is not ready either.
bool Pool::all_ready() const {
  return free_numbers_.empty() && std::none_of(workers_.begin(), workers_.end(), [this](const Place& worker) {
           return worker->state == PoolWorker::State::member && worker->surplus &&
                  worker->number < options_.workers;
         });
}

// Shares of the node's CPUs, and the numbers that no worker has. Threads that share a CPU wait for each
// other: without a CPU for each, none is bound.
void Pool::place_workers() {
  const auto threads = static_cast<std::size_t>(std::max(options_.setup.threads_per_worker, 1));
  places_ = options_.workers * threads > options_.setup.cpus.size()
                ? std::vector<std::vector<int>>(options_.workers)
                : places_of(options_.setup.cpus, options_.workers);
  std::vector<bool> taken(options_.workers);
  for (const Place& worker : workers_)
    if (worker->state == PoolWorker::State::member && worker->number < options_.workers)
      taken[worker->number] = true;
  free_numbers_.clear();
  for (std::uint32_t number = options_.workers; number-- > 0;)
    if (!taken[number]) free_numbers_.push_back(number);
}

void Pool::resize(std::uint32_t workers) {
  options_.workers = workers;
  place_workers();
  retire_surplus();
  for (const Place& worker : workers_) pin(*worker);
  start_missing_workers();
}

// Members whose numbers are not wanted any more, and then all spares but one: a worker that is asked to leave
// stays so should the pool grow again meanwhile.
void Pool::retire_surplus() {
  for (const Place& worker : workers_) {
    if (worker->state != PoolWorker::State::member || worker->number < options_.workers || worker->surplus)
      continue;
    try {
      worker->retire();
    } catch (const channel::Violation& violation) {
      distrust(*worker, violation);
    }
  }
  const auto wanted = [](const Place& worker) { return !worker->surplus; };
  auto count = std::count_if(workers_.begin(), workers_.end(), wanted);
  for (auto at = workers_.rbegin(); at != workers_.rend() && count > options_.workers + 1; ++at) {
    PoolWorker& worker = **at;
    if (worker.state != PoolWorker::State::starting && worker.state != PoolWorker::State::spare) continue;
    worker.surplus = true;
    --count;
    if (!worker.stop()) request(ZygoteRequest::Kind::kill, worker);
  }
}

// It has claimed nothing that it has not answered, and will claim nothing more.
void Pool::leaving(PoolWorker& worker, ByteView payload, MemberEvents& events) {
  LeaveNote note{};
  if (worker.state == PoolWorker::State::stopping) return;
  if (worker.state != PoolWorker::State::member || payload.size() != sizeof note)
    throw channel::Violation("a worker left that could not");
  std::memcpy(&note, payload.data(), sizeof note);
  const bool may_leave = note.why == LeaveNote::Why::channel ||
                         (note.why == LeaveNote::Why::surplus && worker.surplus) ||
                         (note.why == LeaveNote::Why::tasks && options_.setup.tasks_per_worker != 0) ||
                         (note.why == LeaveNote::Why::memory && options_.setup.memory_limit_bytes != 0);
  if (!may_leave) throw channel::Violation("a worker left for no reason");
  if (worker.running()) throw channel::Violation("a worker left in the middle of a task");
  const std::string words = why_replaced(note, worker.number, options_.setup);
  if (!words.empty() && !std::exchange(replacement_told_, true)) observe::say(words + here());
  worker.state = PoolWorker::State::leaving;
  lose(worker, {.words = "its worker was replaced", .how = "was replaced", .blameless = true}, events);
}

void Pool::ready(PoolWorker& worker, MemberEvents& events) {
  if (worker.state == PoolWorker::State::stopping) return;
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
    worker.channel().set_number(static_cast<std::int32_t>(worker.number));
    pin(worker);
    worker.member = events.enroll(*this);
    if (by_member_.size() <= index_of(worker.member)) by_member_.resize(index_of(worker.member) + 1);
    by_member_[index_of(worker.member)] = &worker;
    share_all(worker);
    events.joined(worker.member, 1, false);
  }
}

// Before its first task, so that each finds what it refers to.
void Pool::share_all(PoolWorker& worker) {
  if (shared_.empty()) return;
  if (!std::exchange(worker.unflushed, true)) unflushed_.push_back(worker.member);
  try {
    for (const task::SharedHandle& value : shared_) worker.share(value);
  } catch (const channel::Violation& violation) {
    distrust(worker, violation);
  }
}

// Each worker gets its share of the node's CPUs. Left to itself the kernel keeps a worker on the core of the
// agent that wakes it, and two workers share a core while another one idles (seen: efficiency 0.48 on 20 µs
// tasks).
void Pool::pin(const PoolWorker& worker) const {
  if (worker.state != PoolWorker::State::member || worker.pid < 0 || worker.surplus) return;
  use_cpus(worker.pid, places_[worker.number]);
}

bool Pool::read_reports(MemberEvents& events) {
  bool anything = false;
  while (line_.socket) {
    channel::Received message = channel::receive_message(line_.socket.get(), false);
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
      preloaded_ = true;
      start_missing_workers();
      break;
    case ZygoteReport::Kind::failed:
      give_up("the preload failed: " + words, events);
      break;
    case ZygoteReport::Kind::started:
      for (const Place& worker : workers_)
        if (worker->process() == report.worker) {
          worker->pid = report.end.pid;
          pin(*worker);
        }
      break;
    case ZygoteReport::Kind::large:
      for (const Place& worker : workers_)
        if (worker->process() == report.worker) worker->channel().ask_to_leave(channel::Leave::large);
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
  while (read_worker(**at, events)) continue;  // what it published before it died counts, all of it
  const Place worker = std::move(*at);
  workers_.erase(at);
  std::replace(by_member_.begin(), by_member_.end(), worker.get(), static_cast<PoolWorker*>(nullptr));
  if (closing_ && workers_.empty()) drop_line();
  worker->words().finish();
  task::Death death = death_of(report.end, worker->words().tail());
  const std::string how = how_it_ended(report.end, options_.setup, worker->verdict, worker->deed());
  const std::string rest = what_it_left(death);
  const bool member = worker->state == PoolWorker::State::member;
  if (worker->state == PoolWorker::State::starting && !closing_ && !broken_)
    events.unborn(how + rest + here());
  start_missing_workers();
  if (!member) return;
  const std::string process = "its worker (process " + std::to_string(report.end.pid) + ") ";
  lose(*worker, {.words = process + how + rest, .how = how + rest + here(), .death = std::move(death)},
       events);
}

void Pool::lose(PoolWorker& worker, Loss loss, MemberEvents& events) {
  by_member_[index_of(worker.member)] = nullptr;  // if it is only leaving
  if (worker.number < options_.workers) free_numbers_.push_back(worker.number);
  if (line_.socket)
    if (const auto running = worker.newly_running()) events.started(*running);
  fill_places(events);  // the spare first, so that the lost tasks find a worker
  loss.worker = worker.number;
  loss.rank = options_.rank;
  loss.blameless |= !line_.socket;
  events.lost(worker.member, loss);
}

// With its zygote gone, a pool's workers are gone too (the kernel kills them): no task is to blame.
void Pool::zygote_gone(MemberEvents& events) {
  drop_line();
  const std::optional<ChildEnd> end = closing_ ? std::nullopt : end_of(line_);
  line_.words.finish();
  const std::string how = end ? how_it_ended(*end, options_.setup, "", "") : "died with the one above it";
  const std::string rest = end ? what_it_left(death_of(*end, line_.words.tail())) : "";
  for (const Place& worker : workers_) {
    while (read_worker(*worker, events)) continue;
    worker->words().finish();
  }
  std::fill(by_member_.begin(), by_member_.end(), nullptr);
  for (const Place& worker : std::exchange(workers_, {}))
    if (worker->state == PoolWorker::State::member)
      lose(*worker, {.words = "its zygote " + how, .how = "died with its zygote, which " + how}, events);
  if (closing_ || broken_) return;
  if (++zygote_deaths_ > max_zygote_deaths) {
    const std::string what = preloaded_ ? "the process that holds the preload" : "the process of the preload";
    give_up(what + " died " + std::to_string(zygote_deaths_) + " times; the last time it " + how + rest,
            events);
    return;
  }
  try {
    start_zygote();
  } catch (const Error& error) {
    give_up(error.what(), events);
  }
}

void Pool::drop_line() {
  if (line_.socket) ::epoll_ctl(watched_.get(), EPOLL_CTL_DEL, line_.socket.get(), nullptr);
  line_.socket.reset();
}

void Pool::give_up(const std::string& words, MemberEvents& events) {
  broken_ = true;
  events.broken(words + here());
}

std::string Pool::here() const { return on_host(options_.host, options_.rank); }

}  // namespace acre::node
