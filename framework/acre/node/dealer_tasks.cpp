// The tasks of a dealer: how they come, how those are told that wait for them, and how they go. The rest of
// Dealer is in dealer.cpp.
#include <utility>

#include <acre/base/check.hpp>
#include <acre/node/dealer.hpp>

namespace acre::node {
namespace {
task::Outcome without_value(task::Ending ending, std::string message) {
  task::Outcome outcome;
  outcome.ending = ending;
  outcome.message = std::move(message);
  return outcome;
}

// Frees what it holds, which mostly is little: cheaper than a new request in its place.
void let_go(TaskRequest& request) {
  request.arguments = Bytes();
  request.ends = {};
  request.keeps = {};
  request.account.clear();
}

schedule::Submitted submitted(TaskId task, const TaskRequest& request) {
  // Only a dying worker costs an attempt here: what a task throws is final.
  const std::uint32_t lost = std::max(request.head.attempt, 1u) - 1;
  const Terms& terms = request.terms;
  return {.task = task,
          .max_attempts = terms.max_attempts,
          .used = lost,
          .strikes = lost,
          .count = request.count(),
          .chunk = terms.chunk,
          .priority = terms.priority,
          .expected = Duration(terms.expected_ns),
          .timeout = Duration(terms.timeout_ns)};
}
}  // namespace

TaskId Dealer::submit(TaskRequest&& request) {
  const TaskId task = reserve();
  submit_as(task, std::move(request));
  return task;
}

TaskId Dealer::reserve() {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(entries_.size()));
    entries_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return make_task_id(slot, ++entries_[slot].generation);
}

void Dealer::submit_as(TaskId task, TaskRequest&& request) {
  if (!broken_.empty()) {
    free_slots_.push_back(slot_of(task));
    for (std::uint32_t place = 0; place < request.count(); ++place)
      tell(request, place, without_value(task::Ending::broken, broken_));
    return;
  }
  if (request.terms.timeout_ns != 0) watch_starts();
  Entry& entry = entries_[slot_of(task)];
  entry.request = std::move(request);
  entry.left = entry.request.count();
  entry.dealt = entry.holes = 0;
  undealt_.tasks += entry.left;
  undealt_.bytes += entry.request.arguments.size();
  if (!entry.ended.empty() || !entry.request.ends.empty())
    entry.ended.assign(entry.request.ends.size(), false);
  step(submitted(task, entry.request), time_of_submit());
  for (const auto& group : groups_) group->hint();
}

void Dealer::cancel_all() {
  for (std::uint32_t slot = 0; slot < entries_.size(); ++slot)
    if (entries_[slot].left != 0) cancel({make_task_id(slot, entries_[slot].generation)});
}

void Dealer::perform(const schedule::Deliver& action) {
  if (arrived_values_ == nullptr) {
    ACRE_CHECK(arrived_ != nullptr && action.count == 1, "an outcome is delivered in the step it arrives in");
    return finish(action.task, action.first, std::move(*arrived_));
  }
  Entry* entry = find(action.task);
  if (entry == nullptr) return;
  tally_.note(*arrived_values_, action.count);
  note_end(*entry, action.task, action.first, action.count)
      ->complete_all(action.first, *arrived_values_, action.first - arrived_place_, action.count);
}

void Dealer::perform(const schedule::GiveUp& action) {
  Entry* entry = find(action.task);
  if (entry == nullptr) return;
  cut_short_ |= action.reason == schedule::Reason::drained;
  note_undealt(*entry, action.first, action.count);
  for (std::uint32_t place = action.first; place < action.first + action.count; ++place) {
    const auto& accounts = entry->request.account;
    const auto account = accounts.find(place);
    finish(action.task, place, given_up(action, account == accounts.end() ? "" : account->second));
  }
}

