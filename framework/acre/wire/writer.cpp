#include <acre/base/error.hpp>
#include <acre/wire/writer.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace acre::wire {

// Not inline: g++ 12 takes the paths of an inlined resize() for possible and warns of overflows in users'
// code.
void Writer::append(const void* from, std::size_t count) {
  if (count == 0) return;
  const std::size_t at = out_.size();
  if (count > out_.capacity() - at) grow(count);
  out_.resize(at + count);
  copy_memory(out_.data() + at, from, count);
}

// Buffers of many small values are copied on their way anyway.
void Writer::grow(std::size_t more) {
  constexpr std::size_t large = std::size_t{4} << 20;
  const FromSource from(more >= least_long || out_.size() + more >= large ? source_ : nullptr);
  move_for(out_, more);
}

void Writer::sort_pieces(std::span<const std::size_t> starts) {
  if (starts.size() < 2) return;
  const Bytes unsorted(out_.begin() + static_cast<std::ptrdiff_t>(starts.front()), out_.end());
  std::vector<ByteView> pieces;
  pieces.reserve(starts.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : out_.size();
    pieces.push_back(ByteView(unsorted).subspan(starts[i] - starts.front(), end - starts[i]));
  }
  std::ranges::sort(pieces,
                    [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); });
  out_.resize(starts.front());
  for (const ByteView piece : pieces) append(piece.data(), piece.size());
}

void Writer::enter() {
  if (depth_ == max_nesting)
    throw Error("a value holds records nested more than " + std::to_string(max_nesting) +
                " deep and cannot be encoded: put them in a std::vector and link them by index");
  ++depth_;
}

}  // namespace acre::wire
