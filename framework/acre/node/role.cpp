#include <acre/launch/signals.hpp>
#include <acre/node/fresh_start.hpp>
#include <acre/node/role.hpp>
#include <acre/node/worker.hpp>
#include <acre/node/zygote.hpp>
#include <acre/task/function.hpp>

namespace acre::node {
namespace {
[[noreturn]] void be_worker(Start start) {
  static const PoolSetup setup = read_setup(start.descriptors[4].get());
  start.descriptors[4].reset();
  worker_main({start.parent,
               setup,
               {},
               std::move(start.descriptors[0]),
               std::move(start.descriptors[1]),
               std::move(start.descriptors[2]),
               std::move(start.descriptors[3])});
}
}  // namespace

void take_up_role() {
  auto start = role_of_this_process();
  if (!start) return;
  note_own_start();
  task::note_modules();
  launch::block_signals();
  if (start->role == FreshStart::Role::worker) be_worker(std::move(*start));
  zygote_main(std::move(start->descriptors[0]), {});
}

}  // namespace acre::node
