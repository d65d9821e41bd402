// The invariants of the scheduler, apart from the code that keeps them.
#include <algorithm>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

void Scheduler::check() const {
  check_tasks();
  check_chunks();
  check_members();
  check_progress();
}

void Scheduler::check_tasks() const {
  std::uint64_t undone = 0, fresh = 0, listed = 0;
  for (std::uint32_t slot = 0; slot < tasks_.slots(); ++slot) {
    const Task& task = tasks_[slot];
    if (task.undone == 0) continue;
    ACRE_CHECK(slot_of(task.id) == slot, "a range is in its own slot");
    std::uint64_t in_chunks = 0;
    check_list<&Chunk::siblings>(chunks_, task.chunks, [&](std::uint32_t chunk) {
      ACRE_CHECK(chunks_[chunk].task == slot, "a chunk is of the range that it is listed with");
      if (!chunks_[chunk].copy) in_chunks += chunks_[chunk].undone;
    });
    ACRE_CHECK(task.next <= task.end && in_chunks + task.fresh() == task.undone,
               "each task that has not ended is fresh or in one chunk");
    undone += task.undone;
    fresh += task.fresh() == 0 ? 0 : 1;
  }
  ACRE_CHECK(undone == in_flight(), "what has not ended adds up");
  ready_.check([&](const List& chunks, const List& ranges, std::uint16_t key) {
    check_list<&Task::links>(tasks_, ranges, [&](std::uint32_t slot) {
      ACRE_CHECK(tasks_[slot].fresh() != 0 && tasks_[slot].key == key, "ranges with fresh tasks are ready");
      ++listed;
    });
    check_list<&Chunk::links>(chunks_, chunks, [&](std::uint32_t slot) {
      ACRE_CHECK(chunks_[slot].phase == Phase::ready && tasks_[chunks_[slot].task].key == key,
                 "a chunk is in the list of its key");
    });
  });
  ACRE_CHECK(listed == fresh, "all ranges with fresh tasks are ready");
}

void Scheduler::check_chunks() const {
  Counts sums;
  for (std::uint32_t slot = 0; slot < tasks_.slots(); ++slot)
    sums.ready += tasks_[slot].undone == 0 ? 0 : tasks_[slot].fresh();
  std::uint32_t delayed = 0, aged = 0;
  for (std::uint32_t slot = 0; slot < chunks_.slots(); ++slot) {
    const Chunk& chunk = chunks_[slot];
    if (chunk.phase == Phase::detached) continue;
    chunks_.check(chunk);
    ACRE_CHECK(chunk.undone != 0 || chunk.unwanted, "a chunk has tasks that have not ended");
    ACRE_CHECK((chunk.phase == Phase::dealt) == (chunk.member != nothing), "a dealt chunk is at a member");
    ACRE_CHECK(chunk.phase == Phase::dealt || chunk.undone == chunk.count, "what is ready has not ended");
    ACRE_CHECK(chunk.twin == nothing || chunks_[chunk.twin].twin == slot, "copies come in pairs");
    ACRE_CHECK((chunk.phase == Phase::delayed) == timers_.is_set(2 * slot + 1),
               "what is delayed has a timer");
    const Standing part = standing(chunk);
    sums.ready += part.ready;
    sums.delayed += part.delayed;
    sums.held += part.held;
    sums.recalling += part.recalling;
    sums.running += part.running;
    delayed += chunk.list == ChunkList::delayed ? 1 : 0;
    aged += chunk.aged ? 1 : 0;
  }
  ACRE_CHECK(sums.ready == counts_.ready && sums.delayed == counts_.delayed && sums.held == counts_.held &&
                 sums.recalling == counts_.recalling && sums.running == counts_.running,
             "the counts tell what is where");
  ACRE_CHECK(sums.ready + sums.delayed + sums.held + sums.recalling + sums.running == in_flight(),
             "each task is somewhere");
  const auto ignore = [](std::uint32_t) {};
  check_list<&Chunk::links>(chunks_, delayed_, ignore);
  check_list<&Chunk::age>(chunks_, age_, ignore);
  ACRE_CHECK(delayed_.size == delayed && age_.size == aged, "chunks are in the lists they say");
}

void Scheduler::check_members() const {
  std::uint64_t workers = 0, weight = 0, idle = 0;
  std::uint32_t members = 0, unretired = 0;
  for (std::uint32_t index = 0; index < members_.size(); ++index) {
    const Member& member = members_[index];
    std::uint32_t tasks = 0, asked = 0, wanted = 0;
    const auto add = [&](ChunkList list) {
      return [&, list](std::uint32_t slot) {
        ACRE_CHECK(chunks_[slot].member == index && chunks_[slot].list == list, "a chunk is where it says");
        tasks += standing(chunks_[slot]).tasks;
        asked += standing(chunks_[slot]).asked;
        wanted += chunks_[slot].unwanted ? 0 : 1;
      };
    };
    check_list<&Chunk::links>(chunks_, member.open, add(ChunkList::open));
    check_list<&Chunk::links>(chunks_, member.shut, add(ChunkList::shut));
    ACRE_CHECK(tasks == member.tasks && asked == member.asked, "a member's tasks add up");
    ACRE_CHECK(tasks == 0 || member.workers != 0, "tasks are at members that are there");
    ACRE_CHECK(wanted == 0 || !member.retired, "no member is retired that is needed");
    ACRE_CHECK(member.current == nothing || chunks_[member.current].member == index,
               "what runs there is there");
    const bool takes = member.takes_tasks();
    ACRE_CHECK(member.idle == (takes ? member.workers - std::min(member.workers, member.load()) : 0),
               "idle workers are known");
    ACRE_CHECK(loads_.holds(index) == takes, "members that take tasks are sorted by load");
    ACRE_CHECK(!takes || loads_.is_placed(index, member.load(), member.workers, member.speed),
               "a member is where its load belongs");
    workers += member.workers;
    weight += takes ? member.weight() : 0;
    idle += member.idle;
    members += takes ? 1 : 0;
    unretired += member.workers != 0 && !member.retired ? 1 : 0;
  }
  ACRE_CHECK(loads_.check() == members, "only members are sorted by load");
  ACRE_CHECK(workers == total_workers_ && weight == total_weight_ && idle == idle_workers_, "workers add up");
  ACRE_CHECK(unretired == unretired_, "members not retired add up");
}

void Scheduler::check_progress() const {
  if (closed_) {
    ACRE_CHECK(ready_.empty() && delayed_.size == 0, "nothing waits once drained");
    for (const Member& member : members_) ACRE_CHECK(member.open.size == 0, "all is recalled once drained");
    ACRE_CHECK(!idle() || unretired_ == 0, "drained and empty, every member is retired");
    return;
  }
  ACRE_CHECK(ready_.empty() || idle_workers_ == 0, "no worker is idle while tasks are ready");
  for (const Member& member : members_) ACRE_CHECK(!member.retired, "members stay until a drain");
}

}  // namespace acre::schedule
