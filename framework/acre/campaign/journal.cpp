#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/campaign/journal.hpp>
#include <acre/campaign/replay.hpp>

namespace acre::campaign {
namespace {

/// Writes header and identity, durable on return.
std::uint64_t begin(PosixFile& file, const Identity& identity) {
  const Bytes bytes = preamble(identity);
  if (const int error = file.write(0, bytes); error != 0) {
    throw Error(file.path() + ": cannot write the journal: " + errno_text(error) + "; choose another folder");
  }
  file.sync();
  sync_directory_of(file.path());
  return bytes.size();
}

}  // namespace

std::unique_ptr<Journal> Journal::create(const std::string& path, const Identity& identity,
                                         std::string_view build, JournalOptions options) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno == EEXIST) {
    throw Error(path + ": exists already; resume it, or name another output");
  }
  if (fd < 0) throw_errno(path + ": cannot create the journal");
  ::close(fd);
  try {
    PosixFile file = PosixFile::open(path, O_RDWR, "cannot create the journal");
    JournalContents contents;
    contents.identity = identity;
    contents.end = begin(file, identity);
    std::unique_ptr<Journal> journal(new Journal(std::move(file), std::move(contents), options));
    journal->start(build);
    return journal;
  } catch (...) {
    ::unlink(path.c_str());
    throw;
  }
}

std::unique_ptr<Journal> Journal::resume(const std::string& path, const Identity& wanted,
                                         std::string_view build, JournalOptions options) {
  PosixFile file = PosixFile::open(path, O_RDWR, "cannot open the journal");
  JournalContents contents = replay(file);
  if (contents.identity) {
    const std::string phrase = difference(*contents.identity, wanted);
    if (!phrase.empty()) {
      throw Error(path + ": belongs to another campaign: " + phrase +
                  "; give the same, or name another output");
    }
  }
  const std::uint64_t cut = file.size() - contents.end;
  if (cut != 0) file.truncate(contents.end);
  if (!contents.identity) {
    contents.identity = wanted;
    contents.end = begin(file, wanted);
  }
  file.sync();
  std::unique_ptr<Journal> journal(new Journal(std::move(file), std::move(contents), options));
  journal->cut_bytes_ = cut;
  journal->start(build);
  return journal;
}

std::unique_ptr<Journal> Journal::read(const std::string& path) {
  PosixFile file = PosixFile::open(path, O_RDONLY, "cannot open the journal");
  JournalContents contents = replay(file);
  if (!contents.identity) throw Error(path + ": holds nothing yet; creating it was cut short, so start anew");
  return std::unique_ptr<Journal>(new Journal(std::move(file), std::move(contents), {}));
}

Journal::Journal(PosixFile file, JournalContents contents, JournalOptions options)
    : file_(std::move(file)), options_(options), contents_(std::move(contents)) {
  pending_start_ = written_ = synced_ = dirty_end_ = contents_.end;
  for (std::uint32_t number = 0; number < contents_.hosts.size(); ++number) {
    host_numbers_.emplace(contents_.hosts[number], number);
  }
}

