// A value that is sent to each node once, for many tasks.
#pragma once

#include <acre/task/shared_value.hpp>
#include <acre/wire/view.hpp>

namespace acre {

/// A handle of a value that an executor holds on each of its nodes once; made by Executor::broadcast, and an
/// ordinary argument of that executor's tasks. Cheap to copy. The value is freed everywhere soon after the
/// last handle on the root is gone and no task that has one is left. Any thread.
template <class T>
class Broadcast {
 public:
  /// Made by Executor::broadcast().
  explicit Broadcast(task::SharedHandle value) : value_(std::move(value)) {}

  /// The value. A worker decodes it when its first task asks, and keeps it; threads of one program share what
  /// the first of them has decoded. Blocks while that takes; throws what its codec throws.
  const T& operator*() const { return value_->value<T>(); }
  /// Likewise.
  const T* operator->() const { return &value_->value<T>(); }

  /// What looks like the value without a copy, in memory that all processes of the node share: a
  /// std::span<const E> for std::vector<E> of numbers and the like, an Eigen::Map for a matrix (see
  /// acre/wire/view.hpp). Valid as long as a handle is.
  auto view() const requires wire::viewable<T> { return wire::View<T>::of(value_->encoding()); }

  /// What its copies share.
  const task::SharedHandle& handle() const noexcept { return value_; }

 private:
  task::SharedHandle value_;
};

}  // namespace acre

namespace acre::wire {

/// Its number; the value travels by another way.
template <class T>
struct Codec<Broadcast<T>> {
  using Parts = Types<T>;
  static constexpr Width width() { return {sizeof(std::uint64_t), true}; }
  static void encode(Writer& writer, const Broadcast<T>& value) {
    task::Keeping::keep(value.handle());
    writer.number(value.handle()->place().id);
  }
  static Broadcast<T> decode(Reader& reader) {
    return Broadcast<T>(task::AtShelf::current().get(reader.number<std::uint64_t>()));
  }
};

}  // namespace acre::wire

namespace acre::task {

template <class T>
inline constexpr bool is_broadcast = false;
template <class T>
inline constexpr bool is_broadcast<Broadcast<T>> = true;

template <class T, class... Seen>
constexpr bool holds_broadcast();

template <class... Part, class... Seen>
constexpr bool any_holds_broadcast(wire::Types<Part...>, wire::Types<Seen...>) {
  return (holds_broadcast<std::remove_cv_t<Part>, Seen...>() || ...);
}

/// Whether T is a broadcast or has one somewhere inside; `Seen` ends the walk through types that hold
/// themselves.
template <class T, class... Seen>
constexpr bool holds_broadcast() {
  if constexpr ((std::is_same_v<T, Seen> || ...))
    return false;
  else if constexpr (is_broadcast<T>)
    return true;
  else
    return any_holds_broadcast(typename wire::detail::PartsOf<T>::type{}, wire::Types<T, Seen...>{});
}

}  // namespace acre::task
