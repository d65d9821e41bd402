// The dealer drives one scheduler over groups of members: at the root for an executor, at an agent for its
// node.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <acre/node/member_group.hpp>
#include <acre/node/tally.hpp>
#include <acre/observe/event_log.hpp>
#include <acre/schedule/scheduler.hpp>

namespace acre::node {

/// The policy of executors, on every level.
schedule::Policy executor_policy();

/// Tasks in, outcomes out. One thread at a time; only sleep() blocks.
class Dealer final : private MemberEvents {
 public:
  /// With a log, every event and action is written to it.
  explicit Dealer(const schedule::Policy& policy = {}, std::unique_ptr<observe::EventLog> log = nullptr);

  void add_group(std::unique_ptr<MemberGroup> group);
  /// From now on, know what runs: tasks have timeouts, or may have to make way for others.
  void watch_starts();
  /// An idle worker starts on it at once, also if nobody calls the dealer for a while.
  TaskId submit(TaskRequest&& request);
  /// The name of a range that is submitted later under it, in any case.
  TaskId reserve();
  void submit_as(TaskId task, TaskRequest&& request);
  /// Takes tasks back that have not started; their completion hears of it, at once for local ones. One that
  /// has started is not tried again should its worker die, unless `if_unstarted`; see CancelRequested.
  void cancel(const schedule::CancelRequested& what) { step(what); }
  /// The same for one task of a range, which is not tried again.
  void cancel_one(TaskId task, std::uint32_t place) { step(schedule::CancelOneRequested{task, place}); }
  /// The same for all tasks there are.
  void cancel_all();
  /// Starts nothing that is not expected to end by then; after that, what is not running ends as drained.
  void drain(Instant deadline = {}) { step(schedule::DrainRequested{deadline}); }
  /// Ends every task as broken, now and in future; words say why. The first words stay.
  void fail(const std::string& words) { broken(words); }
  /// As of MemberGroup, for all members.
  void share(const task::SharedHandle& value);
  void unshare(std::uint64_t id);
  /// So many workers on each node from now on.
  void resize(std::uint32_t workers);
  /// Lets tasks that ask know that they are to return soon.
  void request_stop();
  /// Whether a worker runs a task that has asked, and would be ended with its group.
  bool heeds_stop() const;
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
  const Tally& tally() const { return tally_; }
  const Undealt& undealt() const { return undealt_; }
  /// Whether every worker that was asked for is ready for tasks.
  bool all_ready() const;
  /// Of tasks that ended of late, on average; zero before the first one.
  Duration mean_task_time() const { return scheduler_.mean_task_time(); }
  std::uint32_t workers() const { return scheduler_.total_workers(); }
  /// Has this task of the range begun and not ended? Agents are thought to begin at once with what they get.
  bool begun(TaskId task, std::uint32_t place) const { return scheduler_.begun(task, place); }
  const std::string& broken_words() const { return broken_; }
  /// Has a task ended as drained?
  bool cut_short() const { return cut_short_; }

 private:
  struct Entry {
    TaskRequest request;
    std::uint32_t generation = 0;
    std::uint32_t left = 0;   ///< tasks that have not ended
    std::uint32_t dealt = 0;  ///< tasks from the front that have been dealt, or have ended
    std::uint32_t holes = 0;  ///< tasks behind these that have ended
    std::vector<bool> ended;  ///< which of a range have; empty for a single task

    bool has_ended(std::uint32_t place) const { return !ended.empty() && ended[place]; }
    void note_ends(std::uint32_t place, std::uint32_t count) {
      if (!ended.empty()) std::fill_n(ended.begin() + place, count, true);
    }
  };

  MemberId enroll(MemberGroup& group) override;
  void joined(MemberId member, std::uint32_t workers, bool agent) override;
  void lost(MemberId member, const Loss& loss) override;
  void unborn(const std::string& words) override;
  void started(ChunkId chunk) override;
  void ended(ChunkId chunk, std::uint32_t place, task::Outcome&& outcome) override;
  void returned(ChunkId chunk, std::uint32_t first, const task::Values& values) override;
  void taken_back(ChunkId chunk, std::uint32_t first, std::uint32_t count, const Losses& losses) override;
  void kept(ChunkId chunk) override;
  void broken(const std::string& words) override;

  Instant time_of_submit() const;
  Instant time_of_end();
  void step(const schedule::Event& event) { step(event, now()); }
  void step(const schedule::Event& event, Instant at);
  void perform(const schedule::Dispatch& action);
  void perform(const schedule::Recall& action);
  void perform(const schedule::Kill& action);
  void perform(const schedule::Deliver& action);
  void perform(const schedule::GiveUp& action);
  void perform(const schedule::Retire&) {}
  void perform(const schedule::Break& action);
  task::Outcome given_up(const schedule::GiveUp& action, const std::string& account) const;
  void note_loss(MemberId member, const Loss& loss);
  Entry* find(TaskId task);
  void note_dealt(Entry& entry, std::uint32_t end);
  void note_undealt(Entry& entry, std::uint32_t first, std::uint32_t count);
  void tell(const TaskRequest& request, std::uint32_t place, task::Outcome&& outcome);
  void finish(TaskId task, std::uint32_t place, task::Outcome&& outcome);
  std::shared_ptr<Completion> note_end(Entry& entry, TaskId task, std::uint32_t place, std::uint32_t count);

  schedule::Scheduler scheduler_;
  std::unique_ptr<observe::EventLog> log_;
  std::vector<std::unique_ptr<MemberGroup>> groups_;
  std::vector<MemberGroup*> members_;  ///< the group of each member, by its id; null if the id is free
  std::vector<std::uint32_t> free_members_, free_slots_;
  std::vector<Entry> entries_;
  Instant stepped_at_;            ///< the last event
  bool looked_at_clock_ = false;  ///< in this round of progress()
  schedule::Actions actions_;
  bool performing_ = false, watching_starts_ = false, stop_requested_ = false;
  /// What came with the event being stepped: an outcome, or values of tasks in a row …
  task::Outcome* arrived_ = nullptr;
  const task::Values* arrived_values_ = nullptr;
  std::uint32_t arrived_place_ = 0;  ///< … and the place of the first of these in its range
  const Loss* loss_ = nullptr;       ///< the loss being stepped
  Tally tally_;
  Undealt undealt_;
  std::string last_death_;  ///< of a worker that ran no task
  std::string broken_;
  bool cut_short_ = false;
};

}  // namespace acre::node
