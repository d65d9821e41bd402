// The parts of a studied tree: agents with their schedulers, and workers, in a form that a million of fits
// into memory.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <acre/schedule/scheduler.hpp>
#include <acre/simulate/study.hpp>
#include <acre/simulate/time_wheel.hpp>

namespace acre::simulate {

/// What agents tell each other about one chunk of the upper one.
struct Note {
  enum class Kind : std::uint8_t { deal, recall, finished, back, kept } kind;
  ChunkId chunk;
  std::uint32_t member = 0;  ///< the lower one's number with the upper one
  std::uint32_t first = 0, count = 0;
  std::int64_t run_ns = 0;
  std::int64_t arrival_ns = 0;
};

/// Tasks of one chunk in a worker's queue.
struct Queued {
  ChunkId chunk;
  std::uint32_t first = 0, count = 0;
};

/// What a worker has finished and its agent has not seen yet.
struct Done {
  std::uint32_t worker = 0;
  Queued what;
  std::int64_t run_ns = 0;
};

struct SimpleWorker {
  std::vector<Queued> queue;     ///< the first one runs
  std::uint32_t ring_below = 0;  ///< rings its agent once fewer chunks are queued
  std::int64_t run_ns = 0;       ///< of what runs
  std::int64_t idle_since_ns = 0;
};

/// Tasks that came from above as one chunk.
struct Range {
  ChunkId chunk;
  std::uint32_t count = 0, left = 0, generation = 0;
  bool in_parts = false;      ///< some of it was reported or given back before
  std::int64_t begun_ns = 0;  ///< dealt, or last reported
  std::int64_t run_ns = 0;    ///< of what is not reported yet
  std::vector<Queued> ended;  ///< not reported yet
};

struct SimpleAgent {
  std::unique_ptr<schedule::Scheduler> scheduler;
  std::uint32_t level = 0, parent = schedule::nothing, number = 0;  ///< number among its parent's members
  std::uint32_t first_member = 0, members = 0;                      ///< agents, or workers, by index
  bool leaf = false;
  std::int64_t free_ns = 0;          ///< when it has handled what it has begun with
  std::int64_t wake_ns = INT64_MAX;  ///< the next time it looks
  std::vector<Note> inbox;           ///< what has arrived or is under way
  std::vector<Range> ranges;
  std::vector<std::uint32_t> free_ranges, active;
  std::vector<Done> finished;
  std::vector<Note> up;
  std::vector<std::vector<Note>> down;  ///< by member
  std::uint64_t messages = 0;
};

/// The tree while it runs. One thread.
class StudyTree {
 public:
  explicit StudyTree(const StudyCase& what) : case_(what) { build(); }

  StudyResult run();

 private:
  struct Due {
    std::uint32_t index;
    bool worker;
  };

  void build();
  void submit();
  StudyResult result() const;
  void look_at(std::uint32_t agent, std::int64_t at_ns);
  void wake(std::uint32_t index, std::int64_t at_ns);
  void read_messages(SimpleAgent& agent);
  void read_workers(SimpleAgent& agent);
  void take(SimpleAgent& agent, const Note& note);
  void step(SimpleAgent& agent, const schedule::Event& event);
  void perform(SimpleAgent& agent, const schedule::Action& action);
  void ended(SimpleAgent& agent, TaskId task, std::uint32_t first, std::uint32_t count, bool back);
  void recall_worker(SimpleAgent& agent, const schedule::Recall& recall);
  void report(SimpleAgent& agent);
  void report(SimpleAgent& agent, Range& range);
  void send(SimpleAgent& agent);
  void deliver(SimpleAgent& to, std::vector<Note>& notes, std::int64_t at_ns);
  void worker_done(std::uint32_t index, std::int64_t at_ns);
  void begin(std::uint32_t index, std::int64_t at_ns);
  std::uint32_t agent_of(std::uint32_t worker) const { return first_leaf_ + worker / case_.tree.back(); }
  schedule::Policy policy_of(std::uint32_t level) const;

  StudyCase case_;
  std::vector<SimpleAgent> agents_;  ///< level by level
  std::vector<SimpleWorker> workers_;
  std::vector<Draw> draws_;  ///< by leaf
  TimeWheel<Due> queue_;
  schedule::Actions actions_;
  std::uint32_t first_leaf_ = 0;
  std::int64_t now_ns_ = 0, work_ns_ = 0, longest_ns_ = 0;
  std::int64_t run_ns_ = 0;  ///< of what the present event tells of
};

}  // namespace acre::simulate
