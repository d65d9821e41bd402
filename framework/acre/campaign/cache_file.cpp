#include <atomic>
#include <filesystem>
#include <string_view>

#include <acre/base/error.hpp>
#include <acre/campaign/cache_file.hpp>

namespace acre::campaign {
namespace {
constexpr std::size_t most_bytes = std::size_t{1} << 31;  // of a result; a frame counts its bytes in 32 bits

// Results of any size, which the journal does not look into; the key of a row stands for its input.
const StageInfo results_stage{"results", {}, {}};
const Identity cache_identity{"acre cache", 1, 0, {}, {}};

void check_place(const std::string& path) {
  if (path.empty()) throw Error("a cache needs the name of a file");
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw Error(path + " is a folder: name a file");
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty() && !std::filesystem::is_directory(parent, ignored))
    throw Error("there is no folder " + parent.string() + " to put " + path +
                " into: create it, or choose another name");
}

LockOptions lock_options(LockOptions options) {
  options.held = "cache";
  return options;
}

void update(Sha256& hash, std::string_view text) {
  const std::uint64_t size = text.size();
  hash.update(bytes_of(size));
  hash.update(text);
}

// Another file may have a function of the same mangled name if it is static, of an anonymous namespace, or
// of a lambda: "L" before a name's length, "_GLOBAL__N_", "Ul".
bool names_one_function(std::string_view symbol) {
  if (symbol.find("_GLOBAL__N_") != symbol.npos || symbol.find("Ul") != symbol.npos) return false;
  for (std::size_t at = 1; at < symbol.size(); ++at)
    if (symbol[at - 1] == 'L' && symbol[at] >= '0' && symbol[at] <= '9') return false;
  return !symbol.empty();
}

task::Outcome known_outcome(Bytes value) {
  task::Outcome outcome;
  outcome.value = std::move(value);
  return outcome;
}
}  // namespace

CacheFile::CacheFile(std::string path, int version, const CacheSurroundings& surroundings)
    : path_(std::move(path)), version_(version), build_(surroundings.build) {
  check_place(path_);
  if (version_ < 0) throw Error("a cache's version cannot be negative");
  lock_ = std::make_unique<LockFile>(path_ + ".lock", lock_options(surroundings.lock));
  JournalOptions options;
  options.lock = lock_.get();
  std::error_code ignored;
  const bool exists = std::filesystem::exists(std::filesystem::symlink_status(path_, ignored));
  journal_ = exists ? Journal::resume(path_, cache_identity, build_, options)
                    : Journal::create(path_, cache_identity, build_, options);
  stage_ = journal_->stage(results_stage);
  reader_.emplace(*journal_);
  index_rows();
}

void CacheFile::index_rows() {
  for (std::optional<Row> row = reader_->next(stage_, 0); row; row = reader_->next(stage_, row->index + 1)) {
    CacheKey key;
    if (row->input.size() != key.size())
      throw Error(path_ + ": a result has no key: the file is damaged; name another file");
    std::memcpy(key.data(), row->input.data(), key.size());
    rows_.emplace(key, row->index);
  }
}

CacheKey CacheFile::prefix(const CachedFunction& function) const {
  Sha256 hash;
  update(hash, "acre cache 1");
  const std::uint64_t version = static_cast<std::uint64_t>(version_);
  hash.update(bytes_of(version));
  if (version_ == 0) {
    const task::FunctionId id = function.function.id;
    update(hash, build_);
    hash.update(bytes_of(id.module));
    hash.update(bytes_of(id.offset));
  } else {
    if (function.name.empty() && !names_one_function(function.symbol))
      throw Error(
          "a cache with a version knows functions by their names, and this one is static, in an "
          "anonymous namespace or a lambda, so that another one can have its name: give it one, "
          "cached<f>(cache, \"name\")");
    update(hash, function.name.empty() ? function.symbol : function.name);
  }
  update(hash, function.types);
  return hash.finish();
}

CacheKey CacheFile::key(const CacheKey& prefix, ByteView arguments) {
  thread_local Sha256 hash;
  hash.update(prefix);
  hash.update(arguments);
  return hash.finish();
}

std::optional<Bytes> CacheFile::find(const CacheKey& key) {
  const std::lock_guard lock(mutex_);
  const auto row = rows_.find(key);
  if (row == rows_.end()) return std::nullopt;
  const ByteView value = reader_->find(stage_, row->second).value().result;
  return copy_of(value);
}

void CacheFile::keep(const CacheKey& key, ByteView value) {
  if (value.size() > most_bytes) return;
  const std::lock_guard lock(mutex_);
  if (rows_.contains(key)) return;
  Row row;
  row.stage = stage_;
  row.index = rows_.size();
  std::memcpy(row.input_digest.data(), key.data(), row.input_digest.size());
  row.input = key;
  row.result = value;
  journal_->append(row);
  journal_->write_out();
  rows_.emplace(key, row.index);
}

