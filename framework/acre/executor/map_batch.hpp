// Consecutive items of a map, gathered to be submitted as one range.
#pragma once

#include <memory>
#include <vector>

#include <acre/executor/future_state.hpp>
#include <acre/executor/recorder.hpp>

namespace acre::executor {

/// Gathers items and is told of their outcomes, which it records before anybody sees them. One thread until
/// it is submitted.
class MapBatch final : public node::Completion {
 public:
  MapBatch(std::shared_ptr<Recorder> recorder, std::uint64_t first_index)
      : recorder_(std::move(recorder)), first_index_(first_index) {}

  void add(const std::shared_ptr<FutureState>& state, ByteView arguments, const task::SharedHandles& kept);
  std::uint32_t size() const { return static_cast<std::uint32_t>(states_.size()); }

  /// The range as a request, with `self` as its completion; `head` is that of the map.
  static node::TaskRequest request(const std::shared_ptr<MapBatch>& self, task::TaskHead head,
                                   const node::Terms& terms);
  /// Tells the items which range they are in.
  void set_task(TaskId task);

  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override;

 private:
  std::shared_ptr<Recorder> recorder_;  ///< may be null
  std::uint64_t first_index_;
  std::vector<std::shared_ptr<FutureState>> states_;
  Bytes arguments_;
  std::vector<std::uint64_t> ends_;
  task::SharedHandles keeps_;  ///< what the arguments refer to
};

}  // namespace acre::executor
