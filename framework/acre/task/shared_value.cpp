#include <algorithm>
#include <utility>

#include <acre/base/error.hpp>
#include <acre/task/shared_value.hpp>

namespace acre::task {
namespace {
thread_local const Shelf* shelf_here = nullptr;
thread_local Keeping* keeping_here = nullptr;
}  // namespace

SharedValue::SharedValue(std::uint64_t id, ByteView encoding, std::uint64_t offset, const void* owner)
    : place_{id, offset, encoding.size()},
      owner_(owner),
      memory_(channel::create_sealed(encoding, offset)),
      mapping_(channel::Mapping::read_only(memory_.get(), offset + encoding.size())) {}

SharedValue::SharedValue(int memory, const SharedPlace& place)
    : place_(place), mapping_(channel::Mapping::read_only(memory, place.offset + place.length)) {}

void Shelf::put(SharedHandle value) {
  const std::uint64_t id = value->place().id;
  const std::lock_guard lock(mutex_);
  values_.insert_or_assign(id, std::move(value));
}

void Shelf::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  values_.erase(id);
}

SharedHandle Shelf::get(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto at = values_.find(id);
  if (at == values_.end()) throw Error("a task refers to a broadcast that its worker does not have");
  return at->second;
}

AtShelf::AtShelf(const Shelf& shelf) : before_(std::exchange(shelf_here, &shelf)) {}

AtShelf::~AtShelf() { shelf_here = before_; }

const Shelf& AtShelf::current() {
  if (shelf_here == nullptr) throw Error("a broadcast can be an argument of a task only, not of a hook");
  return *shelf_here;
}

Keeping::Keeping(const void* owner) : owner_(owner), before_(std::exchange(keeping_here, this)) {}

Keeping::~Keeping() { keeping_here = before_; }

void Keeping::keep(const SharedHandle& value) {
  if (keeping_here == nullptr) throw Error("a broadcast can be an argument of a task only");
  if (value->owner() != keeping_here->owner_)
    throw Error(
        "a broadcast of another executor cannot be an argument of this one's tasks: make one with this "
        "executor's broadcast()");
  SharedHandles& kept = keeping_here->kept_;
  if (std::find(kept.begin(), kept.end(), value) == kept.end()) kept.push_back(value);
}

}  // namespace acre::task
