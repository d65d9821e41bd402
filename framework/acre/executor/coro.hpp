// Coro: a coroutine that awaits futures, so that one thread can have hundreds of tasks under way.
#pragma once

#include <coroutine>
#include <deque>
#include <exception>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <acre/base/check.hpp>
#include <acre/executor/future.hpp>
#include <acre/executor/gathering.hpp>

namespace acre {

template <class T>
class Coro;

namespace executor {

/// Resumes coroutines on one thread, as the futures end that they await. That thread alone.
class CoroLoop {
 public:
  /// Soon, in the order of these calls: never from inside another coroutine, whose stack would grow.
  void resume_soon(std::coroutine_handle<> coroutine) { ready_.push_back(coroutine); }
  void resume_after(std::coroutine_handle<> coroutine, const StateHandle& state);
  /// Resumes coroutines until this one has ended. Blocks, driving engines; throws WouldDeadlock.
  void run(std::coroutine_handle<> until);

 private:
  std::deque<std::coroutine_handle<>> ready_;
  std::unordered_multimap<SharedState*, std::coroutine_handle<>> waiting_;
  Gathering gathering_;
};

/// What all coroutines have: where they are resumed, and what goes on when they have ended.
struct CoroPromiseBase {
  CoroLoop* loop = nullptr;
  std::coroutine_handle<> parent = {};  ///< resumed once the last of its children has ended
  std::size_t* siblings = nullptr;      ///< of which so many have not ended; null: an only child
  std::exception_ptr error = {};

  std::suspend_always initial_suspend() const noexcept { return {}; }
  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> ended) const noexcept {
      const CoroPromiseBase& promise = ended.promise();
      if (promise.parent && (promise.siblings == nullptr || --*promise.siblings == 0))
        promise.loop->resume_soon(promise.parent);
    }
    void await_resume() const noexcept {}
  };
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { error = std::current_exception(); }

  template <class U>
  auto await_transform(const Future<U>& future) const;
  template <class U>
  auto await_transform(Future<U>&& future) const;
  template <class U>
  auto await_transform(Coro<U>&& coroutine) const;
  template <class Awaiter>
  requires requires { typename Awaiter::OfCoro; }
  Awaiter await_transform(Awaiter awaiter) const { return awaiter; }
};

template <class T>
struct CoroPromise : CoroPromiseBase {
  std::optional<T> value = {};
  Coro<T> get_return_object() noexcept;
  template <class U = T>
  requires std::is_constructible_v<T, U&&>
  void return_value(U&& made) { value.emplace(std::forward<U>(made)); }
  T take() {
    if (error) std::rethrow_exception(error);
    return std::move(*value);
  }
};
template <>
struct CoroPromise<void> : CoroPromiseBase {
  Coro<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const {
    if (error) std::rethrow_exception(error);
  }
};

}  // namespace executor

/// A coroutine that yields a T (or nothing) and awaits futures and other coroutines: `co_await future`,
/// `co_await other()`. Lazy: it begins when it is awaited or given to sync_wait(), on whose thread all of it
/// runs; what it throws is thrown where it is awaited. Awaiting a temporary future moves the result out of
/// it. Move-only; awaited once. Destroying it destroys what has not ended; tasks go on. Its parameters must
/// outlive it if they are references: those of a capturing lambda are such. One thread at a time.
template <class T>
class [[nodiscard]] Coro {
 public:
  /// What the compiler asks for.
  using promise_type = executor::CoroPromise<T>;
  /// Of the suspended coroutine.
  using Handle = std::coroutine_handle<promise_type>;

