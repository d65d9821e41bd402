// Items of a map on their way from its source to a task request.
#pragma once

#include <cstdint>
#include <vector>

#include <acre/task/shared_value.hpp>

namespace acre::executor {

class Source;

/// Consecutive items, encoded one behind the other. One thread at a time.
struct ItemRange {
  std::uint64_t first = 0;               ///< index of the first one
  Bytes arguments = {};                  ///< of all
  std::vector<std::uint64_t> ends = {};  ///< where each one ends
  task::SharedHandles keeps = {};        ///< what they refer to
  LongSource* memory = nullptr;          ///< as Engine::argument_memory()

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(ends.size()); }
  ByteView arguments_of(std::uint32_t place) const {
    const std::uint64_t begin = place == 0 ? 0 : ends[place - 1];
    return ByteView(arguments).subspan(begin, ends[place] - begin);
  }
  /// Reads on until there are `most` items, or so many bytes of them; false if the source has no more. Throws
  /// what the source throws, and acre::Error for an item that refers to a broadcast of another engine than
  /// `owner`: then those before it are there.
  bool read(Source& source, std::uint32_t most, std::size_t most_bytes, const void* owner);
  void pop_back();
};

/// Where a map's arguments come from; read on the calling thread alone.
class Source {
 public:
  virtual ~Source() = default;
  /// Appends items until there are `most`, or so many bytes of them; false if there are no more.
  virtual bool read(ItemRange& items, std::uint32_t most, std::size_t most_bytes) = 0;
  /// Whether the items lie in memory, so that nobody waits while many of them are read.
  virtual bool at_hand() const noexcept = 0;
};

}  // namespace acre::executor
