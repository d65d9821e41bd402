// Random: the stream of random numbers of one task, the same on whatever worker, attempt or machine it runs.
#pragma once

#include <acre/random/philox.hpp>
#include <cstdint>
#include <limits>
#include <span>

namespace acre {

/// A stream of 32-bit words that depends on (key, task index, substream) alone, and numbers made of them.
///
/// Word 4b+j of the stream is word j of the Philox4x32-10 block whose counter has the low 64 bits
/// (substream << 40) | b and the high 64 bits task_index. A stream ends after 2^40 blocks; whoever asks for
/// more gets an Error. Unless its contract says otherwise, a member that returns a number takes two words.
///
/// Copies go on independently from the same place. One thread at a time per object; nothing blocks.
class Random {
 public:
  /// Of operator(): 64 bits.
  using result_type = std::uint64_t;

  /// The start of a stream; `key` comes from random::stream_key. Throws Error if `substream` is 2^24 or more.
  Random(std::uint64_t key, std::uint64_t task_index, std::uint32_t substream = 0)
      : key_(key), task_index_(task_index), substream_(substream) {
    if (substream >= substream_count) throw_no_substream();
  }

  /// 64 random bits: the next word is the low half, the one after it the high half. Throws Error at the end.
  std::uint64_t bits() {
    const std::uint64_t low = word();
    return (static_cast<std::uint64_t>(word()) << 32) | low;
  }

  /// Uniform on the multiples of 2^-53 in [0, 1): the upper 53 of bits(). Throws Error at the end.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// Standard normal: random::normal_quantile((2n + 1) / 2^53), n the upper 52 of bits(); monotone in bits(),
  /// symmetric about 0, within ±8.21. Throws Error at the end.
  double normal();

  /// Exponential with mean 1: -random::natural_log(1 - uniform()), from 0 to 36.74. Throws Error at the end.
  double exponential();

  /// Uniform on the integers lo … hi, both included, without bias; takes two words, and two more for each
  /// rejection. Throws Error if lo > hi, and at the end. Source: Lemire, "Fast random integer generation in
  /// an interval", ACM Trans. Model. Comput. Simul. 29 (2019) 3.
  std::int64_t integer(std::int64_t lo, std::int64_t hi);

  /// The start of the given substream of the same key and task, wherever this one stands; substreams of one
  /// task are numbered alike from each of them. Throws Error if `substream` is 2^24 or more.
  Random substream(std::uint32_t substream) const { return {key_, task_index_, substream}; }

  /// Takes out.size() words: those that pairs of bits() would have returned, low half first, generated in
  /// bulk. Throws Error, before anything is written, if the stream has fewer left.
  void fill(std::span<std::uint32_t> out);

  /// Passes over `count` results of bits(), in constant time. Throws Error if the stream has fewer left.
  void discard(std::uint64_t count);

  /// What the generators of the standard library offer, so that its algorithms accept this one.
  static constexpr std::uint64_t min() { return 0; }
  /// The largest result.
  static constexpr std::uint64_t max() { return std::numeric_limits<std::uint64_t>::max(); }
  /// bits().
  std::uint64_t operator()() { return bits(); }

 private:
  static constexpr std::uint32_t substream_count = std::uint32_t{1} << 24;
  [[noreturn]] void throw_no_substream() const;
  std::uint32_t word() {
    if (used_ == block_.size()) refill();
    return block_[used_++];
  }
  void refill();
  void require(std::uint64_t words) const;
  random::Block counter() const;

  std::uint64_t key_;
  std::uint64_t task_index_;
  std::uint64_t next_block_ = 0;
  std::uint32_t substream_;
  std::uint32_t used_ = 4;
  random::Block block_{};
};

}  // namespace acre
