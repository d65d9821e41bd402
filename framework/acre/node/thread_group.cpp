#include <algorithm>
#include <system_error>

#include <acre/base/error.hpp>
#include <acre/node/placement.hpp>
#include <acre/node/process.hpp>
#include <acre/node/thread_group.hpp>

namespace acre::node {

ThreadGroup::ThreadGroup(PoolOptions options)
    : options_(std::move(options)), cpus_(places_of(options_.setup.cpus, options_.workers)) {
  start_missing_threads();
}

void ThreadGroup::start_missing_threads() {
  places_.resize(std::max<std::size_t>(places_.size(), options_.workers));
  try {
    for (std::uint32_t number = 0; number < options_.workers; ++number) {
      if (places_[number].worker != nullptr) continue;
      places_[number] = {};
      places_[number].worker = std::make_unique<ThreadWorker>(
          share_, [this, number](task::Surroundings& here) { return prepare(number, here); });
    }
  } catch (const std::system_error& error) {
    throw Error("cannot start " + std::to_string(options_.workers) + " threads for an executor (" +
                error.what() + "): raise the limit on processes (ulimit -u), or take fewer workers");
  }
}

// On the worker's thread. Whoever comes first runs the preload, the others wait for it.
std::string ThreadGroup::prepare(std::uint32_t number, task::Surroundings& here) {
  const PoolSetup& setup = options_.setup;
  name_this_thread("acre worker");
  {
    const std::lock_guard lock(cpus_mutex_);
    use_cpus(0, cpus_of(number));
  }
  std::call_once(preload_once_, [&] {
    if (setup.has_preload) preload_failure_ = try_hook(setup.preload, setup.preload_arguments, preloaded_);
  });
  if (!preload_failure_.empty()) return "the preload failed: " + preload_failure_;
  here.preloaded = preloaded_;
  if (!setup.has_initializer) return {};
  const std::string failure = try_hook(setup.initializer, setup.initializer_arguments, here.per_worker);
  return failure.empty() ? std::string() : "the initializer failed: " + failure;
}

std::span<const int> ThreadGroup::cpus_of(std::uint32_t number) const {
  const bool bound = number < cpus_.size() && !cpus_[number].empty();
  return bound ? cpus_[number] : options_.setup.cpus;
}

void ThreadGroup::resize(std::uint32_t workers) {
  options_.workers = workers;
  if (!closing_) start_missing_threads();
  const std::lock_guard lock(cpus_mutex_);
  cpus_ = places_of(options_.setup.cpus, workers);
  for (std::uint32_t number = 0; number < places_.size(); ++number) {
    Place& place = places_[number];
    if (place.worker == nullptr) continue;
    place.worker->use_cpus(cpus_of(number));
    if (number >= workers && !std::exchange(place.surplus, true)) place.worker->retire();
  }
}

// A place that is wanted again by the time its thread has left gets a new one.
bool ThreadGroup::part_with(std::uint32_t number, MemberEvents& events) {
  Place& place = places_[number];
  const ThreadWorker::State state = place.worker->state();
  if (!place.surplus || !place.told || closing_ || state != ThreadWorker::State::ended) return false;
  collect(number, events);  // what it has done since the last look
  const MemberId member = place.member;
  place = {};
  events.lost(member, {.words = "its worker left",
                       .how = "left",
                       .worker = number,
                       .rank = options_.rank,
                       .blameless = true});
  start_missing_threads();
  return true;
}

void ThreadGroup::dispatch(MemberId member, const Deal& deal, const TaskRequest& request) {
  Place& place = place_of(member);
  if (!std::exchange(place.unflushed, true)) unflushed_.push_back(by_member_[index_of(member)]);
  for (std::uint32_t i = 0; i < deal.count; ++i)
    place.worker->dispatch({deal.chunk, i}, request.head_of(deal.first + i, deal.attempt),
                           request.arguments_of(deal.first + i));
}

void ThreadGroup::recall(MemberId member, ChunkId chunk, std::uint32_t count, bool) {
  answers_.push_back({chunk, place_of(member).worker->recall(chunk, count)});
}

void ThreadGroup::flush() {
  for (const std::uint32_t number : unflushed_) {
    places_[number].unflushed = false;
    if (places_[number].worker != nullptr) places_[number].worker->wake();
  }
  unflushed_.clear();
}

// A thread with more than this one task was awake when it got the others: see Pool::hint.
void ThreadGroup::hint() {
  const bool had_nothing = std::any_of(unflushed_.begin(), unflushed_.end(), [this](std::uint32_t number) {
    return places_[number].worker != nullptr && places_[number].worker->load() == 1;
  });
  if (had_nothing) flush();
}

bool ThreadGroup::poll(MemberEvents& events) {
  bool anything = !answers_.empty();
  for (const Answer& answer : std::exchange(answers_, {})) {
    if (answer.back.count != 0) events.taken_back(answer.chunk, answer.back.first, answer.back.count, {});
    if (!answer.back.all) events.kept(answer.chunk);
  }
  for (std::uint32_t number = 0; number < places_.size(); ++number) {
    Place& place = places_[number];
    if (place.worker == nullptr) continue;
    if (!place.told && place.worker->state() != ThreadWorker::State::starting) {
      place.told = anything = true;
      welcome(place, events);
    }
    anything |= collect(number, events);
    if (part_with(number, events)) {
      anything = true;
      continue;
    }
    if (!watching_starts_) continue;
    if (const auto started = place.worker->newly_running()) events.started(*started);
  }
  return anything;
}

void ThreadGroup::welcome(Place& place, MemberEvents& events) {
  if (place.worker->state() == ThreadWorker::State::unusable) {
    events.broken(place.worker->words() + on_host(options_.host, options_.rank));
  } else if (!closing_) {
    place.member = events.enroll(*this);
    if (by_member_.size() <= index_of(place.member)) by_member_.resize(index_of(place.member) + 1);
    by_member_[index_of(place.member)] = static_cast<std::uint32_t>(&place - places_.data());
    events.joined(place.member, 1, false);
  }
}

bool ThreadGroup::collect(std::uint32_t number, MemberEvents& events) {
  bool anything = false;
  while (auto end = places_[number].worker->take()) {
    anything = true;
    const task::Execution where{
        .attempt = end->attempt, .worker = number, .rank = options_.rank, .start_ns = 0, .run_ns = 0};
    events.ended(end->part.chunk, end->part.place, outcome_of(end->head, std::move(end->result), where));
  }
  return anything;
}

bool ThreadGroup::prepare_sleep(const SleepPlan& plan) {
  share_.bell.clear();
  bool quiet = answers_.empty() && !closed();
  for (const Place& place : places_) {
    if (place.worker == nullptr) continue;
    const ThreadWorker::State state = place.worker->state();
    quiet = place.worker->prepare_sleep(plan) && quiet;
    quiet = quiet && (place.told || state == ThreadWorker::State::starting);
    quiet = quiet && !(place.surplus && state == ThreadWorker::State::ended);
  }
  return quiet;
}

bool ThreadGroup::all_ready() const {
  return std::all_of(places_.begin(), places_.begin() + options_.workers, [](const Place& place) {
    return place.worker != nullptr && place.told && !place.surplus;
  });
}

void ThreadGroup::add_descriptors(std::vector<pollfd>& descriptors) const {
  descriptors.push_back({share_.bell.fd(), POLLIN, 0});
}

void ThreadGroup::close() {
  closing_ = true;
  share_.leave.store(true);
  for (const Place& place : places_)
    if (place.worker != nullptr) place.worker->wake();
}

bool ThreadGroup::closed() const {
  return closing_ && std::all_of(places_.begin(), places_.end(), [](const Place& place) {
           if (place.worker == nullptr) return true;
           const ThreadWorker::State state = place.worker->state();
           return state == ThreadWorker::State::ended || state == ThreadWorker::State::unusable;
         });
}

}  // namespace acre::node
