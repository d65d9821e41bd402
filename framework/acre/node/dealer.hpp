// The dealer drives one scheduler over groups of members: at the root for an executor, at an agent for its
// node.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <acre/node/member_group.hpp>
#include <acre/schedule/scheduler.hpp>

namespace acre::node {

/// Who is told how a task ended.
class Completion {
 public:
  virtual ~Completion() = default;
  /// Called once, inside a call of the dealer; must be quick and must not call the dealer.
  virtual void complete(task::Outcome&& outcome) noexcept = 0;
};

/// A task as the dealer gets it.
struct TaskRequest {
  task::TaskHead head;  ///< attempt: the one to begin with, 0 or 1 for a new task
  Bytes arguments;
  std::uint32_t max_attempts = 1;
  std::shared_ptr<Completion> completion;
};

/// Tasks in, outcomes out. One thread at a time; only sleep() blocks.
class Dealer final : private MemberEvents {
 public:
  explicit Dealer(schedule::Policy policy = {}) : scheduler_(policy) {}

  void add_group(std::unique_ptr<MemberGroup> group);
  /// An idle worker starts on it at once, also if nobody calls the dealer for a while.
  TaskId submit(TaskRequest request);
  /// Takes a task back if it has not started; its completion hears of it, at once for local tasks. One that
  /// has started is not tried again should its worker die, unless `if_unstarted`.
  void cancel(TaskId task, bool if_unstarted = false);
  /// Starts nothing more: what is not running ends as drained.
  void drain();
  /// Ends every task as broken, now and in future; words say why. The first words stay.
  void fail(const std::string& words) { broken(words); }
  /// Handles all that members have reported; true if anything had happened.
  bool progress();

  /// Arranges to be rung and collects what to poll; false if there is something to do already.
  bool prepare_sleep(SleepPlan plan, std::vector<pollfd>& descriptors, Duration& longest);

  /// Stops the members; closed() tells when they are gone.
  void close();
  bool closed() const;
  /// Ends the members that are left, whatever they do.
  void drop_groups();

  bool idle() const { return scheduler_.idle(); }
  schedule::Counts counts() const { return scheduler_.counts(); }
  std::uint32_t workers() const { return scheduler_.total_workers(); }
  const std::string& broken_words() const { return broken_; }

 private:
  struct Entry {
    TaskRequest request;
    std::uint32_t generation = 0;
    bool live = false;
  };

  MemberId enroll(MemberGroup& group) override;
  void joined(MemberId member, std::uint32_t workers) override;
  void lost(MemberId member, const Loss& loss) override;
  void started(MemberId member, TaskId task) override;
  void ended(MemberId member, TaskId task, task::Outcome&& outcome) override;
  void recalled(MemberId member, TaskId task, bool taken_back, std::uint32_t used) override;
  void broken(const std::string& words) override;

  void step(const schedule::Event& event);
  void perform(const schedule::Action& action);
  void give_up(const schedule::GiveUp& given_up);
  Entry* find(TaskId task);
  void finish(TaskId task, task::Outcome&& outcome);

  schedule::Scheduler scheduler_;
  std::vector<std::unique_ptr<MemberGroup>> groups_;
  std::vector<MemberGroup*> members_;  ///< the group of each member, by its id; null if the id is free
  std::vector<std::uint32_t> free_members_, free_slots_;
  std::vector<Entry> entries_;
  schedule::Actions actions_;
  bool performing_ = false;
  task::Outcome* arrived_ = nullptr;  ///< the outcome that came with the event being stepped
  const Loss* loss_ = nullptr;        ///< the loss being stepped
  std::string broken_;
};

}  // namespace acre::node
