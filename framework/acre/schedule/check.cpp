// The invariants of the scheduler, apart from the code that keeps them.
#include <algorithm>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

void Scheduler::check() const {
  check_task_lists();
  check_members();
  check_progress();
}

void Scheduler::check_task_lists() const {
  std::array<std::uint64_t, 5> listed{};
  const auto check = [&](const List& list, State state, std::uint32_t member) {
    check_list(tasks_, list, [&](std::uint32_t slot) {
      ACRE_CHECK(tasks_[slot].state == state, "a task is in the list of its state");
      ACRE_CHECK(tasks_[slot].member == member, "a task is in a list of its member");
      ACRE_CHECK(slot_of(tasks_[slot].id) == slot, "a task is in its own slot");
      ++listed[static_cast<std::size_t>(state)];
    });
  };
  check(ready_, State::ready, nothing);
  for (std::uint32_t member = 0; member < members_.size(); ++member) {
    check(members_[member].held, State::held, member);
    check(members_[member].recalling, State::recalling, member);
    check(members_[member].running, State::running, member);
  }
  std::array<std::uint64_t, 5> states{};
  for (const Task& task : tasks_) ++states[static_cast<std::size_t>(task.state)];
  for (const State state : {State::ready, State::held, State::recalling, State::running}) {
    const auto index = static_cast<std::size_t>(state);
    ACRE_CHECK(listed[index] == states[index], "each task is in exactly one list");
    ACRE_CHECK(listed[index] == population(state), "the counts tell what is in the lists");
  }
}

void Scheduler::check_members() const {
  std::uint64_t workers = 0, idle = 0;
  std::uint32_t members = 0, unretired = 0;
  for (std::uint32_t index = 0; index < members_.size(); ++index) {
    const Member& member = members_[index];
    const std::uint32_t tasks = member.load() + member.recalling.size;
    ACRE_CHECK(tasks == 0 || (member.workers != 0 && !member.retired), "tasks are at members that are there");
    ACRE_CHECK(member.idle == member.workers - std::min(member.workers, member.load()),
               "idle workers are known");
    if (member.workers == 0) continue;
    ACRE_CHECK(loads_.is_placed(index, member.load(), member.workers), "a member is where its load belongs");
    workers += member.workers;
    idle += member.idle;
    members += 1;
    unretired += member.retired ? 0 : 1;
  }
  ACRE_CHECK(loads_.check() == members, "only members are sorted by load");
  ACRE_CHECK(workers == total_workers_ && idle == idle_workers_, "workers add up");
  ACRE_CHECK(unretired == unretired_, "members not retired add up");
}

void Scheduler::check_progress() const {
  if (draining_) {
    ACRE_CHECK(population(State::ready) + population(State::held) == 0, "nothing new starts while draining");
    ACRE_CHECK(!idle() || unretired_ == 0, "drained and empty, every member is retired");
  } else {
    ACRE_CHECK(ready_.size == 0 || idle_workers_ == 0, "no worker is idle while tasks are ready");
    for (const Member& member : members_) ACRE_CHECK(!member.retired, "members stay until a drain");
  }
}

}  // namespace acre::schedule
