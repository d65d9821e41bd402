// What a scheduler's orders are on their way down to a member.
#pragma once

#include <cstdint>
#include <variant>

#include <acre/schedule/events.hpp>

namespace acre::simulate {

/// Tasks of the whole simulation are numbered from 0 in the order of their submission at the root; a chunk is
/// `count` of them from `first_task` on.
struct Assignment {
  ChunkId chunk{};
  std::uint32_t first_task = 0, count = 1;
  std::uint32_t attempt = 1, max_attempts = 1;
  std::uint32_t chunk_limit = 0;  ///< as Submitted::chunk
  int priority = 0;
  Duration expected{}, timeout{};
};
struct RecallOrder {
  ChunkId chunk{};
  std::uint32_t count = 1;
  bool unwanted = false;
};
struct KillOrder {};
struct RetireOrder {};
using Order = std::variant<Assignment, RecallOrder, KillOrder, RetireOrder>;

/// How an attempt at a task ends if nothing comes between: with a result, by an exception that is final, or
/// that asks for a retry, with the death of its worker, or never.
enum class Ending : std::uint8_t { result, failure, retry, death, never };

/// What an attempt will be like.
struct Nature {
  Duration time{};
  Ending ending = Ending::result;
};

}  // namespace acre::simulate
