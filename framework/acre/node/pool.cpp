#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <acre/base/error.hpp>
#include <acre/channel/socket.hpp>
#include <acre/node/own_memory.hpp>
#include <acre/node/pool.hpp>

namespace acre::node {
namespace {
constexpr Duration look_period = std::chrono::microseconds(200);  // at what costs a system call
constexpr Duration hang_period = std::chrono::seconds(1), hang_limit = std::chrono::seconds(10);
}  // namespace

Pool::Pool(Zygote& zygote, PoolOptions options)
    : zygote_(zygote), options_(std::move(options)), watched_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!watched_) throw_errno("cannot watch what a pool's processes do");
  watch(bell_.fd(), EPOLLIN | EPOLLET);  // told once for each ring, so that it need not be silenced
  start_zygote();
  place_workers();  // while that starts
}

// What is kept for the next large result would stay to the end of the program.
Pool::~Pool() { KeptMemory::here().end(); }

// One descriptor to sleep on for all that is not in shared memory.
void Pool::watch(int descriptor, std::uint32_t how) {
  epoll_event event{};
  event.events = how;
  event.data.fd = descriptor;
  if (::epoll_ctl(watched_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
    throw_errno("cannot watch what a pool's processes do");
}

bool Pool::look(MemberEvents& told) {
  std::array<epoll_event, 64> events{};
  const int count = ::epoll_wait(watched_.get(), events.data(), static_cast<int>(events.size()), 0);
  bool anything = false, reported = false;
  for (int i = 0; i < count; ++i) {
    const int fd = events[static_cast<std::size_t>(i)].data.fd;
    const bool from_zygote = fd == line_.socket.get();
    reported |= from_zygote;
    if (from_zygote || fd == bell_.fd()) continue;
    anything = true;
    const auto at = std::find_if(workers_.begin(), workers_.end(),
                                 [&](const Place& worker) { return worker->words().fd() == fd; });
    LastWords& words = at == workers_.end() ? line_.words : (*at)->words();
    if ((events[static_cast<std::size_t>(i)].events & EPOLLIN) != 0)
      words.pass_on();
    else  // closed at the other end: readable for ever
      ::epoll_ctl(watched_.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
  return (reported && read_reports(told)) || anything;
}

PoolWorker* Pool::worker_of(MemberId member) {
  return index_of(member) < by_member_.size() ? by_member_[index_of(member)] : nullptr;
}

void Pool::dispatch(MemberId member, const Deal& deal, const TaskRequest& request) {
  PoolWorker* worker = worker_of(member);
  if (worker == nullptr) return;
  if (!std::exchange(worker->unflushed, true)) unflushed_.push_back(member);
  try {
    worker->dispatch(deal, request);
  } catch (const channel::Violation& violation) {
    distrust(*worker, violation);
  }
}

void Pool::recall(MemberId member, ChunkId chunk, std::uint32_t count, bool) {
  PoolWorker* worker = worker_of(member);
  if (worker == nullptr) return;
  try {
    answers_.push_back({chunk, worker->recall(chunk, count)});
  } catch (const channel::Violation& violation) {
    distrust(*worker, violation);  // its death deals its tasks again
  }
}

// What waits in the rings is nobody's any more.
void Pool::abandon() {
  broken_ = true;
  for (const Place& worker : workers_) {
    if (worker->state != PoolWorker::State::member) continue;
    worker->surplus = true;
    worker->channel().ask_to_leave(channel::Leave::surplus);
  }
}

void Pool::tell_members(const std::function<void(PoolWorker&)>& tell) {
  for (const Place& worker : workers_) {
    if (worker->state != PoolWorker::State::member || !worker->trusted) continue;
    if (!std::exchange(worker->unflushed, true)) unflushed_.push_back(worker->member);
    try {
      tell(*worker);
    } catch (const channel::Violation& violation) {
      distrust(*worker, violation);
    }
  }
}

void Pool::share(const task::SharedHandle& value) {
  shared_.push_back(value);
  tell_members([&](PoolWorker& worker) { worker.share(value); });
}

void Pool::unshare(std::uint64_t id) {
  std::erase_if(shared_, [id](const task::SharedHandle& value) { return value->place().id == id; });
  tell_members([id](PoolWorker& worker) { worker.unshare(id); });
}

void Pool::request_stop() {
  stop_requested_ = true;
  for (const Place& worker : workers_) worker->channel().request_stop();
}

bool Pool::heeds_stop() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const Place& worker) { return worker->heeds_stop(); });
}

// It may still finish first.
void Pool::kill(MemberId member) {
  if (const PoolWorker* worker = worker_of(member)) request(ZygoteRequest::Kind::end, *worker);
}

void Pool::flush() {
  std::erase_if(unflushed_, [this](MemberId member) {
    PoolWorker* worker = worker_of(member);
    if (worker == nullptr) return true;
    try {
      worker->unflushed = !worker->flush();
    } catch (const channel::Violation& violation) {
      distrust(*worker, violation);
      return true;
    }
    return !worker->unflushed;
  });
}

// A worker that had something to do was awake when it got the rest; ringing for each would cost a system call
// a task whenever tasks are shorter than the time between submits.
void Pool::hint() {
  const bool had_nothing = std::any_of(unflushed_.begin(), unflushed_.end(), [this](MemberId member) {
    const PoolWorker* worker = worker_of(member);
    return worker != nullptr && worker->had_nothing();
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
  const Instant at = now();
  if (at < next_look_) return anything;
  next_look_ = at + look_period;
  if (at >= next_hang_look_) look_for_hangs(at);
  return look(events) || anything;
}

// A worker that was stopped, or that a task's remains keep from going on, while no task runs that could time
// out.
void Pool::look_for_hangs(Instant at) {
  next_hang_look_ = at + hang_period;
  channel::BlockSource::here().tidy();
  KeptMemory::here().tidy();
  for (const Place& worker : workers_) {
    worker->channel().tidy();
    if (worker->state != PoolWorker::State::member || !worker->trusted) continue;
    if (!worker->looks_hung(at, hang_limit)) continue;
    condemn(*worker, "took up no task for 10 s, though it had some,");
  }
}

// Values that come one after the other are nearly all of what small tasks cost here: they are taken from
// shared memory together, without a look at what else they could be.
bool Pool::read_worker(PoolWorker& worker, MemberEvents& events) {
  constexpr std::uint32_t most_at_once = 4096;  // the others have results, too
  std::uint32_t messages = 0;
  try {
    while (worker.trusted && messages < most_at_once && worker.channel().readable()) {
      std::uint32_t taken = take_values(worker, events);
      if (taken == 0 && worker.channel().read(arrived_)) {
        handle(worker, arrived_, events);
        taken = 1;
      }
      messages += taken;
    }
  } catch (const std::exception& error) {
    // A Violation, or a payload that cannot be decoded or is too large: this worker cannot be trusted.
    distrust(worker, error);
  }
  pass_values_on(events);
  if (messages != 0) worker.channel().have_read();
  return messages != 0;
}

std::uint32_t Pool::take_values(PoolWorker& worker, MemberEvents& events) {
  const auto next = worker.next();
  return next ? worker.take_values(values_before(worker, *next, events)) : 0;
}

void Pool::handle(PoolWorker& worker, channel::OwnedMessage& message, MemberEvents& events) {
  if (message.kind != static_cast<std::uint32_t>(Up::outcome)) pass_values_on(events);
  switch (static_cast<Up>(message.kind)) {
    case Up::ready:
      ready(worker, events);
      break;
    case Up::unusable:
    case Up::no_preload: {
      if (worker.state != PoolWorker::State::starting) throw channel::Violation("unusable after it was used");
      const bool preload = static_cast<Up>(message.kind) == Up::no_preload;
      const ByteView text = message.behind(0);
      const std::string words(reinterpret_cast<const char*>(text.data()), text.size());
      give_up(std::string("the ") + (preload ? "preload" : "initializer") + " failed: " + words, events);
      break;
    }
    case Up::outcome:
      outcome(worker, message, events);
      break;
    case Up::leaving:
      leaving(worker, message.payload, events);
      break;
    case Up::value:
      throw channel::Violation("a value of a task that was not dealt");
    default:
      throw channel::Violation("an unknown kind of message");
  }
}

void Pool::outcome(PoolWorker& worker, channel::OwnedMessage& message, MemberEvents& events) {
  task::OutcomeHead head;
  if (message.payload.size() < sizeof head) throw channel::Violation("an outcome without a head");
  std::memcpy(&head, message.payload.data(), sizeof head);
  const ByteView body = message.behind(sizeof head);
  const bool returned = head.ending == static_cast<std::uint64_t>(task::Ending::value);
  task::Outcome outcome;
  if (!returned) task::unpack_failure(body, outcome);
  const task::ValueMark mark{0, head.start_ns, std::max(head.run_ns, std::int64_t{0})};
  const auto answered = worker.take(message.mark, mark);
  if (!answered) throw channel::Violation("an outcome of a task that was not dealt");
  if (returned && body.size() <= most_value_bytes)
    return task::ValueAdder(values_before(worker, *answered, events)).add(body, mark.start_ns, mark.run_ns);
  pass_values_on(events);
  outcome.ending = returned ? task::Ending::value : task::Ending::thrown;
  if (body.size() > always_mapped && body.size() <= channel::most_kept) KeptMemory::here().keep();
  if (returned) outcome.value = message.is_large ? std::move(message.large) : copy_of(body);
  outcome.execution = {answered->attempt, worker.number, options_.rank, mark.start_ns, mark.run_ns};
  events.ended(answered->chunk, answered->place, std::move(outcome));
}

// Those that will be told together with the value of this task, which is next in a row or begins one.
task::Values& Pool::values_before(const PoolWorker& worker, const PoolWorker::Answered& next,
                                  MemberEvents& events) {
  task::Values& values = values_.values;
  const bool in_a_row = values.count() != 0 && values_.chunk == next.chunk &&
                        values_.first + values.count() == next.place && values.attempt == next.attempt;
  if (in_a_row) return values;
  pass_values_on(events);
  values_.chunk = next.chunk;
  values_.first = next.place;
  values.attempt = next.attempt;
  values.worker = worker.number;
  values.rank = options_.rank;
  return values;
}

void Pool::pass_values_on(MemberEvents& events) {
  if (values_.values.count() == 0) return;
  events.returned(values_.chunk, values_.first, values_.values);
  values_.values.bytes.clear();
  values_.values.marks.clear();
}

// It is not read any more.
void Pool::distrust(PoolWorker& worker, const std::exception& violation) {
  worker.trusted = false;
  condemn(worker,
          std::string("wrote into shared memory what no correct worker writes (") + violation.what() + ")");
}

void Pool::condemn(PoolWorker& worker, std::string verdict) {
  if (worker.verdict.empty()) worker.verdict = std::move(verdict);
  request(ZygoteRequest::Kind::kill, worker);
}

void Pool::request(ZygoteRequest::Kind kind, const PoolWorker& worker) const {
  const ZygoteRequest request{kind, worker.process()};
  if (line_.socket) channel::send_message(line_.socket.get(), bytes_of(request));
}

bool Pool::prepare_sleep(const SleepPlan& plan) {
  bool quiet = answers_.empty();
  for (const Place& worker : workers_) {
    if (!worker->trusted) continue;
    try {
      quiet = worker->prepare_sleep(plan) && quiet;
    } catch (const channel::Violation& violation) {
      distrust(*worker, violation);
    }
  }
  if (quiet) next_look_ = {};  // at what has ended the sleep
  return quiet;
}

void Pool::add_descriptors(std::vector<pollfd>& descriptors) const {
  descriptors.push_back({watched_.get(), POLLIN, 0});
}

void Pool::close() {
  if (std::exchange(closing_, true)) return;
  for (const Place& worker : workers_)
    if (!worker->stop()) request(ZygoteRequest::Kind::kill, *worker);
  if (workers_.empty()) drop_line();
}

}  // namespace acre::node
