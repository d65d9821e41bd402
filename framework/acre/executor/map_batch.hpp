// Consecutive items of a map that were submitted as one range.
#pragma once

#include <memory>

#include <acre/executor/ended_run.hpp>
#include <acre/executor/item_range.hpp>
#include <acre/executor/recorder.hpp>

namespace acre::executor {

/// Is told how the items ended, and hands that on to whoever iterates, if somebody still does; records it
/// before.
class MapBatch final : public node::Completion {
 public:
  MapBatch(std::uint64_t first, std::weak_ptr<EndedRuns> ended) : first_(first), ended_(std::move(ended)) {}
  /// From the beginning; with the items, whose arguments the recorder wants to see again.
  void record_with(std::shared_ptr<Recorder> recorder, ItemRange items);

  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override;
  void complete_all(std::uint32_t place, const task::Values& values, std::uint32_t from,
                    std::uint32_t count) noexcept override;

 private:
  void hand_on(EndedRun&& run) noexcept;

  std::uint64_t first_;
  std::weak_ptr<EndedRuns> ended_;
  std::shared_ptr<Recorder> recorder_;  ///< may be null
  ItemRange items_;                     ///< for the recorder
};

}  // namespace acre::executor
