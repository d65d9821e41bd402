// The append-only file that makes a finished task's result durable: the truth while a campaign runs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <acre/base/time.hpp>
#include <acre/campaign/frame.hpp>
#include <acre/campaign/lock_file.hpp>
#include <acre/campaign/posix_file.hpp>
#include <acre/campaign/record.hpp>
#include <acre/campaign/row_index.hpp>

namespace acre::campaign {

/// How a journal makes rows durable.
struct JournalOptions {
  Duration sync_after =
      std::chrono::seconds(1);  ///< a row reaches the disk at most so long after it was written
  std::size_t sync_bytes = std::size_t{64}
                           << 20;  ///< or once so many bytes wait; also the most that is buffered
  LockFile* lock = nullptr;        ///< looked after by the writer thread; the journal is dead once it is lost
};

/// What a journal says: filled by replay, continued by appending.
struct JournalContents {
  std::optional<Identity> identity;
  std::vector<StageInfo> stages;
  std::vector<RowIndex> rows;     ///< one per stage
  std::deque<std::string> hosts;  ///< names stay where they are
  std::vector<std::string> builds;
  std::uint64_t end = 0;  ///< where the intact part ends
};

/// One campaign's journal. Unless it says otherwise a method may be called from any thread, and throws
/// acre::Error with one sentence once the journal is dead (disk full, I/O error, lock lost); it is never
/// retried: resume.
class Journal {
 public:
  /// Starts a new file, durable on return. Refuses an existing one. `build` says which binary made the rows.
  static std::unique_ptr<Journal> create(const std::string& path, const Identity& identity,
                                         std::string_view build, JournalOptions options = {});
  /// Replays a file and goes on behind its last intact frame; a torn tail is cut. Refuses, harming nothing, a
  /// file that is not a journal, another version, damage before the tail, and another campaign.
  static std::unique_ptr<Journal> resume(const std::string& path, const Identity& wanted,
                                         std::string_view build, JournalOptions options = {});
  /// Replays a file to be read only, also while another process writes it; what it holds now is what is seen.
  static std::unique_ptr<Journal> read(const std::string& path);

  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  /// Waits until what was appended is on disk, or the journal is dead; call flush() before to hear of errors.
  ~Journal();

  /// The number of a stage: declares it, or compares it with the one recorded under this name and throws
  /// acre::Error naming the stage and the difference.
  std::uint32_t stage(const StageInfo& info);
  /// Records a finished task; false if it is recorded already (the first one stays). Copies the row and
  /// returns; blocks only while `sync_bytes` wait to be written. The row's build is the one given when
  /// opening.
  bool append(const Row& row);
  /// Blocks until all that was appended is on disk.
  void flush();
  /// Blocks until all that was appended is in the file: it survives this process, not yet the machine.
  void write_out();
  /// Whether writing has failed; failure() then is the sentence. Do not throw.
  bool failed() const;
  std::string failure() const;

  const std::string& path() const noexcept { return file_.path(); }
  const Identity& identity() const noexcept { return *contents_.identity; }
  std::vector<StageInfo> stages() const;
  std::vector<std::string> hosts() const;   ///< in order of first appearance
  std::vector<std::string> builds() const;  ///< in order of first appearance; more than one after a resume
  std::uint64_t rows(std::uint32_t stage) const;      ///< recorded tasks, failures among them
  std::uint64_t failures(std::uint32_t stage) const;  ///< recorded tasks that threw
  bool contains(std::uint32_t stage, std::uint64_t index) const;
  /// Bytes of a torn tail that resume() cut off. Rows in them run again.
  std::uint64_t cut_bytes() const noexcept { return cut_bytes_; }

 private:
  friend class JournalReader;

  Journal(PosixFile file, JournalContents contents, JournalOptions options);
  void start(std::string_view build);
  void write_loop() noexcept;
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  std::optional<Duration> time_until_work() const;
  void write_pending(std::unique_lock<std::mutex>& lock);
  void sync(std::unique_lock<std::mutex>& lock);
  bool check_lock(std::unique_lock<std::mutex>& lock);
  void die(std::string sentence);
  void require_alive() const;
  std::uint64_t pending_end() const { return pending_start_ + pending_.size(); }
  void appended();
  std::uint32_t host_number(std::string_view host);
  void wait_until_written(std::unique_lock<std::mutex>& lock, std::uint64_t offset) const;

  PosixFile file_;
  JournalOptions options_;
  std::uint64_t cut_bytes_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable work_;      ///< wakes the writer
  mutable std::condition_variable progress_;  ///< wakes those who wait for it
  JournalContents contents_;
  std::map<std::string, std::uint32_t, std::less<>> host_numbers_;
  std::pair<std::string, std::uint32_t> last_host_;
  std::uint32_t build_ = 0;
  Bytes pending_;    ///< frames that stand at pending_start_ but are not written
  Bytes in_flight_;  ///< frames being written; the writer's own
  std::uint64_t pending_start_ = 0;
  std::uint64_t written_ = 0;    ///< all before this offset has been written,
  std::uint64_t synced_ = 0;     ///< and before this one has reached the disk
  std::uint64_t dirty_end_ = 0;  ///< end of the last frame that must reach the disk
  Instant dirty_since_;
  Instant last_write_;
  Instant last_lock_check_;
  mutable std::uint64_t wanted_ = 0;  ///< someone waits until this offset is written
  std::uint64_t flush_to_ = 0;        ///< someone waits until this offset is on disk
  bool writer_sleeps_ = false;
  bool stop_ = false;
  std::string failure_;
  std::thread writer_;
};

/// Reads rows back. Any number of readers beside one another and beside appending; each for one thread at a
/// time. A row's views live until the reader's next call. Blocks on the disk; throws acre::Error.
class JournalReader {
 public:
  explicit JournalReader(const Journal& journal);
  std::optional<Row> find(std::uint32_t stage, std::uint64_t index);
  /// The recorded task with the lowest index that is at least `from`.
  std::optional<Row> next(std::uint32_t stage, std::uint64_t from);

 private:
  Row row_at(std::uint64_t offset, std::unique_lock<std::mutex>& lock);

  const Journal* journal_;
  FrameReader frames_;
};

}  // namespace acre::campaign
