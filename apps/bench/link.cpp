// acre-bench-link: how many small frames a link moves in a second, between ranks 0 and 1 of an mpirun.
#include <fmt/format.h>

#include <acre/base/time.hpp>
#include <acre/cluster/link.hpp>
#include <acre/cluster/mpi.hpp>
#include <algorithm>
#include <array>

namespace {

using acre::cluster::Link;

constexpr std::uint32_t channel = 1;
constexpr int frames = 200'000, in_flight = 64, runs = 5;

/// Frames per second; rank 0 sends, rank 1 gives credit back for each half of what may be in flight.
double one_way(Link& link, int rank) {
  const acre::Instant begin = acre::now();
  int done = 0, credit = in_flight;
  while (done < frames) {
    if (rank == 0) {
      for (; credit > 0 && done < frames; --credit, ++done) link.send({1, channel, 0, acre::Bytes(64)});
      link.progress();
      while (link.receive(channel)) credit += in_flight / 2;
    } else {
      link.progress();
      while (link.receive(channel))
        if (++done % (in_flight / 2) == 0) link.send({0, channel, 0, {}});
    }
  }
  if (rank == 1) link.send({0, channel, 1, {}});
  for (bool over = rank == 1; !over;) {
    link.progress();
    while (const auto frame = link.receive(channel)) over = over || frame->kind == 1;
  }
  return frames / std::chrono::duration<double>(acre::now() - begin).count();
}

}  // namespace

int main() {
  acre::cluster::Runtime mpi;
  if (mpi.size() != 2) {
    if (mpi.rank() == 0)
      fmt::print(stderr, "acre-bench-link: start it on two ranks: mpirun -n 2 acre-bench-link\n");
    mpi.finalize();
    return 2;
  }
  MPI_Comm comm = MPI_COMM_NULL;
  acre::cluster::check(MPI_Comm_dup(mpi.world(), &comm), "MPI_Comm_dup");
  Link link(comm);
  std::array<double, runs> rates{};
  for (double& rate : rates) rate = one_way(link, mpi.rank());
  std::ranges::sort(rates);
  if (mpi.rank() == 0)
    fmt::print("small frames one way, {} in flight: {:.3g} /s ({:.3g} to {:.3g}, {} runs)\n", in_flight,
               rates[runs / 2], rates.front(), rates.back(), runs);
  link.close();
  mpi.finalize();
  return 0;
}
