// Blocks: memory of long buffers that another process maps to read, so that what is in them need not be
// copied on its way; kept for the next message, as pages that were never written cost ten times what writing
// does.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include <acre/channel/memory.hpp>

namespace acre::channel {

/// A share in a block, which lives as long as somebody has one; a buffer that lies in it is such a somebody.
/// Any thread. A forked process does not have the memory.
class Block {
 public:
  Block() noexcept = default;
  Block(const Block& other) noexcept : header_(other.header_) {
    if (header_ != nullptr) add_share();
  }
  Block(Block&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  Block& operator=(Block other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~Block() {
    if (header_ != nullptr) drop_share();
  }

  /// A new one, which only its mapping here can ever change. Throws acre::Error.
  static Block create(std::size_t size);
  /// The first `size` bytes of one that a peer has made, to be read. Throws acre::Error.
  static Block map(int fd, std::size_t size);
  /// The one made here that a buffer lies in; none if it lies elsewhere.
  static Block of(const Bytes& buffer) noexcept {
    return buffer.capacity() < least_long ? Block() : of_long(buffer);
  }

  explicit operator bool() const noexcept { return header_ != nullptr; }
  std::byte* data() const noexcept;
  std::size_t size() const noexcept;
  /// Of one that was made here.
  int fd() const noexcept;
  /// Whether somebody else has a share.
  bool is_shared() const noexcept;
  /// The memory for a buffer that takes this share over.
  LongMemory* release() noexcept;
  /// A buffer of the first `size` bytes of those that were put there as a buffer, least_long or more; of a
  /// mapped one only to be read. It takes this share over. Throws std::bad_alloc.
  Bytes into_buffer(std::size_t size) &&;
  /// Whether what a buffer in this block holds begins there.
  static bool begins_buffer(std::size_t offset) noexcept;
  /// Lets nobody write into one that was made here, or its maker again. Throws acre::Error.
  void protect(bool read_only) const;

 private:
  struct Header;
  explicit Block(Header* header) noexcept : header_(header) {}
  static Block reserve(std::size_t size);
  static Block of_long(const Bytes& buffer) noexcept;
  void add_share() noexcept;
  void drop_share() noexcept;
  static void give_back(LongMemory& memory) noexcept;
  Header* header_ = nullptr;
};

/// The most bytes of blocks that one side keeps for later.
inline constexpr std::size_t most_kept = std::size_t{256} << 20;
/// The most of them, as descriptors of a process are few.
inline constexpr std::size_t most_blocks = 16;

/// Blocks that this process has made: the memory of what is about to be sent. Any thread.
class BlockSource final : public LongSource {
 public:
  /// The one of this process.
  static BlockSource& here();
  /// A kept one that is large enough and not much too large, or else a new one; null if there are too many or
  /// the system refuses one.
  LongMemory* take(std::size_t size) noexcept override;
  /// Drops those that no buffer had since this was last called.
  void tidy() noexcept;
  /// How many there are, in use or not.
  std::size_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  void forget() noexcept;
  struct Kept {
    Block block;
    bool used = true;  ///< since tidy()
  };
  bool make_room(std::size_t size) noexcept;
  mutable std::mutex mutex_;
  std::vector<Kept> kept_;
  std::atomic<std::size_t> count_ = 0;  ///< of these
};

/// Under what its maker has lent a block to a reader, who says so when it gives the block back.
struct Loan {
  /// At a time: half of what its maker may have, who needs others for what comes next.
  static constexpr std::uint64_t most = 8;
  std::uint64_t number = most;  ///< of those of its maker; no such one: it is copied at once
  std::uint64_t token = 0;      ///< what is not written by chance where the maker looks for it
};

/// Blocks of one peer that were mapped here. One thread.
class BlockReader {
 public:
  /// The first `size` bytes of the block behind a descriptor of that status, mapped. Throws acre::Error.
  Block map(int fd, const struct stat& status, std::size_t size);
  /// Whether the block behind a descriptor of that status is lent to here.
  bool is_lent(const struct stat& status) noexcept;
  /// Takes the loan of one that was mapped and is not lent yet; false if it is not kept here, or if with it
  /// more than half of what the peer may make would be lent.
  bool take_loan(const struct stat& status, const Loan& loan) noexcept;
  /// Whether there are loans.
  bool has_loans() const noexcept { return has_loans_; }
  /// Ends the loans of blocks that nobody reads any more, and passes them to `give_back`.
  template <class GiveBack>
  void end_loans(GiveBack give_back) {
    has_loans_ = false;
    for (Kept& kept : kept_) {
      if (!kept.loan) continue;
      if (kept.block.is_shared())
        has_loans_ = true;
      else
        give_back(*std::exchange(kept.loan, std::nullopt));
    }
  }
  /// Unmaps those that were not asked for since this was last called, and are not in use.
  void tidy() noexcept;
  bool empty() const noexcept { return kept_.empty(); }

 private:
  struct Kept {
    dev_t device;
    ino_t inode;
    Block block;
    bool used = true;  ///< since tidy()
    std::optional<Loan> loan = {};
  };
  std::vector<Kept>::iterator find(const struct stat& status) noexcept;
  bool make_room(std::size_t size) noexcept;
  std::vector<Kept> kept_;
  bool has_loans_ = false;  ///< perhaps
};

}  // namespace acre::channel