task::Outcome Dealer::given_up(const schedule::GiveUp& action, const std::string& account) const {
  task::Outcome outcome;
  outcome.execution.attempt = action.attempts;
  const auto end = [&](task::Ending ending, std::string message) {
    outcome.ending = ending;
    outcome.message = std::move(message);
  };
  switch (action.reason) {
    case schedule::Reason::cancelled:
      end(task::Ending::cancelled, account);
      return outcome;
    case schedule::Reason::drained:
      end(task::Ending::drained, "not started: the run is ending");
      return outcome;
    case schedule::Reason::worker_lost:
      end(task::Ending::worker_lost, account.empty() ? "its worker was lost" : account);
      break;
    case schedule::Reason::quarantined:
      end(task::Ending::quarantined,
          "it is not tried again, as it ended " + std::to_string(action.attempts) + " workers: " + account);
      break;
    case schedule::Reason::timed_out:
      end(task::Ending::timed_out, "it ran longer than its timeout: " + account);
      break;
  }
  if (loss_ != nullptr) {
    outcome.execution.worker = loss_->worker;
    outcome.execution.rank = loss_->rank;
    outcome.death = loss_->death;
  }
  return outcome;
}

void Dealer::broken(const std::string& words) {
  if (!broken_.empty()) return;
  broken_ = words;
  request_stop();
  for (const auto& group : groups_) group->abandon();
  undealt_ = {};
  for (Entry& entry : entries_) {
    if (std::exchange(entry.left, 0) == 0) continue;
    const TaskRequest request = std::exchange(entry.request, {});
    for (std::uint32_t place = 0; place < request.count(); ++place)
      if (!entry.has_ended(place)) tell(request, place, without_value(task::Ending::broken, broken_));
  }
}

Dealer::Entry* Dealer::find(TaskId task) {
  Entry& entry = entries_.at(slot_of(task));
  const bool current = entry.left != 0 && make_task_id(slot_of(task), entry.generation) == task;
  return current ? &entry : nullptr;
}

// The scheduler deals a range from its front; what comes back to be dealt again is not counted again.
void Dealer::note_dealt(Entry& entry, std::uint32_t end) {
  if (end <= entry.dealt) return;
  const std::uint32_t begin = std::exchange(entry.dealt, end);
  undealt_.tasks -= end - begin;
  undealt_.bytes -= entry.request.arguments_of(begin, end - begin).size();
  for (std::uint32_t place = begin; place < end && entry.holes != 0; ++place) {
    if (!entry.has_ended(place)) continue;
    --entry.holes;
    ++undealt_.tasks;
    undealt_.bytes += entry.request.arguments_of(place).size();
  }
}

// These end; perhaps without having been dealt.
void Dealer::note_undealt(Entry& entry, std::uint32_t first, std::uint32_t count) {
  if (first <= entry.dealt) return note_dealt(entry, first + count);
  undealt_.tasks -= count;
  undealt_.bytes -= entry.request.arguments_of(first, count).size();
  entry.holes += count;
}

void Dealer::tell(const TaskRequest& request, std::uint32_t place, task::Outcome&& outcome) {
  tally_.note(outcome);
  request.completion->complete(place, std::move(outcome));
}

void Dealer::finish(TaskId task, std::uint32_t place, task::Outcome&& outcome) {
  Entry* entry = find(task);
  if (entry == nullptr) return;
  tally_.note(outcome);
  note_end(*entry, task, place, 1)->complete(place, std::move(outcome));
}

// Who is to be told: what it does then may submit, so that the entry is of another range already.
std::shared_ptr<Completion> Dealer::note_end(Entry& entry, TaskId task, std::uint32_t place,
                                             std::uint32_t count) {
  entry.note_ends(place, count);
  entry.left -= count;
  if (entry.left != 0) return entry.request.completion;
  note_dealt(entry, entry.request.count());
  std::shared_ptr<Completion> completion = std::move(entry.request.completion);
  let_go(entry.request);
  free_slots_.push_back(slot_of(task));
  return completion;
}

}  // namespace acre::node