  /// Made by calling a coroutine.
  explicit Coro(Handle handle) noexcept : handle_(handle) {}
  /// Takes the coroutine over.
  Coro(Coro&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  /// Exchanges the coroutines.
  Coro& operator=(Coro&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Coro() {
    if (handle_) handle_.destroy();
  }

  /// Whether there is a coroutine that was not moved away.
  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

  /// For what drives coroutines.
  Handle handle() const noexcept { return handle_; }

 private:
  Handle handle_;
};

namespace executor {

template <class T>
Coro<T> CoroPromise<T>::get_return_object() noexcept {
  return Coro<T>(Coro<T>::Handle::from_promise(*this));
}
inline Coro<void> CoroPromise<void>::get_return_object() noexcept {
  return Coro<void>(Coro<void>::Handle::from_promise(*this));
}

/// Awaits a future: F is Future<U>, moved in, or const Future<U>&.
template <class F>
struct FutureAwaiter {
  F future;
  bool await_ready() const noexcept { return future.done(); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> waiting) const {
    waiting.promise().loop->resume_after(waiting, future.state());
  }
  decltype(auto) await_resume() { return std::forward<F>(future).get(); }
};

/// Begins coroutines, and goes on when all of them have ended, however they did.
template <class T>
struct CorosAwaiter {
  using OfCoro = void;
  const std::vector<Coro<T>>* coroutines;
  std::size_t left = 0;

  bool await_ready() const noexcept { return coroutines->empty(); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> parent) {
    left = coroutines->size();
    for (const Coro<T>& coroutine : *coroutines) {
      ACRE_CHECK(coroutine && !coroutine.handle().promise().parent, "a coroutine is awaited once");
      auto& promise = coroutine.handle().promise();
      promise.loop = parent.promise().loop;
      promise.parent = parent;
      promise.siblings = &left;
      promise.loop->resume_soon(coroutine.handle());
    }
  }
  void await_resume() const noexcept {}
};

template <class T>
struct CoroAwaiter {
  Coro<T> coroutine;
  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> parent) const {
    ACRE_CHECK(coroutine && !coroutine.handle().promise().parent, "a coroutine is awaited once");
    auto& promise = coroutine.handle().promise();
    promise.loop = parent.promise().loop;
    promise.parent = parent;
    promise.loop->resume_soon(coroutine.handle());
  }
  T await_resume() const { return coroutine.handle().promise().take(); }
};

template <class U>
auto CoroPromiseBase::await_transform(const Future<U>& future) const {
  return FutureAwaiter<const Future<U>&>{future};
}
template <class U>
auto CoroPromiseBase::await_transform(Future<U>&& future) const {
  return FutureAwaiter<Future<U>>{std::move(future)};
}
template <class U>
auto CoroPromiseBase::await_transform(Coro<U>&& coroutine) const {
  return CoroAwaiter<U>{std::move(coroutine)};
}

}  // namespace executor

/// Runs a coroutine, and all that it awaits, on this thread, driving what its tasks need; returns what it
/// returns. Blocks; throws what the coroutine throws, and WouldDeadlock in a callback and inside a task.
template <class T>
T sync_wait(Coro<T> coroutine) {
  ACRE_CHECK(coroutine && !coroutine.handle().promise().parent, "a coroutine is awaited once");
  executor::refuse_to_wait();
  executor::CoroLoop loop;
  coroutine.handle().promise().loop = &loop;
  loop.run(coroutine.handle());
  return coroutine.handle().promise().take();
}

/// A coroutine that runs all of these at once, on the one thread, and yields what they do, in their order. If
/// some throw, it throws what the first of them in their order did, after all have ended.
template <class T>
Coro<std::vector<T>> when_all(std::vector<Coro<T>> coroutines) {
  co_await executor::CorosAwaiter<T>{&coroutines};
  std::vector<T> all;
  all.reserve(coroutines.size());
  for (const auto& coroutine : coroutines) all.push_back(coroutine.handle().promise().take());
  co_return all;
}
/// The same for coroutines that yield nothing.
inline Coro<void> when_all(std::vector<Coro<void>> coroutines) {
  co_await executor::CorosAwaiter<void>{&coroutines};
  for (const auto& coroutine : coroutines) coroutine.handle().promise().take();
}

}  // namespace acre
