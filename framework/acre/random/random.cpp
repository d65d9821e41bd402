#include <fmt/format.h>

#include <acre/base/error.hpp>
#include <acre/random/functions.hpp>
#include <acre/random/random.hpp>
#include <algorithm>
#include <cstddef>

namespace acre {
namespace {

constexpr std::uint64_t block_count = std::uint64_t{1} << 40;

__extension__ using Product = unsigned __int128;

}  // namespace

void Random::throw_no_substream() const {
  throw Error(
      fmt::format("substream {} asked of task {}, which has {}: number them from 0, or use more tasks",
                  substream_, task_index_, substream_count));
}

random::Block Random::counter() const {
  return random::counter_of((static_cast<std::uint64_t>(substream_) << 40) | next_block_, task_index_);
}

// A call may take part of its words before the end stops it, so whoever takes several asks for all of them
// first.
void Random::require(std::uint64_t words) const {
  const std::uint64_t left = (block_count - next_block_) * block_.size() + (block_.size() - used_);
  if (words > left) {
    throw Error(
        fmt::format("the random stream of task {}, substream {}, has ended after 2^40 blocks: use further "
                    "substreams, or more tasks",
                    task_index_, substream_));
  }
}

void Random::refill() {
  require(1);
  block_ = random::philox_block(counter(), random::key_of(key_));
  ++next_block_;
  used_ = 0;
}

double Random::normal() {
  return random::normal_quantile(static_cast<double>((bits() >> 12) * 2 + 1) * 0x1p-53);
}

double Random::exponential() { return -random::natural_log(1.0 - uniform()); }

std::int64_t Random::integer(std::int64_t lo, std::int64_t hi) {
  if (lo > hi)
    throw Error(fmt::format("a random integer from {} to {} was asked for: swap the bounds", lo, hi));
  const std::uint64_t count = static_cast<std::uint64_t>(hi) - static_cast<std::uint64_t>(lo) + 1;
  if (count == 0) return static_cast<std::int64_t>(bits());
  Product product = static_cast<Product>(bits()) * count;
  if (static_cast<std::uint64_t>(product) < count) {
    const std::uint64_t biased = -count % count;
    while (static_cast<std::uint64_t>(product) < biased) product = static_cast<Product>(bits()) * count;
  }
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(lo) +
                                   static_cast<std::uint64_t>(product >> 64));
}

void Random::fill(std::span<std::uint32_t> out) {
  require(out.size());
  const std::size_t buffered = std::min<std::size_t>(out.size(), block_.size() - used_);
  std::copy_n(block_.begin() + used_, buffered, out.begin());
  used_ += static_cast<std::uint32_t>(buffered);
  out = out.subspan(buffered);
  const std::size_t blocks = out.size() / block_.size();
  random::philox_blocks(random::key_of(key_), counter(), out.first(blocks * block_.size()));
  next_block_ += blocks;
  for (std::uint32_t& to : out.subspan(blocks * block_.size())) to = word();
}

void Random::discard(std::uint64_t count) {
  require(count > block_count * 2 ? block_count * 4 + 1 : count * 2);
  std::uint64_t words = count * 2;
  const std::uint64_t buffered = std::min<std::uint64_t>(words, block_.size() - used_);
  used_ += static_cast<std::uint32_t>(buffered);
  words -= buffered;
  if (words == 0) return;
  next_block_ += words / block_.size();
  for (words %= block_.size(); words > 0; --words) word();
}

}  // namespace acre
