#include "busy.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <acre/base/core_time.hpp>
#include <acre/base/error.hpp>
#include <acre/base/time.hpp>
#include <atomic>
#include <new>
#include <vector>

namespace bench {
namespace {

struct Lap {
  double turns = 0, wall_us = 0, cpu_us = 0;
};

/// What the processes share: none starts before all are there.
struct Track {
  std::atomic<int> at_the_start{0};
  std::atomic<std::uint64_t> kept{0};
};

/// The calling process may have been bound by mpirun; this one takes the cores in turn.
void take_core(int place) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (int i = 0; i < CPU_SETSIZE; ++i) CPU_SET(i, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0 || CPU_COUNT(&cores) == 0) return;
  int nth = place % CPU_COUNT(&cores), core = 0;
  while (!CPU_ISSET(core, &cores) || nth-- > 0) ++core;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

void run_lap(Track& track, Lap& lap, int processes, double ms) {
  constexpr std::uint64_t slice = 20'000;
  std::uint64_t kept = turn(100 * slice);
  ++track.at_the_start;
  while (track.at_the_start < processes) sched_yield();
  const acre::Instant begin = acre::now();
  const acre::Duration cpu_begin = acre::core_time();
  while (lap.wall_us < 1000 * ms) {
    kept ^= turn(slice);
    lap.turns += slice;
    lap.wall_us = std::chrono::duration<double, std::micro>(acre::now() - begin).count();
  }
  lap.cpu_us = std::chrono::duration<double, std::micro>(acre::core_time() - cpu_begin).count();
  track.kept ^= kept;
}

}  // namespace

Speed speed_of(int processes, double ms) {
  const std::size_t bytes = sizeof(Track) + static_cast<std::size_t>(processes) * sizeof(Lap);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw acre::Error("acre-bench: no memory to share with processes that calibrate");
  auto* track = new (memory) Track;
  auto* laps = reinterpret_cast<Lap*>(track + 1);
  std::vector<pid_t> pids;
  for (int i = 0; i < processes; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      take_core(i);
      run_lap(*track, *new (laps + i) Lap, processes, ms);
      ::_exit(0);
    }
    if (pid < 0) track->at_the_start += processes;
    if (pid > 0) pids.push_back(pid);
  }
  Lap sum;
  for (std::size_t i = 0; i < pids.size(); ++i) {
    ::waitpid(pids[i], nullptr, 0);
    sum.turns += laps[i].turns;
    sum.wall_us += laps[i].wall_us;
    sum.cpu_us += laps[i].cpu_us;
  }
  ::munmap(memory, bytes);
  if (pids.size() != static_cast<std::size_t>(processes))
    throw acre::Error("acre-bench: the system has no process to calibrate with");
  return {sum.turns / sum.wall_us, 1 - sum.cpu_us / sum.wall_us};
}

}  // namespace bench
