// Looking at an encoding without a copy, for types whose elements lie in it as they do in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <acre/wire/encodable.hpp>

namespace acre::wire {

/// How to look at an encoding of T: specialise it for a type of your own. Required are
///   static constexpr std::size_t elements_at;   // where in the encoding the elements begin
///   static auto of(ByteView encoding);          // what looks like a const T, while the bytes live
/// The elements are aligned to view_alignment.
template <class T>
struct View;

/// Of the elements, in bytes: what vector instructions want.
inline constexpr std::size_t view_alignment = 64;

/// Types with a View.
template <class T>
concept viewable = requires(ByteView encoding) {
  View<T>::of(encoding);
};

/// A vector is seen as a span of its elements.
template <class E, class A>
requires(is_flat<E>() && alignof(E) <= view_alignment) struct View<std::vector<E, A>> {
  /// Behind their number.
  static constexpr std::size_t elements_at = sizeof(std::uint64_t);
  /// The span; throws DecodeError if the bytes hold no such vector.
  static std::span<const E> of(ByteView encoding) {
    Reader reader(encoding);
    const std::size_t count = reader.length(sizeof(E));
    return {reinterpret_cast<const E*>(reader.bytes(count * sizeof(E)).data()), count};
  }
};

/// Where an encoding of T is to begin in memory that is aligned to view_alignment.
template <class T>
constexpr std::size_t view_offset() {
  if constexpr (viewable<T>)
    return (view_alignment - View<T>::elements_at % view_alignment) % view_alignment;
  else
    return 0;
}

}  // namespace acre::wire
