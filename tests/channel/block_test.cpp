// Blocks: long buffers that another process reads where they are, and that are used again.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <acre/base/error.hpp>
#include <acre/channel/block.hpp>
#include <string>
#include <vector>

#include "channel/two_rings.hpp"

namespace acre::test {
namespace {
using channel::Block;
using channel::BlockReader;
using channel::BlockSource;

constexpr std::size_t mib = std::size_t{1} << 20;
constexpr std::size_t lead = 8;  // from where a block begins to where its buffer does

Bytes buffer_of(BlockSource& source, std::size_t size) {
  const FromSource from(&source);
  Bytes buffer;
  buffer.reserve(size);
  return buffer;
}

// Where a buffer is that ends here.
const std::byte* place_of(BlockSource& source, std::size_t size) {
  return Block::of(buffer_of(source, size)).data() + lead;
}

struct stat status_of(int fd) {
  struct stat status {};
  ::fstat(fd, &status);
  return status;
}

TEST(Block, is_the_memory_of_long_buffers_only_where_they_are_told_so) {
  BlockSource source;
  EXPECT_FALSE(Block::of({}));
  EXPECT_FALSE(Block::of(Bytes(least_long - 1)));
  EXPECT_FALSE(Block::of(Bytes(least_long)));
  EXPECT_FALSE(Block::of(buffer_of(source, least_long - 1)));
  const Bytes buffer = buffer_of(source, least_long);
  const Block block = Block::of(buffer);
  ASSERT_TRUE(block);
  EXPECT_EQ(block.data() + lead, buffer.data())
      << "as far behind a page's beginning as malloc's, with a count";
  EXPECT_EQ(block.size(), least_long + 4096);
  EXPECT_FALSE(Block::of(Bytes(least_long))) << "which is over with the scope";
}

TEST(Block, lives_as_long_as_somebody_has_a_share) {
  BlockSource source;
  Bytes buffer = buffer_of(source, channel::most_kept + mib);
  Block block = Block::of(buffer);
  EXPECT_TRUE(block.is_shared());
  buffer = Bytes();
  EXPECT_FALSE(block.is_shared());
  block.data()[channel::most_kept] = std::byte{7};
  const Block other = block;
  EXPECT_TRUE(other.is_shared());
  block = {};
  EXPECT_EQ(other.data()[channel::most_kept], std::byte{7});
}

TEST(Block, can_be_read_but_not_changed_through_its_descriptor) {
  const Block block = Block::create(2 * mib);
  std::memset(block.data(), 'a', 2 * mib);
  const Block there = Block::map(block.fd(), mib);
  EXPECT_EQ(there.size(), mib);
  EXPECT_EQ(text_of({there.data(), mib}), std::string(mib, 'a'));
  block.data()[5] = std::byte{'b'};
  EXPECT_EQ(there.data()[5], std::byte{'b'}) << "its maker can";
  EXPECT_NE(::mprotect(there.data(), 4096, PROT_READ | PROT_WRITE), 0);
  EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, block.fd(), 0), MAP_FAILED);
  EXPECT_LT(::pwrite(block.fd(), "x", 1, 0), 0);
  EXPECT_NE(::ftruncate(block.fd(), 4096), 0);
  EXPECT_NE(::fallocate(block.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), 0);
  EXPECT_THROW(Block::map(-1, mib), Error);
}

TEST(Block, is_not_there_in_a_forked_process) {
  const Block block = Block::create(mib);
  const auto is_there = [&] { return ::msync(block.data(), 4096, MS_ASYNC) == 0; };
  EXPECT_TRUE(is_there());
  EXPECT_EQ(end_of(in_child([&] { return is_there() ? 1 : 0; })), 0);
}

TEST(BlockSource, uses_memory_again_once_nobody_has_it) {
  BlockSource source;
  EXPECT_EQ(source.count(), 0u);
  Bytes buffer = buffer_of(source, 2 * mib);
  const std::byte* const at = buffer.data();
  EXPECT_NE(buffer_of(source, 2 * mib).data(), at);
  Block share = Block::of(buffer);
  buffer = Bytes();
  EXPECT_NE(buffer_of(source, 2 * mib).data(), at) << "the reader's share counts";
  share = {};
  EXPECT_EQ(buffer_of(source, mib).data(), at) << "it may be up to twice as large as need be";
  EXPECT_NE(buffer_of(source, mib / 2).data(), at);
  EXPECT_NE(buffer_of(source, 2 * mib + 4096).data(), at);
}

TEST(BlockSource, keeps_what_is_used_and_no_more_than_a_bound) {
  BlockSource source;
  Bytes in_use = buffer_of(source, mib);
  const std::byte* const at = place_of(source, 2 * mib);
  source.tidy();
  EXPECT_EQ(buffer_of(source, 2 * mib).data(), at) << "it was used since the last time";
  source.tidy();
  source.tidy();
  EXPECT_NE(source.count(), 0u) << "one is in use";
  in_use = Bytes();
  source.tidy();
  source.tidy();
  EXPECT_EQ(source.count(), 0u);
  buffer_of(source, channel::most_kept + 1);
  EXPECT_EQ(source.count(), 0u) << "what is very large is not kept";
}

