// The journal's writer thread: writes at once, syncs bounded by time and bytes, never retries.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>

#include <fmt/format.h>
#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/campaign/journal.hpp>

namespace acre::campaign {
namespace {
/// A stream of rows is written in batches this far apart, so that waking the writer does not cost each row; a
/// single row is written at once.
constexpr Duration write_spacing = std::chrono::milliseconds(5);
/// A holder that was stopped for long looks at its lock before it writes again, and an idle one stays
/// visible.
constexpr Duration lock_check_spacing = std::chrono::seconds(1);
}  // namespace

void Journal::write_loop() noexcept {
  std::unique_lock lock(mutex_);
  try {
    while (failure_.empty()) {
      wait_for_work(lock);
      if (!check_lock(lock)) break;
      write_pending(lock);
      const bool due = stop_ || flush_to_ > synced_ ||
                       written_ - std::min(written_, synced_) >= options_.sync_bytes ||
                       now() - dirty_since_ >= options_.sync_after;
      if (failure_.empty() && dirty_end_ > synced_ && due) sync(lock);
      if (stop_ && pending_.empty() && dirty_end_ <= synced_) break;
    }
  } catch (const std::exception& error) {
    if (!lock.owns_lock()) lock.lock();
    die(error.what());
  }
}

/// None: nothing to do. Zero or less: something is due now.
std::optional<Duration> Journal::time_until_work() const {
  if (stop_ || flush_to_ > synced_ || wanted_ > written_ || pending_.size() >= options_.sync_bytes)
    return Duration(0);
  std::optional<Duration> wait;
  const auto due_at = [&](Instant at) { wait = std::min(wait.value_or(Duration::max()), at - now()); };
  if (!pending_.empty() && dirty_end_ > written_) due_at(last_write_ + write_spacing);
  if (dirty_end_ > synced_) due_at(dirty_since_ + options_.sync_after);
  if (options_.lock != nullptr) due_at(last_lock_check_ + lock_check_spacing);
  return wait;
}

void Journal::wait_for_work(std::unique_lock<std::mutex>& lock) {
  for (auto wait = time_until_work(); !wait || *wait > Duration(0); wait = time_until_work()) {
    writer_sleeps_ = dirty_end_ <= written_;
    if (wait) {
      work_.wait_for(lock, *wait);
    } else {
      work_.wait(lock);
    }
    writer_sleeps_ = false;
  }
}

bool Journal::check_lock(std::unique_lock<std::mutex>& lock) {
  if (options_.lock == nullptr || now() - last_lock_check_ < lock_check_spacing) return true;
  lock.unlock();
  const bool held = options_.lock->refresh();
  lock.lock();
  last_lock_check_ = now();
  if (!held) die(file_.path() + ": another run has taken over this campaign; this one stops writing");
  return held;
}

void Journal::write_pending(std::unique_lock<std::mutex>& lock) {
  if (pending_.empty()) return;
  std::swap(pending_, in_flight_);
  const std::uint64_t start = pending_start_;
  pending_start_ += in_flight_.size();
  progress_.notify_all();
  lock.unlock();
  seal(in_flight_, 0, start);
  const int error = file_.write(start, in_flight_);
  lock.lock();
  last_write_ = now();
  if (error != 0) {
    return die(fmt::format("{}: cannot write the journal: {}; what it holds is safe: make room, then resume",
                           path(), errno_text(error)));
  }
  written_ = start + in_flight_.size();
  in_flight_.clear();
  progress_.notify_all();
}

void Journal::sync(std::unique_lock<std::mutex>& lock) {
  const std::uint64_t upto = written_;
  const Instant began = now();
  lock.unlock();
  const int error = ::fdatasync(file_.fd()) == 0 ? 0 : errno;
  lock.lock();
  if (error != 0) {
    return die(
        fmt::format("{}: cannot make the journal durable: {}; its last rows may be missing: check the disk, "
                    "then resume",
                    path(), errno_text(error)));
  }
  synced_ = upto;
  dirty_since_ = began;
  put_synced(pending_, upto);
  progress_.notify_all();
}

void Journal::die(std::string sentence) {
  failure_ = std::move(sentence);
  progress_.notify_all();
}

void Journal::wait_until_written(std::unique_lock<std::mutex>& lock, std::uint64_t offset) const {
  if (offset < written_) return;
  wanted_ = std::max(wanted_, offset + 1);
  work_.notify_one();
  progress_.wait(lock, [&] { return offset < written_ || !failure_.empty(); });
  if (offset >= written_) throw Error(failure_);
}

JournalReader::JournalReader(const Journal& journal)
    : journal_(&journal), frames_(journal.file_, std::size_t{32} << 10) {}

std::optional<Row> JournalReader::find(std::uint32_t stage, std::uint64_t index) {
  std::unique_lock lock(journal_->mutex_);
  const std::optional<std::uint64_t> offset = journal_->contents_.rows.at(stage).find(index);
  if (!offset) return std::nullopt;
  return row_at(*offset, lock);
}

std::optional<Row> JournalReader::next(std::uint32_t stage, std::uint64_t from) {
  std::unique_lock lock(journal_->mutex_);
  const std::optional<RowIndex::Entry> entry = journal_->contents_.rows.at(stage).next(from);
  if (!entry) return std::nullopt;
  return row_at(entry->offset, lock);
}

Row JournalReader::row_at(std::uint64_t offset, std::unique_lock<std::mutex>& lock) {
  journal_->wait_until_written(lock, offset);
  const std::uint64_t end = journal_->written_;
  lock.unlock();
  const std::optional<Frame> frame = frames_.at(offset, end);
  if (!frame || frame->kind != FrameKind::row) {
    throw Error(fmt::format("{}: has changed at byte {} since it was opened; check the disk",
                            journal_->path(), offset));
  }
  std::uint32_t host = 0;
  Row row = get_row(frame->payload, host);
  lock.lock();
  row.execution.host = journal_->contents_.hosts.at(host);
  return row;
}

}  // namespace acre::campaign
