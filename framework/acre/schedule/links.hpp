// Intrusive doubly linked lists of 32-bit indices into a vector: constant cost per operation, no allocation.
#pragma once

#include <cstdint>

#include <acre/base/check.hpp>

namespace acre::schedule {

/// The index of nothing.
inline constexpr std::uint32_t nothing = 0xffffffff;

/// Where an element stands in the one list it may be in; every element has a data member `links` of this
/// type.
struct Links {
  std::uint32_t prev = nothing, next = nothing;
};

/// A list of elements of one vector, which is passed to every operation.
struct List {
  std::uint32_t head = nothing, tail = nothing, size = 0;
};

template <class Elements>
void push_back(Elements& elements, List& list, std::uint32_t index) {
  elements[index].links = {list.tail, nothing};
  (list.tail == nothing ? list.head : elements[list.tail].links.next) = index;
  list.tail = index;
  ++list.size;
}

template <class Elements>
void push_front(Elements& elements, List& list, std::uint32_t index) {
  elements[index].links = {nothing, list.head};
  (list.head == nothing ? list.tail : elements[list.head].links.prev) = index;
  list.head = index;
  ++list.size;
}

/// The element must be in this very list.
template <class Elements>
void erase(Elements& elements, List& list, std::uint32_t index) {
  const Links links = elements[index].links;
  (links.prev == nothing ? list.head : elements[links.prev].links.next) = links.next;
  (links.next == nothing ? list.tail : elements[links.next].links.prev) = links.prev;
  --list.size;
}

/// Calls `visit(index)` for each element, and aborts if the links or the size are inconsistent.
template <class Elements, class Visit>
void check_list(const Elements& elements, const List& list, Visit visit) {
  std::uint32_t size = 0, previous = nothing;
  for (std::uint32_t index = list.head; index != nothing; index = elements[index].links.next) {
    ACRE_CHECK(elements[index].links.prev == previous, "a list leads back the way it came");
    ACRE_CHECK(++size <= list.size, "a list has as many elements as it says");
    visit(index);
    previous = index;
  }
  ACRE_CHECK(list.tail == previous && size == list.size, "a list ends where and when it says");
}

}  // namespace acre::schedule
