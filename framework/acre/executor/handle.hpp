// A handle that counts itself in what it keeps.
#pragma once

#include <utility>

namespace acre::executor {

/// Keeps an S, which is told of the last handle's end by S::release(), or nothing. Handles of one S may be
/// used by any threads, each handle by one at a time.
template <class S>
class Handle {
 public:
  Handle() = default;
  /// The first handle of what is new.
  static Handle first(S* kept) noexcept {
    Handle handle;
    handle.kept_ = kept;
    return handle;
  }
  /// One more handle of it.
  explicit Handle(S* kept) noexcept : kept_(kept) {
    if (kept_ != nullptr) kept_->keep();
  }
  Handle(const Handle& other) noexcept : Handle(other.kept_) {}
  Handle(Handle&& other) noexcept : kept_(std::exchange(other.kept_, nullptr)) {}
  Handle& operator=(Handle other) noexcept {
    std::swap(kept_, other.kept_);
    return *this;
  }
  ~Handle() {
    if (kept_ != nullptr) kept_->release();
  }

  S* get() const noexcept { return kept_; }
  S& operator*() const noexcept { return *kept_; }
  S* operator->() const noexcept { return kept_; }
  explicit operator bool() const noexcept { return kept_ != nullptr; }

 private:
  S* kept_ = nullptr;
};

class SharedState;
/// Of what copies of a future share.
using StateHandle = Handle<SharedState>;

}  // namespace acre::executor
