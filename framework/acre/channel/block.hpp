// Blocks: memory of long buffers that another process maps to read, so that what is in them need not be
// copied on its way; kept for the next message, as pages that were never written cost ten times what writing
// does.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <mutex>
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
  /// The one that a buffer lies in; none if it lies elsewhere.
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
  /// Whether there are any.
  bool empty() const noexcept { return count_.load(std::memory_order_relaxed) == 0; }

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

/// Blocks of one peer that were mapped here. One thread.
class BlockReader {
 public:
  /// The first `size` bytes of the block behind a descriptor of that status, mapped. Throws acre::Error.
  Block map(int fd, const struct stat& status, std::size_t size);
  /// Unmaps those that were not asked for since this was last called, and are not in use.
  void tidy() noexcept;
  bool empty() const noexcept { return kept_.empty(); }

 private:
  struct Kept {
    dev_t device;
    ino_t inode;
    Block block;
    bool used = true;  ///< since tidy()
  };
  std::vector<Kept> kept_;
};

}  // namespace acre::channel
