// Values that all tasks of an executor share: one encoding on each node, decoded where it is wanted.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <typeinfo>
#include <vector>

#include <acre/base/check.hpp>
#include <acre/channel/memory.hpp>
#include <acre/wire/codec.hpp>

namespace acre::task {

/// Where the encoding of a shared value lies in its memory.
struct SharedPlace {
  std::uint64_t id = 0;      ///< one in the run
  std::uint64_t offset = 0;  ///< so that what may be looked at without a copy is aligned
  std::uint64_t length = 0;  ///< of the encoding
};

/// The encoding of a value in sealed memory, and the value itself once somebody has asked for it. Any thread.
class SharedValue {
 public:
  /// Puts an encoding into new memory of this node. Throws acre::Error.
  SharedValue(std::uint64_t id, ByteView encoding, std::uint64_t offset, const void* owner);
  /// Maps memory that another process of this node has made. Throws acre::Error.
  SharedValue(int memory, const SharedPlace& place);

  const SharedPlace& place() const noexcept { return place_; }
  /// The executor's engine that it belongs to, on the root.
  const void* owner() const noexcept { return owner_; }
  /// The memory, for other processes of this node, where this was made.
  int memory() const noexcept { return memory_.get(); }
  ByteView encoding() const noexcept { return {mapping_.data() + place_.offset, place_.length}; }

  /// The value, decoded by whoever comes first while others wait. Throws what its codec throws.
  template <class T>
  const T& value() const {
    std::call_once(decoding_, [this] {
      value_ = std::make_shared<const T>(wire::from_bytes<T>(encoding()));
      type_ = &typeid(T);
    });
    ACRE_CHECK(*type_ == typeid(T), "a broadcast is decoded as the type that it was made of");
    return *static_cast<const T*>(value_.get());
  }

 private:
  SharedPlace place_;
  const void* owner_ = nullptr;
  channel::Descriptor memory_;
  channel::Mapping mapping_;
  mutable std::once_flag decoding_;
  mutable std::shared_ptr<const void> value_;
  mutable const std::type_info* type_ = nullptr;
};

using SharedHandle = std::shared_ptr<const SharedValue>;
using SharedHandles = std::vector<SharedHandle>;

/// The shared values that the tasks of a worker, or of several threads, can ask for. Any thread.
class Shelf {
 public:
  void put(SharedHandle value);
  void remove(std::uint64_t id);
  /// Throws acre::Error if it is not there.
  SharedHandle get(std::uint64_t id) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, SharedHandle> values_;
};

/// The shelf of the tasks that this thread runs, while it lives.
class AtShelf {
 public:
  explicit AtShelf(const Shelf& shelf);
  AtShelf(const AtShelf&) = delete;
  AtShelf& operator=(const AtShelf&) = delete;
  ~AtShelf();

  /// That of this thread. Throws acre::Error if it runs no tasks.
  static const Shelf& current();

 private:
  const Shelf* before_;
};

/// Collects what the arguments that this thread encodes refer to, while it lives, so that it is kept until
/// their task has ended.
class Keeping {
 public:
  /// Only what has this owner is let in.
  explicit Keeping(const void* owner);
  Keeping(const Keeping&) = delete;
  Keeping& operator=(const Keeping&) = delete;
  ~Keeping();

  SharedHandles& kept() noexcept { return kept_; }
  /// Adds to what is collected now. Throws acre::Error if nothing is, as what is encoded is no argument, and
  /// if the value is of another executor.
  static void keep(const SharedHandle& value);

 private:
  const void* owner_;
  SharedHandles kept_;
  Keeping* before_;
};

}  // namespace acre::task
