// A ring in shared memory with both of its ends, and a child process to use one of them.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include <acre/channel/memory.hpp>
#include <acre/channel/ring.hpp>

namespace acre::test {

/// A ring; the ends are made on demand, each to be used by one process.
class TestRing {
 public:
  static constexpr std::size_t index_page = 4096;
  explicit TestRing(std::size_t capacity = 4096)
      : capacity_(capacity),
        memory_(channel::create_memory("ring", index_page + capacity)),
        page_(channel::Mapping::shared(memory_.get(), 0, index_page)),
        ring_(channel::Mapping::twice(memory_.get(), index_page, capacity)) {}

  channel::RingIndices* indices() const { return reinterpret_cast<channel::RingIndices*>(page_.data()); }
  std::byte* bytes() const { return ring_.data(); }
  channel::RingProducer producer() const { return {indices(), bytes(), capacity_}; }
  channel::RingConsumer consumer() const { return {indices(), bytes(), capacity_}; }
  channel::MessageHeader& header_at(std::uint64_t position) const {
    return *reinterpret_cast<channel::MessageHeader*>(bytes() + position % capacity_);
  }

 private:
  std::size_t capacity_;
  channel::Descriptor memory_;
  channel::Mapping page_, ring_;
};

inline std::string text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline ByteView view_of(const std::string& text) { return bytes_of_text(text); }

/// Runs `life` in a child process, whose exit status is what it returns.
template <class Life>
pid_t in_child(Life life) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(life());
  return pid;
}

/// The exit status of a child, or minus the signal that killed it.
inline int end_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace acre::test
