#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/channel/block.hpp>

// Of Linux 5.1; some C libraries do not name it.
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace acre::channel {
namespace {
constexpr std::size_t page = 4096;
constexpr std::size_t most_blocks = 16;  // descriptors of a process are few

// Those that nobody has a share in, nor has had since this was last called.
template <class Kept>
void drop_unused(std::vector<Kept>& all) {
  std::erase_if(all, [](Kept& kept) { return !kept.block.is_shared() && !std::exchange(kept.used, false); });
}

std::size_t whole_pages(std::size_t size) { return (size + page - 1) / page * page; }
}  // namespace

// The end of a private page in front of the block's first one.
struct Block::Header : LongMemory {
  explicit Header(std::size_t bytes) : LongMemory{&Block::give_back}, size(bytes) {}
  std::atomic<std::uint32_t> shares = 1;
  Descriptor descriptor;
  std::size_t size;
};

void Block::add_share() noexcept { header_->shares.fetch_add(1, std::memory_order_relaxed); }
void Block::drop_share() noexcept { give_back(*header_); }

void Block::give_back(LongMemory& memory) noexcept {
  auto& header = static_cast<Header&>(memory);
  if (header.shares.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  std::byte* const begin = header.bytes() - page;
  const std::size_t size = page + header.size;
  header.~Header();
  ::munmap(begin, size);
}

Block Block::reserve(std::size_t size) {
  static_assert(sizeof(Header) <= long_memory_offset);
  void* at = ::mmap(nullptr, page + size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw_errno("cannot reserve address space for a large message");
  auto* const begin = static_cast<std::byte*>(at);
  if (::mprotect(begin, page, PROT_READ | PROT_WRITE) != 0) {
    ::munmap(begin, page + size);
    throw_errno("cannot use memory for a large message");
  }
  return Block(::new (begin + page - long_memory_offset) Header(size));
}

Block Block::create(std::size_t size) {
  size = whole_pages(size);
  Descriptor memory(::memfd_create("acre-block", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) throw_errno("cannot create shared memory for a large message");
  if (::ftruncate(memory.get(), static_cast<off_t>(size)) != 0) throw_errno("cannot size shared memory");
  Block block = reserve(size);
  constexpr int both = PROT_READ | PROT_WRITE;
  if (::mmap(block.data(), size, both, MAP_SHARED | MAP_FIXED, memory.get(), 0) == MAP_FAILED)
    throw_errno("cannot map shared memory");
  ::madvise(block.data(), size, MADV_DONTFORK);
  constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;
  if (::fcntl(memory.get(), F_ADD_SEALS, seals) != 0) throw_errno("cannot seal shared memory");
  block.header_->descriptor = std::move(memory);
  return block;
}

Block Block::map(int fd, std::size_t size) {
  size = whole_pages(size);
  Block block = reserve(size);
  constexpr int flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE;
  if (::mmap(block.data(), size, PROT_READ, flags, fd, 0) == MAP_FAILED)
    throw_errno("cannot map shared memory");
  ::madvise(block.data(), size, MADV_DONTFORK);
  return block;
}

Block Block::of_long(const Bytes& buffer) noexcept {
  LongMemory& memory = LongMemory::of(const_cast<std::byte*>(buffer.data()));
  if (memory.give_back != give_back) return {};
  auto* header = static_cast<Header*>(&memory);
  header->shares.fetch_add(1, std::memory_order_relaxed);
  return Block(header);
}

std::byte* Block::data() const noexcept { return header_->bytes(); }
std::size_t Block::size() const noexcept { return header_->size; }
int Block::fd() const noexcept { return header_->descriptor.get(); }
bool Block::is_shared() const noexcept { return header_->shares.load(std::memory_order_acquire) != 1; }
LongMemory* Block::release() noexcept { return std::exchange(header_, nullptr); }

// Never destroyed: buffers may outlive static objects. A forked process does not have the memory.
BlockSource& BlockSource::here() {
  static BlockSource* const source = [] {
    ::pthread_atfork(nullptr, nullptr, [] { here().forget(); });
    return new BlockSource;
  }();
  return *source;
}

LongMemory* BlockSource::take(std::size_t size) noexcept {
  const std::lock_guard lock(mutex_);
  for (Kept& kept : kept_) {
    if (kept.block.is_shared() || kept.block.size() < size || kept.block.size() / 2 > size) continue;
    kept.used = true;
    return Block(kept.block).release();
  }
  try {
    if (size > most_kept) return Block::create(size).release();
    if (!make_room(size)) return nullptr;
    Block block = Block::create(size);
    kept_.push_back({block});
    count_ = kept_.size();
    return block.release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

// By dropping those that are free.
bool BlockSource::make_room(std::size_t size) noexcept {
  const auto total = [this] {
    std::size_t sum = 0;
    for (const Kept& kept : kept_) sum += kept.block.size();
    return sum;
  };
  while (kept_.size() == most_blocks || total() + size > most_kept) {
    const auto free =
        std::find_if(kept_.begin(), kept_.end(), [](const Kept& kept) { return !kept.block.is_shared(); });
    if (free == kept_.end()) return false;
    kept_.erase(free);
  }
  return true;
}

void BlockSource::tidy() noexcept {
  if (empty()) return;
  const std::lock_guard lock(mutex_);
  drop_unused(kept_);
  count_ = kept_.size();
}

void BlockSource::forget() noexcept {
  for (Kept& kept : kept_) kept.block.release();
  kept_.clear();
  count_ = 0;
}

Block BlockReader::map(int fd, const struct stat& status, std::size_t size) {
  const auto known = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return kept.inode == status.st_ino && kept.device == status.st_dev;
  });
  if (known != kept_.end() && known->block.size() >= size) {
    known->used = true;
    return known->block;
  }
  if (known != kept_.end()) kept_.erase(known);
  Block block = Block::map(fd, size);
  std::size_t total = block.size();
  for (const Kept& kept : kept_) total += kept.block.size();
  for (; !kept_.empty() && (kept_.size() == most_blocks || total > most_kept); kept_.erase(kept_.begin()))
    total -= kept_.front().block.size();
  if (total <= most_kept) kept_.push_back({status.st_dev, status.st_ino, block});
  return block;
}

void BlockReader::tidy() noexcept { drop_unused(kept_); }

}  // namespace acre::channel
