#include <acre/node/serial_group.hpp>
#include <acre/node/start_workers.hpp>
#include <acre/node/thread_group.hpp>

namespace acre::node {

std::unique_ptr<MemberGroup> start_workers(Zygote& zygote, PoolOptions options) {
  options.setup.scratch = zygote.scratch();
  switch (options.setup.start) {
    case StartMethod::threads:
      return std::make_unique<ThreadGroup>(std::move(options));
    case StartMethod::serial:
      return std::make_unique<SerialGroup>(std::move(options));
    default:
      return std::make_unique<Pool>(zygote, std::move(options));
  }
}

}  // namespace acre::node
