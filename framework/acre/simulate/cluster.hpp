// A cluster under a virtual clock: schedulers, workers, messages and faults.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <acre/simulate/agent.hpp>
#include <acre/simulate/event_queue.hpp>
#include <acre/simulate/parameters.hpp>
#include <acre/simulate/trace.hpp>
#include <acre/simulate/worker.hpp>

namespace acre::simulate {

/// What has come of a run.
struct Summary {
  std::uint64_t tasks = 0, events = 0;
  Instant end;
};

/// Drives real schedulers through all that a script says, and checks them after every step.
///
/// Everything that happens comes out of one queue ordered by virtual time, so a run is a function of its
/// parameters and script. Messages between two parts arrive in the order in which they were sent. A value:
/// copies are independent. One thread at a time; nothing blocks; throws Broken as soon as an invariant is
/// broken, and when memory runs out.
class Cluster {
 public:
  Cluster(const Parameters& parameters, const std::vector<Place>& tree, const std::vector<Scripted>& script,
          std::size_t traced);

  /// Lets everything happen in its time, until all tasks have ended and all is quiet.
  Summary run();

  /// @name One by one, in any order
  /// @{
  /// What could happen next, whatever its time.
  std::vector<std::uint64_t> choices() const { return queue_.heads(); }
  bool is_scripted(std::uint64_t choice) const;
  /// Is it from the script, and no work, so that it need not happen?
  bool is_fault(std::uint64_t choice) const;
  void happen(std::uint64_t choice);
  /// Throws Broken unless all tasks have ended and every part is at rest.
  void check_end() const;
  /// @}

  /// What has happened lately.
  std::string trace() const { return trace_.text(); }

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct ToScheduler {
    std::uint32_t node, life, from, from_life;
    schedule::Event event;
  };
  struct ToMember {
    std::uint32_t node, life;
    Order order;
  };
  struct TaskEnd {
    std::uint32_t node, life, task;
    Nature nature;
  };
  enum class Cue : std::uint8_t { alarm, report, flush, birth, calm };
  struct Signal {
    Cue cue;
    std::uint32_t node, life;
  };
  struct Lost {
    std::uint32_t node, life;
    bool blameless;
  };
  using What = std::variant<ToScheduler, ToMember, TaskEnd, Signal, Lost, Happening>;

  struct Node {
    std::uint32_t parent = 0;
    bool worker = false, alive = false, flushing = false, reporting = false;
    bool left = false;              ///< does not come back before the calm
    std::uint32_t part = 0;         ///< its place among workers or agents
    std::uint32_t life = 0;         ///< counts births
    std::uint32_t joined_life = 0;  ///< the life that its scheduler has heard of last
    std::uint32_t lost_life = 0;    ///< the life that its scheduler has lost last
    MemberId member{};              ///< its name, in this life
    double slowness = 1;
    Instant up_clear, down_clear;  ///< when the latest message arrives
    Instant alarm = Instant::never();
    std::vector<std::uint32_t> seats;  ///< of an agent: the node of each member number
  };

  // cluster.cpp
  void handle(const ToScheduler& message);
  void handle(const ToMember& message);
  void handle(const TaskEnd& end);
  void handle(const Signal& signal);
  void handle(const Lost& lost);
  void handle(const Happening& happening);
  void obey(std::uint32_t node, const Assignment& order);
  void obey(std::uint32_t node, const RecallOrder& order);
  void obey(std::uint32_t node, const KillOrder& order);
  void obey(std::uint32_t node, const RetireOrder& order);
  void take_along(std::uint32_t node);
  void send_orders(std::uint32_t node);
  void account(std::uint32_t node);
  void set_alarm(std::uint32_t node);
  void report(std::uint32_t node);
  void work(std::uint32_t node);
  void tell(std::uint32_t node, const Events& said, Duration delay);
  void check_liveness();
  void finish();
  bool may_be_late(std::uint64_t choice) const;
  void settle();

  // faults.cpp
  void act(const Submit& submit);
  void act(const Cancel& cancel);
  void act(const Drain& drain);
  void act(const Die& die);
  void act(const Leave& leave);
  void act(const Join& join);
  void birth(std::uint32_t node);
  void bear_children(std::uint32_t node);
  void die(std::uint32_t node, bool blameless);
  void end_life(std::uint32_t node);
  void take_seat(std::uint32_t node);
  void break_down(std::uint32_t node);
  void calm_down();
  Nature nature_of(std::uint32_t task, std::uint32_t attempt) const;
  bool has_timeout(std::uint32_t task) const;
  Duration bound_of_rest() const;

  Duration message_delay();
  bool is_up(std::uint32_t node, std::uint32_t life) const {
    return nodes_[node].alive && nodes_[node].life == life;
  }
  Agent& agent(std::uint32_t node) { return agents_[nodes_[node].part]; }
  Worker& worker(std::uint32_t node) { return workers_[nodes_[node].part]; }

  Parameters parameters_;
  Draw draw_;
  Trace trace_;
  EventQueue<What> queue_;
  Instant now_;
  std::vector<Node> nodes_;
  std::vector<Agent> agents_;
  std::vector<Worker> workers_;
  std::vector<Assignment> ranges_;      ///< submitted at the root
  std::vector<bool> produced_, ended_;  ///< by task: has an outcome anywhere; has ended at the root
  std::uint32_t tasks_ = 0, to_submit_ = 0;
  std::uint64_t ended_tasks_ = 0, events_ = 0, most_events_ = 0;
  bool calm_ = false, drained_ = false, gave_up_ = false, stepwise_ = false;
  Instant bound_ = Instant::never();
};

}  // namespace acre::simulate
