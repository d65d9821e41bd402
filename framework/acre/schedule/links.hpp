// Intrusive doubly linked lists of 32-bit indices into a table: constant cost per operation, no allocation.
#pragma once

#include <cstdint>

#include <acre/base/check.hpp>

namespace acre::schedule {

/// The index of nothing.
inline constexpr std::uint32_t nothing = 0xffffffff;

/// Where an element stands in a list; an element has one data member of this type for each list that it may
/// be in at one time.
struct Links {
  std::uint32_t prev = nothing, next = nothing;
};

/// A list of elements of one table, which is passed to every operation, as is the data member with the links.
struct List {
  std::uint32_t head = nothing, tail = nothing, size = 0;
};

/// Before that element; at the end if that is nothing.
template <auto links, class Elements>
void insert(Elements& elements, List& list, std::uint32_t index, std::uint32_t before) {
  const std::uint32_t prev = before == nothing ? list.tail : (elements[before].*links).prev;
  elements[index].*links = {prev, before};
  (prev == nothing ? list.head : (elements[prev].*links).next) = index;
  (before == nothing ? list.tail : (elements[before].*links).prev) = index;
  ++list.size;
}

template <auto links, class Elements>
void push_front(Elements& elements, List& list, std::uint32_t index) {
  insert<links>(elements, list, index, list.head);
}

template <auto links, class Elements>
void push_back(Elements& elements, List& list, std::uint32_t index) {
  insert<links>(elements, list, index, nothing);
}

/// The element must be in this very list.
template <auto links, class Elements>
void erase(Elements& elements, List& list, std::uint32_t index) {
  const Links at = elements[index].*links;
  (at.prev == nothing ? list.head : (elements[at.prev].*links).next) = at.next;
  (at.next == nothing ? list.tail : (elements[at.next].*links).prev) = at.prev;
  --list.size;
}

/// Calls `visit(index)` for each element, and aborts if the links or the size are inconsistent.
template <auto links, class Elements, class Visit>
void check_list(const Elements& elements, const List& list, Visit visit) {
  std::uint32_t size = 0, previous = nothing;
  for (std::uint32_t index = list.head; index != nothing; index = (elements[index].*links).next) {
    ACRE_CHECK((elements[index].*links).prev == previous, "a list leads back the way it came");
    ACRE_CHECK(++size <= list.size, "a list has as many elements as it says");
    visit(index);
    previous = index;
  }
  ACRE_CHECK(list.tail == previous && size == list.size, "a list ends where and when it says");
}

}  // namespace acre::schedule
