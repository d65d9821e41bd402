// Futures taken together: when enough of them have ended, a callback makes something of all.
#pragma once

#include <vector>

#include <acre/executor/local_state.hpp>

namespace acre::executor {

/// When futures that are taken together have ended together.
enum class Enough { one, all, all_or_a_failure };

/// When enough of some states have ended, and what that needs. Any thread.
class Joint {
 public:
  Joint(std::vector<StateHandle> states, Enough enough);

  /// What a value needs that is made once they have ended together.
  Needs needs() const;
  /// Calls finish(place) on a callback thread once they have: place is of the one that was last. Once.
  void on_enough(const std::function<void(std::size_t place)>& finish) const;

 private:
  struct Left {
    std::atomic<std::size_t> states;
    std::atomic<bool> enough = false;
  };
  const std::vector<StateHandle> states_;
  const Enough enough_;
  const std::shared_ptr<Left> left_;
};

}  // namespace acre::executor