// The journal keeps the sentence of what went wrong; the next call that can throw it does.
void CacheFile::try_to_keep(const CacheKey& key, ByteView value) noexcept {
  try {
    keep(key, value);
  } catch (const Error&) {
  }
}

std::uint64_t CacheFile::size() const {
  const std::lock_guard lock(mutex_);
  return rows_.size();
}

Bytes CacheFile::call(const CachedFunction& function, const CacheKey& key, ByteView arguments) {
  if (auto known = find(key)) return *std::move(known);
  Bytes result;
  wire::Reader reader(arguments);
  wire::Writer writer(result);
  Context context(0, 1, 0);
  std::atomic<std::uint32_t> stage = 0;
  task::Call call{context, {}, reader, writer, stage};
  function.thunk(call);
  keep(key, result);
  return result;
}

// Keeps what a task returned before anybody sees it.
class CacheFile::Recording final : public node::Completion {
 public:
  Recording(std::shared_ptr<CacheFile> file, const CacheKey& key, std::shared_ptr<executor::TaskRow> row)
      : file_(std::move(file)), key_(key), row_(std::move(row)) {}

  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override {
    if (outcome.ending == task::Ending::value) file_->try_to_keep(key_, outcome.value);
    std::any future;  // goes after the lock
    {
      const std::lock_guard lock(file_->mutex_);
      future = std::exchange(file_->under_way_[key_], {});
      file_->under_way_.erase(key_);
    }
    row_->complete(place, std::move(outcome));
  }

 private:
  std::shared_ptr<CacheFile> file_;
  CacheKey key_;
  std::shared_ptr<executor::TaskRow> row_;
};

std::any CacheFile::submit(const std::shared_ptr<executor::Engine>& engine, const CachedFunction& function,
                           const CacheKey& key, Bytes arguments, MakeFuture make) {
  if (journal_->failed()) throw Error(journal_->failure());
  const std::uint64_t index = *engine->admit(arguments.size(), executor::WhenFull::wait);
  std::shared_ptr<executor::TaskRow> row;
  std::any future = make(engine, index, row);
  const std::lock_guard launch(launches_);
  {
    const std::lock_guard lock(mutex_);
    if (const auto other = under_way_.find(key); other != under_way_.end()) return other->second;
  }
  if (auto known = find(key)) {
    row->complete(0, known_outcome(*std::move(known)));
    return future;
  }
  {
    const std::lock_guard lock(mutex_);
    under_way_.emplace(key, future);
  }
  node::TaskRequest request;
  request.head.function = function.function.id;
  request.head.index = index;
  request.arguments = std::move(arguments);
  request.completion = std::make_shared<Recording>(shared_from_this(), key, row);
  row->set_task(engine->submit(std::move(request)));
  return future;
}

// A map's own items of one key run once: the others follow the first.
class CacheFile::MapRecorder final : public executor::Recorder {
 public:
  MapRecorder(std::shared_ptr<CacheFile> file, const CacheKey& prefix)
      : file_(std::move(file)), prefix_(prefix) {}

  bool follow(std::uint64_t index, ByteView arguments) override {
    const std::lock_guard lock(mutex_);
    const auto [first, is_new] = followers_.try_emplace(key(prefix_, arguments));
    if (!is_new) first->second.push_back(index);
    return !is_new;
  }

  std::optional<task::Outcome> recorded(std::uint64_t, ByteView arguments) override {
    const CacheKey wanted = key(prefix_, arguments);
    auto known = file_->find(wanted);
    if (!known) return std::nullopt;
    const std::lock_guard lock(mutex_);
    followers_.erase(wanted);
    return known_outcome(*std::move(known));
  }

  std::vector<executor::Follower> record(const executor::ItemRange& items,
                                         const executor::EndedRun& ended) noexcept override {
    std::vector<executor::Follower> followers;
    const auto first = static_cast<std::uint32_t>(ended.first - items.first);
    for (std::uint32_t place = 0; place < ended.count(); ++place) {
      const CacheKey of_item = key(prefix_, items.arguments_of(first + place));
      if (ended.failure == nullptr) file_->try_to_keep(of_item, ended.values.bytes_of(place));
      const std::lock_guard lock(mutex_);
      const auto of_key = followers_.extract(of_item);
      if (!of_key) continue;
      for (const std::uint64_t index : of_key.mapped()) followers.push_back({place, index});
    }
    return followers;
  }

  void check() override {
    if (file_->journal_->failed()) throw Error(file_->journal_->failure());
  }

 private:
  std::shared_ptr<CacheFile> file_;
  CacheKey prefix_;
  std::mutex mutex_;
  std::map<CacheKey, std::vector<std::uint64_t>> followers_;  ///< indices, by the key under way
};

std::shared_ptr<executor::Recorder> CacheFile::recorder(const CacheKey& prefix) {
  return std::make_shared<MapRecorder>(shared_from_this(), prefix);
}

}  // namespace acre::campaign
