#include <acre/session/house.hpp>
#include <acre/session/session.hpp>

namespace acre {

Executor Session::executor(ExecutorOptions options) { return Executor(house_.open(options)); }
int Session::nodes() const { return house_.plan().nodes; }
int Session::default_workers() const { return house_.plan().workers; }

}  // namespace acre
