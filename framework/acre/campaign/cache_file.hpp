// The file of a cache: results by their keys in a campaign's journal, and which of them are being computed.
#pragma once

#include <any>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <acre/campaign/journal.hpp>
#include <acre/campaign/sha256.hpp>
#include <acre/executor/recorder.hpp>
#include <acre/executor/task_row.hpp>
#include <acre/task/invoke.hpp>

namespace acre::campaign {

/// Names a result: the SHA-256 of the function, its version and its encoded arguments.
using CacheKey = Sha256::Digest;

/// What a cache learns from its session.
struct CacheSurroundings {
  LockOptions lock;
  std::string build;
};

/// A function as part of keys.
struct CachedFunction {
  task::TaskFunction function;
  task::Thunk thunk;
  std::string name;    ///< as the user gave it; may be empty
  std::string symbol;  ///< a mangled name that holds the function's own; empty if it has none
  std::string types;   ///< of its arguments and its result, mangled
};

/// Makes a future, as a std::any, of a task of this index; tells its row.
using MakeFuture = std::any (*)(const std::shared_ptr<executor::Engine>& engine, std::uint64_t index,
                                std::shared_ptr<executor::TaskRow>& row);

/// The journal of a cache, its lock and its index in memory. Any thread; methods that read or write block on
/// the disk, and throw acre::Error in one sentence when the file cannot be read or written any more.
class CacheFile : public std::enable_shared_from_this<CacheFile> {
 public:
  /// Opens the file, or makes it. Throws acre::Error if it is another file, or another run holds it.
  CacheFile(std::string path, int version, const CacheSurroundings& surroundings);

  /// What all keys of a function begin with. Throws acre::Error if it needs a name and has none.
  CacheKey prefix(const CachedFunction& function) const;
  /// Pure.
  static CacheKey key(const CacheKey& prefix, ByteView arguments);

  std::optional<Bytes> find(const CacheKey& key);
  /// Keeps a result: it is in the file on return. The first one of a key stays; one too large for a record is
  /// not kept.
  void keep(const CacheKey& key, ByteView value);
  std::uint64_t size() const;

  /// What the function returns, from the file or computed here and kept. Throws what the function throws.
  Bytes call(const CachedFunction& function, const CacheKey& key, ByteView arguments);
  /// The future of a task of this key: one that knows the result already, that of the task under way, or
  /// that of a new task. `make` makes a std::any of a future, and its row.
  std::any submit(const std::shared_ptr<executor::Engine>& engine, const CachedFunction& function,
                  const CacheKey& key, Bytes arguments, MakeFuture make);
  /// What a map of the function asks and tells.
  std::shared_ptr<executor::Recorder> recorder(const CacheKey& prefix);

 private:
  class Recording;
  class MapRecorder;
  struct Hash {
    std::size_t operator()(const CacheKey& key) const noexcept {
      std::size_t hash = 0;
      std::memcpy(&hash, key.data(), sizeof hash);
      return hash;
    }
  };
  void index_rows();
  void try_to_keep(const CacheKey& key, ByteView value) noexcept;

  std::string path_;
  int version_;
  std::string build_;
  std::unique_ptr<LockFile> lock_;
  std::unique_ptr<Journal> journal_;
  std::uint32_t stage_ = 0;
  std::mutex launches_;  ///< held from the look for a task under way until a new one is
  mutable std::mutex mutex_;
  std::optional<JournalReader> reader_;
  std::unordered_map<CacheKey, std::uint64_t, Hash> rows_;
  std::unordered_map<CacheKey, std::any, Hash> under_way_;  ///< futures
};

}  // namespace acre::campaign
