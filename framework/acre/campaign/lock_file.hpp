// One writer per campaign: a file that says who, refreshed while it lives, taken over once it is provably
// dead.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <acre/base/time.hpp>
#include <acre/campaign/posix_file.hpp>

namespace acre::campaign {

/// What a lock needs to know about this process beyond what the kernel says.
struct LockOptions {
  std::string held = "campaign";                      ///< what it is a lock of, for messages
  std::string slurm_job = {};                         ///< "" outside Slurm
  std::uint32_t slurm_restarts = 0;                   ///< how often Slurm has requeued the job
  Duration stale_after = std::chrono::minutes(5);     ///< on this machine's clock
  Duration refresh_every = std::chrono::seconds(30);  ///< what refresh() spaces its writes by
};

/// Holds the lock from construction to destruction. Each object for one thread at a time.
class LockFile {
 public:
  /// Takes the lock, also over a holder that is dead (same host and boot but no such process, another boot of
  /// the same host, the same Slurm job with fewer restarts). Blocks up to `stale_after` where neither life
  /// nor death can be proved, watching whether the holder refreshes. Throws acre::Error naming a living
  /// holder.
  explicit LockFile(std::string path, LockOptions options = {});
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  /// Removes the file if it still is this object's own.
  ~LockFile();

  /// Looks whether the lock is still held, and says that this process lives (written at most every
  /// `refresh_every`). Blocks on the file system. False once another has taken over: then stop writing.
  bool refresh() noexcept;
  /// Whether a refresh() found that the lock is gone or another's.
  bool lost() const noexcept { return lost_; }

 private:
  bool try_take();
  void displace(const std::string& dead);
  bool is_mine() const;
  std::string describe() const;

  std::string path_;
  LockOptions options_;
  std::string token_;
  std::string since_;
  PosixFile file_;
  std::uint64_t counter_ = 0;
  Instant written_;
  bool lost_ = false;
};

}  // namespace acre::campaign
