// Results by function and arguments, kept in a file from run to run.
#pragma once

#include <cstdint>
#include <memory>
#include <ranges>
#include <string>
#include <tuple>
#include <typeinfo>
#include <utility>

#include <acre/campaign/cache_file.hpp>
#include <acre/executor/executor.hpp>

namespace acre {

/// What a cache's results belong to.
struct CacheOptions {
  /// 0: to this build of the program alone. Otherwise to the function's name and this version, whatever the
  /// build: raise it when a change of any of the functions makes old results wrong.
  int version = 0;
};

/// A file of results, held by this run until the last copy, its functions, their maps and their tasks are
/// gone. Local to the root; any thread.
class Cache {
 public:
  /// Takes the lock and reads the file, or makes it. Blocks; throws acre::Error if it is no cache or damaged,
  /// or another run holds it.
  Cache(const std::string& path, const CacheOptions& options, const campaign::CacheSurroundings& surroundings)
      : file_(std::make_shared<campaign::CacheFile>(path, options.version, surroundings)) {}

  /// Results in the file.
  std::uint64_t size() const { return file_->size(); }
  /// What its copies share.
  const std::shared_ptr<campaign::CacheFile>& file() const noexcept { return file_; }

 private:
  std::shared_ptr<campaign::CacheFile> file_;
};

namespace campaign {

template <auto F>
struct SymbolOf {};

template <class R, class... P>
std::string mangled_types(task::Types<P...>) {
  return typeid(std::tuple<std::remove_cvref_t<P>...>*).name() + std::string(typeid(R*).name());
}

}  // namespace campaign

/// The function F, whose results are kept in a cache: F runs for arguments that the cache does not know. What
/// it throws is not kept. Its result must follow from its arguments alone. Any thread.
template <auto F>
class Cached {
  using Function = std::decay_t<decltype(F)>;
  using Signature = task::Signature<Function>;

 public:
  /// What F returns.
  using Result = task::ResultOf<Function>;

  /// Made by cached().
  Cached(std::shared_ptr<campaign::CacheFile> file, const std::string& name)
      : file_(std::move(file)), function_(describe(name)), prefix_(file_->prefix(function_)) {}

  /// What F returns: known, or computed here and now. Blocks; throws what F throws, and acre::Error if the
  /// file cannot be read or written.
  template <class... A>
  Result operator()(const A&... arguments) const {
    task::check_task<Function, const A&...>();
    const Bytes encoded = task::encode_arguments(typename Signature::Passed{}, arguments...);
    const Bytes value = file_->call(function_, file_->key(prefix_, encoded), encoded);
    if constexpr (!std::is_void_v<Result>) return wire::from_bytes<Result>(value);
  }

  /// A task of F, as Executor::submit. Futures of the same arguments that are under way are one future, of
  /// the executor that runs it: cancelling it cancels it for all. Throws acre::Error if the file cannot be
  /// read or written.
  template <class... A>
  Future<Result> submit(Executor& executor, const A&... arguments) const {
    task::check_task<Function, const A&...>();
    Bytes encoded = task::encode_arguments(typename Signature::Passed{}, arguments...);
    const campaign::CacheKey key = file_->key(prefix_, encoded);
    const campaign::MakeFuture make = [](const auto& engine, std::uint64_t index, auto& row) -> std::any {
      row = executor::TaskRowOf<Result>::make(engine, index, 1);
      return Future<Result>(row->add());
    };
    const std::any future = file_->submit(executor.engine(), function_, key, std::move(encoded), make);
    return std::any_cast<Future<Result>>(future);
  }

  /// F over a range, as Executor::map: lazily, results in order. Items that are alike run once. Iterating
  /// throws acre::Error if the file cannot be read or written.
  template <std::ranges::input_range R>
  Results<Result> map(Executor& executor, R&& items, const MapOptions& options = {}) const {
    const task::FunctionId id = executor::mapped_function<F, executor::Whole, R>(*executor.engine());
    return Results<Result>(executor::make_run<F, executor::Whole>(
        executor.engine(), std::forward<R>(items),
        executor::MapPlan{id, 0, true, options, file_->recorder(prefix_)}));
  }

 private:
  static campaign::CachedFunction describe(const std::string& name) {
    static_assert(Signature::Injected::size == 0,
                  "acre: a cached function takes plain arguments only, as its result must follow from them.");
    const bool named = std::is_pointer_v<Function>;
    return {task::task_function<F>(), &task::constant_thunk<F>, name,
            named ? typeid(campaign::SymbolOf<F>).name() : "",
            campaign::mangled_types<Result>(typename Signature::Passed{})};
  }

  std::shared_ptr<campaign::CacheFile> file_;
  campaign::CachedFunction function_;
  campaign::CacheKey prefix_;
};

/// F with its results kept in `cache`. In a cache with a version F is known by `name`, or by its own if no
/// other function can have that; throws acre::Error if it is static, in an anonymous namespace or a lambda
/// and there is no `name`. Any thread.
template <auto F>
Cached<F> cached(const Cache& cache, const std::string& name = {}) {
  return Cached<F>(cache.file(), name);
}

}  // namespace acre
