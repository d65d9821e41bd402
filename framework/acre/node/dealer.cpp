#include <algorithm>
#include <utility>

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/node/dealer.hpp>

namespace acre::node {
namespace {
// Waking for each of tasks that follow one another within microseconds would take longer than they do. How
// long they take is known of the last ones only: a sleep that was planned so does not outlast a mistake.
constexpr Duration longest_delay = std::chrono::microseconds(200);
std::uint64_t in_no_time(Duration task_time) {
  constexpr Duration no_time = std::chrono::microseconds(120);
  return task_time > Duration::zero() ? static_cast<std::uint64_t>(no_time / task_time) : 0;
}
}  // namespace

schedule::Policy executor_policy() {
  schedule::Policy policy;
  policy.max_unborn = 3;
  policy.max_fruitless = 100;
  return policy;
}

Dealer::Dealer(const schedule::Policy& policy, std::unique_ptr<observe::EventLog> log)
    : scheduler_(policy), log_(std::move(log)), watching_starts_(policy.speculate_after > 0) {}

void Dealer::add_group(std::unique_ptr<MemberGroup> group) {
  groups_.push_back(std::move(group));
  if (watching_starts_) groups_.back()->watch_starts();
  if (stop_requested_) groups_.back()->request_stop();
}

void Dealer::watch_starts() {
  if (std::exchange(watching_starts_, true)) return;
  for (const auto& group : groups_) group->watch_starts();
}

void Dealer::request_stop() {
  if (std::exchange(stop_requested_, true)) return;
  for (const auto& group : groups_) group->request_stop();
}

bool Dealer::heeds_stop() const {
  return std::any_of(groups_.begin(), groups_.end(), [](const auto& group) { return group->heeds_stop(); });
}

void Dealer::share(const task::SharedHandle& value) {
  for (const auto& group : groups_) group->share(value);
}

void Dealer::unshare(std::uint64_t id) {
  for (const auto& group : groups_) group->unshare(id);
}

void Dealer::resize(std::uint32_t workers) {
  for (const auto& group : groups_) group->resize(workers);
}

bool Dealer::progress() {
  bool anything = false;
  looked_at_clock_ = false;
  const Instant due = scheduler_.next_deadline();
  if (due != Instant::never() && now() >= due) step(schedule::Tick{});
  for (const auto& group : groups_) {
    anything |= group->poll(*this);
    group->flush();
  }
  return anything;
}

bool Dealer::prepare_sleep(SleepPlan plan, std::vector<pollfd>& descriptors, Duration& longest) {
  const schedule::Counts counts = scheduler_.counts();
  plan.low_water |= counts.ready > 0;
  plan.idle_workers = counts.held + counts.running < scheduler_.total_workers();
  plan.task_time = scheduler_.mean_task_time();
  if (plan.awaited) plan.awaited_at = scheduler_.whereabouts(plan.awaited->task, plan.awaited->place);
  plan.ahead = plan.awaited_at && !plan.at_once ? in_no_time(plan.task_time) : 0;
  if (plan.ahead != 0) longest = std::min(longest, longest_delay);
  if (const Instant due = scheduler_.next_deadline(); due != Instant::never())
    longest = std::clamp(due - now(), Duration{0}, longest);
  for (const auto& group : groups_) {
    group->flush();
    if (!group->prepare_sleep(plan)) return false;
    group->add_descriptors(descriptors);
    longest = std::min(longest, group->longest_sleep());
  }
  if (log_ != nullptr) log_->flush();
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

bool Dealer::all_ready() const {
  return std::all_of(groups_.begin(), groups_.end(), [](const auto& group) { return group->all_ready(); });
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

void Dealer::joined(MemberId member, std::uint32_t workers, bool agent) {
  step(schedule::MemberJoined{member, workers, agent});
}

void Dealer::lost(MemberId member, const Loss& loss) {
  note_loss(member, loss);
  if (!loss.blameless) ++tally_.workers_lost;
  loss_ = &loss;
  members_[index_of(member)] = nullptr;
  step(schedule::MemberLost{member, loss.blameless});
  free_members_.push_back(index_of(member));
  loss_ = nullptr;
}

/// What became of each attempt is told should the task be given up in the end.
void Dealer::note_loss(MemberId member, const Loss& loss) {
  const auto running = scheduler_.running(member);
  if (!running) {
    last_death_ = "workers die while they run no task; the last one " + loss.how;
    return;
  }
  Entry* entry = find(running->task);
  if (entry == nullptr) return;
  std::string& account = entry->request.account[running->place];
  account += (account.empty() ? "" : "; ") + loss.words;
}

void Dealer::unborn(const std::string& words) {
  last_death_ = "workers die before they can take tasks; the last one " + words;
  step(schedule::MemberUnborn{});
}

void Dealer::started(ChunkId chunk) { step(schedule::Started{chunk}); }

void Dealer::ended(ChunkId chunk, std::uint32_t place, task::Outcome&& outcome) {
  const Duration run_time(outcome.execution.run_ns);
  arrived_ = &outcome;
  if (outcome.ending == task::Ending::value)
    step(schedule::Finished{chunk, place, 1, run_time}, time_of_end());
  else
    step(schedule::Failed{chunk, place, run_time}, time_of_end());
  arrived_ = nullptr;
}

void Dealer::returned(ChunkId chunk, std::uint32_t first, const task::Values& values) {
  const auto begin = scheduler_.first_place(chunk);
  if (!begin) return;
  Duration run_time{};
  for (const task::ValueMark& mark : values.marks) run_time += Duration(mark.run_ns);
  arrived_values_ = &values;
  arrived_place_ = *begin + first;
  step(schedule::Finished{chunk, first, values.count(), run_time}, time_of_end());
  arrived_values_ = nullptr;
}

void Dealer::taken_back(ChunkId chunk, std::uint32_t first, std::uint32_t count, const Losses& losses) {
  if (!losses.account.empty())
    if (Entry* entry = find(losses.task)) entry->request.account[losses.place] = losses.account;
  step(schedule::RecallAnswered{chunk, true, first, count, losses.used, losses.used});
}

void Dealer::kept(ChunkId chunk) { step(schedule::RecallAnswered{.chunk = chunk, .recalled = false}); }

// While nothing is timed, only a log asks when a task was submitted.
Instant Dealer::time_of_submit() const {
  return log_ == nullptr && scheduler_.next_deadline() == Instant::never() ? stepped_at_ : now();
}

// One look at the clock does for all that is read in a round, unless the next task's timeout begins there.
Instant Dealer::time_of_end() {
  return std::exchange(looked_at_clock_, true) && !watching_starts_ ? stepped_at_ : now();
}

// A completion may cancel, which steps the scheduler inside perform(): its actions queue up behind.
void Dealer::step(const schedule::Event& event, Instant at) {
  stepped_at_ = at;
  const std::size_t before = actions_.size();
  scheduler_.step(at, event, actions_);
  if (scheduler_.drained()) request_stop();
  if (log_ != nullptr) log_->record(at, event, std::span(actions_).subspan(before));
  if (std::exchange(performing_, true)) return;
  try {
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      const schedule::Action action = actions_[i];
      std::visit([this](const auto& what) { perform(what); }, action);
    }
  } catch (const std::exception&
               error) {  // the system refused memory or a descriptor: tasks that were to be dealt are stuck
    broken(error.what());
  }
  actions_.clear();
  performing_ = false;
}

void Dealer::perform(const schedule::Dispatch& action) {
  Entry* entry = find(action.task);
  MemberGroup* group = members_[index_of(action.member)];
  if (entry == nullptr || group == nullptr) return;
  note_dealt(*entry, action.first + action.count);
  group->dispatch(action.member, {action.chunk, action.first, action.count, action.attempt, action.task},
                  entry->request);
}

void Dealer::perform(const schedule::Recall& action) {
  if (MemberGroup* group = members_[index_of(action.member)])
    group->recall(action.member, action.chunk, action.count, action.unwanted);
}

void Dealer::perform(const schedule::Kill& action) {
  if (MemberGroup* group = members_[index_of(action.member)]) group->kill(action.member);
}

void Dealer::perform(const schedule::Break&) { broken(last_death_); }

}  // namespace acre::node
