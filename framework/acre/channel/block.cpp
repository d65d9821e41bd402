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
// Buffers begin so far behind the beginning of their block. So the elements of a sequence, behind their
// count, lie in their page as malloc places those of a long std::vector; copies between them can take a third
// longer if they do not.
constexpr std::size_t lead = 8;
static_assert(Loan::most <= most_blocks / 2);

// Whether nobody has a share in it, nor has had since this was last called.
template <class Kept>
bool is_unused(Kept& kept) {
  return !kept.block.is_shared() && !std::exchange(kept.used, false);
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
  std::byte* const begin = header.bytes() - lead - page;
  const std::size_t size = page + header.size;
  header.~Header();
  ::munmap(begin, size);
}

Block Block::reserve(std::size_t size) {
  static_assert(sizeof(Header) + lead <= long_memory_offset && lead % alignof(Header) == 0);
  void* at = ::mmap(nullptr, page + size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw_errno("cannot reserve address space for a large message");
  auto* const begin = static_cast<std::byte*>(at);
  if (::mprotect(begin, page, PROT_READ | PROT_WRITE) != 0) {
    ::munmap(begin, page + size);
    throw_errno("cannot use memory for a large message");
  }
  return Block(::new (begin + page + lead - long_memory_offset) Header(size));
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
  if (!header->descriptor) return {};
  header->shares.fetch_add(1, std::memory_order_relaxed);
  return Block(header);
}

std::byte* Block::data() const noexcept { return header_->bytes() - lead; }
std::size_t Block::size() const noexcept { return header_->size; }
int Block::fd() const noexcept { return header_->descriptor.get(); }
bool Block::is_shared() const noexcept { return header_->shares.load(std::memory_order_acquire) != 1; }
LongMemory* Block::release() noexcept { return std::exchange(header_, nullptr); }

Bytes Block::into_buffer(std::size_t size) && {
  ACRE_CHECK(size >= least_long && lead + size <= header_->size, "a buffer lies in its block");
  struct One final : LongSource {
    explicit One(Block&& of) noexcept : block(std::move(of)) {}
    LongMemory* take(std::size_t) noexcept override { return block.release(); }
    Block block;
  } source(std::move(*this));
  const FromSource from(&source);
  return Bytes(size);
}

bool Block::begins_buffer(std::size_t offset) noexcept { return offset == lead; }

void Block::protect(bool read_only) const {
  if (::mprotect(data(), size(), read_only ? PROT_READ : PROT_READ | PROT_WRITE) != 0)
    throw_errno("cannot protect a large message");
}

// Never destroyed: buffers may outlive static objects. A forked process does not have the memory.
BlockSource& BlockSource::here() {
  static BlockSource* const source = [] {
    ::pthread_atfork(nullptr, nullptr, [] { here().forget(); });
    return new BlockSource;
  }();
  return *source;
}

LongMemory* BlockSource::take(std::size_t size) noexcept {
  const std::size_t whole = whole_pages(lead + size);
  const std::lock_guard lock(mutex_);
  for (Kept& kept : kept_) {
    if (kept.block.is_shared() || kept.block.size() < whole || kept.block.size() > 2 * whole) continue;
    kept.used = true;
    return Block(kept.block).release();
  }
  try {
    if (size > most_kept) return Block::create(whole).release();
    if (!make_room(size)) return nullptr;
    Block block = Block::create(whole);
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
  if (count() == 0) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, is_unused<Kept>);
  count_ = kept_.size();
}

void BlockSource::forget() noexcept {
  for (Kept& kept : kept_) kept.block.release();
  kept_.clear();
  count_ = 0;
}

std::vector<BlockReader::Kept>::iterator BlockReader::find(const struct stat& status) noexcept {
  return std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return kept.inode == status.st_ino && kept.device == status.st_dev;
  });
}

Block BlockReader::map(int fd, const struct stat& status, std::size_t size) {
  const auto known = find(status);
  if (known != kept_.end() && known->block.size() >= size) {
    known->used = true;
    return known->block;
  }
  if (known != kept_.end()) kept_.erase(known);
  Block block = Block::map(fd, size);
  if (make_room(block.size())) kept_.push_back({status.st_dev, status.st_ino, block});
  return block;
}

// By dropping the oldest ones, but those that are lent: they are to be given back.
bool BlockReader::make_room(std::size_t size) noexcept {
  std::size_t total = size;
  for (const Kept& kept : kept_) total += kept.block.size();
  while (kept_.size() == most_blocks || total > most_kept) {
    const auto oldest = std::find_if(kept_.begin(), kept_.end(), [](const Kept& kept) { return !kept.loan; });
    if (oldest == kept_.end()) return false;
    total -= oldest->block.size();
    kept_.erase(oldest);
  }
  return true;
}

bool BlockReader::is_lent(const struct stat& status) noexcept {
  const auto at = find(status);
  return at != kept_.end() && at->loan;
}

bool BlockReader::take_loan(const struct stat& status, const Loan& loan) noexcept {
  const auto at = find(status);
  if (at == kept_.end()) return false;
  std::size_t count = 1, total = at->block.size();
  for (const Kept& kept : kept_) {
    count += kept.loan ? 1 : 0;
    total += kept.loan ? kept.block.size() : 0;
  }
  if (count > Loan::most || total > most_kept / 2) return false;
  at->loan = loan;
  has_loans_ = true;
  return true;
}

void BlockReader::tidy() noexcept {
  std::erase_if(kept_, [](Kept& kept) { return !kept.loan && is_unused(kept); });
}

}  // namespace acre::channel
