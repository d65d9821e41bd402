// What happened in a simulated cluster: the last of it, or all.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <acre/schedule/events.hpp>

namespace acre::simulate {

/// An invariant did not hold; what() says which.
class Broken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A ring of the latest events and actions of all schedulers, put into words only when asked for. A value;
/// one thread at a time; nothing blocks; throws when memory runs out.
class Trace {
 public:
  /// Keeps the last `most` entries.
  explicit Trace(std::size_t most) : most_(most) {}

  /// Something about the part `node` of the cluster.
  template <class What>
  void add(Instant now, std::uint32_t node, const What& what) {
    if (most_ == 0) return;
    if (ring_.size() < most_) ring_.emplace_back();
    ring_[static_cast<std::size_t>(added_++ % most_)] = {now, node, what};
  }

  /// A line for each entry kept, oldest first.
  std::string text() const;

 private:
  struct Entry {
    Instant at;
    std::uint32_t node = 0;
    std::variant<const char*, schedule::Event, schedule::Action> what = "";
  };

  std::size_t most_;
  std::uint64_t added_ = 0;
  std::vector<Entry> ring_;
};

}  // namespace acre::simulate
