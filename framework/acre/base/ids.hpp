// Identities that must not be mixed up: each is a type of its own.
#pragma once

#include <cstdint>

namespace acre {

/// A task inside one scheduler. The low 32 bits are a small index, reused once the task has ended; the high
/// 32 bits tell the uses of one index apart. A task has another TaskId in each scheduler it passes through.
enum class TaskId : std::uint64_t {};

/// One deal of a scheduler: consecutive tasks of one submission, dealt to one member together; often a single
/// one. Each deal has another ChunkId, so what is said late of an earlier deal is recognised. Parts as above.
enum class ChunkId : std::uint64_t {};

/// Whatever a scheduler deals to: a worker, or an agent below it.
enum class MemberId : std::uint32_t {};

constexpr std::uint32_t slot_of(TaskId id) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id));
}
constexpr TaskId make_task_id(std::uint32_t slot, std::uint32_t generation) {
  return static_cast<TaskId>((static_cast<std::uint64_t>(generation) << 32) | slot);
}
constexpr std::uint32_t slot_of(ChunkId id) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id));
}
constexpr ChunkId make_chunk_id(std::uint32_t slot, std::uint32_t generation) {
  return static_cast<ChunkId>((static_cast<std::uint64_t>(generation) << 32) | slot);
}
constexpr std::uint32_t index_of(MemberId id) { return static_cast<std::uint32_t>(id); }

}  // namespace acre
