#include <acre/wire/reader.hpp>

#include <string>

namespace acre::wire {

void Reader::enter() {
  if (depth_ == max_nesting)
    throw DecodeError("an encoding holds records nested more than " + std::to_string(max_nesting) +
                      " deep: it is damaged");
  ++depth_;
}

void Reader::throw_short(std::size_t count) const {
  throw DecodeError("an encoding ends too early: " + std::to_string(count) + " bytes wanted, " +
                    std::to_string(left_.size()) + " left");
}

void Reader::throw_length(std::uint64_t count) const {
  throw DecodeError("an encoding claims " + std::to_string(count) + " elements, but only " +
                    std::to_string(left_.size()) + " bytes are left");
}

void Reader::throw_trailing() const {
  throw DecodeError("an encoding is followed by " + std::to_string(left_.size()) +
                    " bytes that belong to nothing");
}

}  // namespace acre::wire