TEST(BlockSource, makes_way_for_others_and_gives_ordinary_memory_beyond_its_bounds) {
  BlockSource source;
  std::vector<Bytes> buffers;
  for (int i = 0; i < 16; ++i) buffers.push_back(buffer_of(source, mib));
  EXPECT_TRUE(Block::of(buffers.back()));
  EXPECT_FALSE(Block::of(buffer_of(source, mib))) << "descriptors are few";
  buffers.pop_back();
  EXPECT_TRUE(Block::of(buffer_of(source, 8 * mib))) << "in the place of the free one";
  buffers.clear();
  const Bytes large = buffer_of(source, channel::most_kept);
  EXPECT_TRUE(Block::of(large));
  EXPECT_FALSE(Block::of(buffer_of(source, mib)));
}

TEST(Block, that_was_mapped_can_be_read_as_a_buffer_which_has_a_share) {
  const Block block = Block::create(2 * mib);
  std::memset(block.data(), 'a', 2 * mib);
  Block there = Block::map(block.fd(), 2 * mib);
  Bytes buffer = Block(there).into_buffer(mib);
  EXPECT_TRUE(there.is_shared());
  EXPECT_EQ(buffer.data(), there.data() + lead);
  EXPECT_TRUE(Block::begins_buffer(lead));
  EXPECT_EQ(text_of(buffer), std::string(mib, 'a'));
  EXPECT_FALSE(Block::of(buffer)) << "it has no descriptor to be sent";
  append(buffer, ByteView(block.data(), 1));
  EXPECT_EQ(buffer.size(), mib + 1) << "in other memory";
  EXPECT_FALSE(there.is_shared());
}

TEST(BlockReader, keeps_what_is_lent_until_nobody_reads_it) {
  BlockReader reader;
  std::vector<Block> blocks;
  const auto map = [&] {
    const struct stat status = status_of(blocks.emplace_back(Block::create(mib)).fd());
    Block there = reader.map(blocks.back().fd(), status, mib);
    return std::pair(status, there);
  };
  auto [status, lent] = map();
  EXPECT_FALSE(reader.is_lent(status));
  EXPECT_TRUE(reader.take_loan(status, {3, 77}));
  for (int i = 0; i < 20; ++i) map();
  EXPECT_TRUE(reader.is_lent(status)) << "whatever else has come";
  std::vector<std::uint64_t> ended;
  const auto end_loans = [&] {
    reader.end_loans([&](const channel::Loan& loan) { ended.push_back(loan.token); });
  };
  end_loans();
  EXPECT_TRUE(reader.has_loans() && ended.empty());
  lent = {};
  reader.tidy();
  reader.tidy();
  EXPECT_TRUE(reader.is_lent(status)) << "nobody has been told";
  end_loans();
  EXPECT_EQ(ended, std::vector<std::uint64_t>{77});
  EXPECT_FALSE(reader.has_loans() || reader.is_lent(status));
  reader.tidy();
  reader.tidy();
  EXPECT_TRUE(reader.empty());
}

TEST(BlockReader, takes_the_loan_of_half_of_what_its_peer_may_make) {
  BlockReader reader;
  std::vector<Block> blocks, there;
  const auto is_taken = [&](std::size_t size) {
    const struct stat status = status_of(blocks.emplace_back(Block::create(size)).fd());
    there.push_back(reader.map(blocks.back().fd(), status, size));
    return reader.take_loan(status, {});
  };
  EXPECT_FALSE(reader.take_loan(status_of(Block::create(mib).fd()), {})) << "it was not mapped";
  EXPECT_FALSE(is_taken(channel::most_kept / 2 + mib));
  EXPECT_TRUE(is_taken(channel::most_kept / 2 - 7 * mib));
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(is_taken(mib / 2));
  EXPECT_FALSE(is_taken(mib / 2)) << "eight are lent";
  there.clear();
  reader.end_loans([](const channel::Loan&) {});
  EXPECT_TRUE(is_taken(channel::most_kept / 2));
  EXPECT_FALSE(is_taken(mib / 2)) << "half of the bytes are lent";
}

TEST(BlockReader, maps_a_block_once_while_it_is_used) {
  BlockReader reader;
  const Block block = Block::create(2 * mib), other = Block::create(mib);
  std::memset(block.data(), 'a', 2 * mib);
  const std::byte* const at = reader.map(block.fd(), status_of(block.fd()), mib).data();
  EXPECT_NE(reader.map(other.fd(), status_of(other.fd()), mib).data(), at);
  EXPECT_EQ(reader.map(block.fd(), status_of(block.fd()), mib).data(), at);
  Block longer = reader.map(block.fd(), status_of(block.fd()), 2 * mib);
  EXPECT_EQ(text_of({longer.data(), 2 * mib}), std::string(2 * mib, 'a'));
  reader.tidy();
  reader.tidy();
  EXPECT_FALSE(reader.empty()) << "somebody reads it";
  longer = {};
  reader.tidy();
  EXPECT_FALSE(reader.empty()) << "it was in use until now";
  reader.tidy();
  EXPECT_TRUE(reader.empty());
}

}  // namespace
}  // namespace acre::test