Journal::~Journal() {
  if (!writer_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_one();
  writer_.join();
}

/// Starts the writer and names the build. The writer is deaf to signals: they are for the program's own
/// threads, and a file size limit must come back as an error of write.
void Journal::start(std::string_view build) {
  last_lock_check_ = now();
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  writer_ = std::thread([this] { write_loop(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const std::lock_guard lock(mutex_);
  const auto known = std::find(contents_.builds.begin(), contents_.builds.end(), build);
  build_ = static_cast<std::uint32_t>(known - contents_.builds.begin());
  if (known == contents_.builds.end()) {
    contents_.builds.emplace_back(build);
    put_text(pending_, FrameKind::build, build);
    appended();
  }
}

std::uint32_t Journal::stage(const StageInfo& info) {
  const std::string reason = objection(info);
  if (!reason.empty())
    throw Error(fmt::format("stage '{}' cannot be recorded: {}; rename it", info.name, reason));
  const std::lock_guard lock(mutex_);
  const auto& stages = contents_.stages;
  const auto known =
      std::find_if(stages.begin(), stages.end(), [&](const StageInfo& s) { return s.name == info.name; });
  const auto number = static_cast<std::uint32_t>(known - stages.begin());
  if (known != stages.end()) {
    const std::string phrase = difference(*known, info);
    if (phrase.empty()) return number;
    throw Error(
        fmt::format("{}: stage '{}' is another one: {}; name another output", path(), info.name, phrase));
  }
  require_alive();
  put_stage(pending_, info);
  contents_.stages.push_back(info);
  contents_.rows.emplace_back();
  appended();
  return number;
}

std::uint32_t Journal::host_number(std::string_view host) {
  if (host == last_host_.first && !contents_.hosts.empty()) return last_host_.second;
  auto known = host_numbers_.find(host);
  if (known == host_numbers_.end()) {
    put_text(pending_, FrameKind::host, host);
    known = host_numbers_.emplace(host, static_cast<std::uint32_t>(contents_.hosts.size())).first;
    contents_.hosts.emplace_back(host);
  }
  last_host_ = *known;
  return known->second;
}

bool Journal::append(const Row& row) {
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [&] { return pending_.size() < options_.sync_bytes || !failure_.empty(); });
  require_alive();
  ACRE_CHECK(row.stage < contents_.stages.size(), "a row belongs to a stage that was declared");
  const StageInfo& stage = contents_.stages[row.stage];
  ACRE_CHECK(row.failure || stage.result.columns.empty() || row.result.size() == stage.result.row_width(),
             "a columnar result is a packed row of its stage");
  ACRE_CHECK(stage.input.columns.empty() || row.input.size() == stage.input.row_width(),
             "a columnar input is a packed row of its stage");
  RowIndex& rows = contents_.rows[row.stage];
  const std::uint32_t host = host_number(row.execution.host);
  if (!rows.add(row.index, pending_end(), row.failure.has_value())) return false;
  put_row(pending_, row, host, build_);
  appended();
  return true;
}

/// Takes note of a new frame; wakes the writer only where it sleeps, not for each row of a stream.
void Journal::appended() {
  ACRE_CHECK(writer_.joinable(), "a journal opened for reading is not written");
  if (dirty_end_ <= synced_) dirty_since_ = now();
  dirty_end_ = pending_end();
  if (!writer_sleeps_) return;
  writer_sleeps_ = false;
  work_.notify_one();
}

void Journal::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = dirty_end_;
  flush_to_ = std::max(flush_to_, target);
  work_.notify_one();
  progress_.wait(lock, [&] { return synced_ >= target || !failure_.empty(); });
  require_alive();
}

void Journal::write_out() {
  std::unique_lock lock(mutex_);
  require_alive();
  if (dirty_end_ > 0) wait_until_written(lock, dirty_end_ - 1);
}

bool Journal::failed() const {
  const std::lock_guard lock(mutex_);
  return !failure_.empty();
}

std::string Journal::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Journal::require_alive() const {
  if (!failure_.empty()) throw Error(failure_);
}

std::vector<StageInfo> Journal::stages() const {
  const std::lock_guard lock(mutex_);
  return contents_.stages;
}

std::vector<std::string> Journal::hosts() const {
  const std::lock_guard lock(mutex_);
  return {contents_.hosts.begin(), contents_.hosts.end()};
}

std::vector<std::string> Journal::builds() const {
  const std::lock_guard lock(mutex_);
  return contents_.builds;
}

std::uint64_t Journal::rows(std::uint32_t stage) const {
  const std::lock_guard lock(mutex_);
  return contents_.rows.at(stage).rows();
}

std::uint64_t Journal::failures(std::uint32_t stage) const {
  const std::lock_guard lock(mutex_);
  return contents_.rows.at(stage).failures();
}

bool Journal::contains(std::uint32_t stage, std::uint64_t index) const {
  const std::lock_guard lock(mutex_);
  return contents_.rows.at(stage).contains(index);
}

}  // namespace acre::campaign
