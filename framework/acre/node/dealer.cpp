#include <algorithm>
#include <utility>

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/node/dealer.hpp>

namespace acre::node {
namespace {
task::Outcome without_value(task::Ending ending, std::string message) {
  task::Outcome outcome;
  outcome.ending = ending;
  outcome.message = std::move(message);
  return outcome;
}
}  // namespace

void Dealer::add_group(std::unique_ptr<MemberGroup> group) { groups_.push_back(std::move(group)); }

TaskId Dealer::submit(TaskRequest request) {
  if (!broken_.empty()) {
    request.completion->complete(without_value(task::Ending::broken, broken_));
    return {};
  }
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(entries_.size()));
    entries_.emplace_back();
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  Entry& entry = entries_[slot];
  entry.request = std::move(request);
  entry.live = true;
  const TaskId task = make_task_id(slot, ++entry.generation);
  const std::uint32_t attempt = entry.request.head.attempt;
  step(schedule::Submitted{task, entry.request.max_attempts, attempt == 0 ? 0 : attempt - 1});
  for (const auto& group : groups_) group->hint();
  return task;
}

void Dealer::cancel(TaskId task, bool if_unstarted) { step(schedule::CancelRequested{task, if_unstarted}); }
void Dealer::drain() { step(schedule::DrainRequested{}); }

bool Dealer::progress() {
  bool anything = false;
  for (const auto& group : groups_) {
    anything |= group->poll(*this);
    group->flush();
  }
  return anything;
}

bool Dealer::prepare_sleep(SleepPlan plan, std::vector<pollfd>& descriptors, Duration& longest) {
  plan.low_water |= scheduler_.counts().ready > 0;
  for (const auto& group : groups_) {
    group->flush();
    if (!group->prepare_sleep(plan)) return false;
    group->add_descriptors(descriptors);
    longest = std::min(longest, group->longest_sleep());
  }
  return true;
}

void Dealer::close() {
  for (const auto& group : groups_) group->close();
}

void Dealer::drop_groups() {
  groups_.clear();
  members_.clear();
}

bool Dealer::closed() const {
  return std::all_of(groups_.begin(), groups_.end(), [](const auto& group) { return group->closed(); });
}

MemberId Dealer::enroll(MemberGroup& group) {
  if (free_members_.empty()) {
    free_members_.push_back(static_cast<std::uint32_t>(members_.size()));
    members_.push_back(nullptr);
  }
  const MemberId member{free_members_.back()};
  free_members_.pop_back();
  members_[index_of(member)] = &group;
  return member;
}

void Dealer::joined(MemberId member, std::uint32_t workers) { step(schedule::MemberJoined{member, workers}); }

void Dealer::lost(MemberId member, const Loss& loss) {
  loss_ = &loss;
  members_[index_of(member)] = nullptr;
  step(schedule::MemberLost{member});
  free_members_.push_back(index_of(member));
  loss_ = nullptr;
}

void Dealer::started(MemberId member, TaskId task) { step(schedule::Started{member, task}); }

void Dealer::ended(MemberId member, TaskId task, task::Outcome&& outcome) {
  const Duration run_time(outcome.execution.run_ns);
  arrived_ = &outcome;
  if (outcome.ending == task::Ending::value)
    step(schedule::Finished{member, task, run_time});
  else
    step(schedule::Failed{member, task, run_time});
  arrived_ = nullptr;
}

void Dealer::recalled(MemberId member, TaskId task, bool taken_back, std::uint32_t used) {
  step(schedule::RecallAnswered{member, task, taken_back, used});
}

void Dealer::broken(const std::string& words) {
  if (!broken_.empty()) return;
  broken_ = words;
  for (Entry& entry : entries_) {
    if (!entry.live) continue;
    entry.live = false;
    const auto completion = std::exchange(entry.request, {}).completion;
    completion->complete(without_value(task::Ending::broken, broken_));
  }
}

// A group may answer a recall at once, which steps the scheduler inside perform(): its actions queue up
// behind.
void Dealer::step(const schedule::Event& event) {
  scheduler_.step(now(), event, actions_);
  if (std::exchange(performing_, true)) return;
  try {
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      const schedule::Action action = actions_[i];
      perform(action);
    }
  } catch (const std::exception&
               error) {  // the system refused memory or a descriptor: tasks that were to be dealt are stuck
    broken(error.what());
  }
  actions_.clear();
  performing_ = false;
}

void Dealer::perform(const schedule::Action& action) {
  if (const auto* dispatch = std::get_if<schedule::Dispatch>(&action)) {
    Entry* entry = find(dispatch->task);
    MemberGroup* group = members_[index_of(dispatch->member)];
    if (entry == nullptr || group == nullptr) return;
    entry->request.head.attempt = dispatch->attempt;
    group->dispatch(dispatch->member, dispatch->task, entry->request.head, entry->request.arguments);
  } else if (const auto* recall = std::get_if<schedule::Recall>(&action)) {
    if (MemberGroup* group = members_[index_of(recall->member)]) group->recall(recall->member, recall->task);
  } else if (const auto* deliver = std::get_if<schedule::Deliver>(&action)) {
    ACRE_CHECK(arrived_ != nullptr, "an outcome is delivered in the step it arrives in");
    finish(deliver->task, std::move(*arrived_));
  } else if (const auto* given_up = std::get_if<schedule::GiveUp>(&action)) {
    give_up(*given_up);
  }
}

void Dealer::give_up(const schedule::GiveUp& given_up) {
  task::Outcome outcome;
  outcome.execution.attempt = given_up.attempts;
  switch (given_up.reason) {
    case schedule::Reason::worker_lost:
      outcome.ending = task::Ending::worker_lost;
      outcome.message = loss_ == nullptr ? "its worker was lost" : loss_->words;
      if (loss_ != nullptr) outcome.execution.worker = loss_->worker, outcome.execution.rank = loss_->rank;
      break;
    case schedule::Reason::cancelled:
      outcome.ending = task::Ending::cancelled;
      outcome.message = "cancelled before it started";
      break;
    case schedule::Reason::drained:
      outcome.ending = task::Ending::drained;
      outcome.message = "not started: the run is ending";
      break;
  }
  finish(given_up.task, std::move(outcome));
}

Dealer::Entry* Dealer::find(TaskId task) {
  Entry& entry = entries_.at(slot_of(task));
  const bool current = entry.live && make_task_id(slot_of(task), entry.generation) == task;
  return current ? &entry : nullptr;
}

void Dealer::finish(TaskId task, task::Outcome&& outcome) {
  Entry* entry = find(task);
  if (entry == nullptr) return;
  entry->live = false;
  const auto completion = std::move(entry->request.completion);
  entry->request.arguments = {};
  free_slots_.push_back(slot_of(task));
  completion->complete(std::move(outcome));
}

}  // namespace acre::node
