#include "cluster/places.hpp"

#include <unistd.h>

#include "support/processes.hpp"

namespace acre::test {

Place place() {
  Place here;
  here.worker = ::getpid();
  here.preloaded = parent_of(here.worker);
  here.zygote = parent_of(here.preloaded);
  here.agent = parent_of(here.zygote);
  return here;
}

void await_nodes(Executor& executor, int nodes) {
  until_all_nodes_answer<Place>(
      static_cast<std::size_t>(nodes), [&] { return executor.submit<place>(); },
      [](const Future<Place>& future) { return future.get().agent; });
}

std::vector<int> ranks_of_this_job() {
  const std::string own = name_of(::getpid());
  std::vector<int> ranks;
  for (const pid_t process : children_of(parent_of(::getpid())))
    if (name_of(process) == own) ranks.push_back(process);
  return ranks;
}

}  // namespace acre::test
