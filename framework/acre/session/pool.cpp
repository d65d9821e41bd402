#include <acre/session/pool.hpp>

namespace acre {

Pool::~Pool() {
  try {
    terminate();
  } catch (const Error&) {
    // Only in a callback, which holds the pool's last handle: the session ends it.
  }
}

void Pool::terminate() {
  close();
  executor_.shutdown(true);
}

void Pool::join() {
  if (!closed_)
    throw Error("a pool that still takes tasks cannot be joined: close() or terminate() it first");
  executor_.shutdown();
}

void Pool::refuse_if_closed() const {
  if (closed_) throw Error("the pool is closed and takes no more tasks: make another one");
}

}  // namespace acre
