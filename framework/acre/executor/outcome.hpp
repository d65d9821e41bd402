// Outcome: a value or a failure, for maps that go on whatever becomes of their tasks.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <acre/base/check.hpp>
#include <acre/executor/ended_run.hpp>
#include <acre/executor/take_value.hpp>

namespace acre {

/// What one task of map_outcomes() came to: its value (an empty one for functions that return nothing) or its
/// failure. One thread at a time, but rethrow() any; does not block.
template <class T>
class Outcome {
 public:
  /// The result of the task, or std::monostate.
  using Value = executor::ValueOf<T>;

  /// Of a task that has ended. Throws ExecutorBroken, as then there are no tasks to go on with.
  explicit Outcome(executor::EndedItem& item) {
    try {
      value_.emplace(executor::take_value<T>(item));
    } catch (const ExecutorBroken&) {
      throw;
    } catch (const TaskInfo& info) {
      failure_ = std::make_shared<const Failure>(Failure{info, std::current_exception()});
    }
  }

  /// Whether there is a value.
  explicit operator bool() const noexcept { return value_.has_value(); }
  /// The value. Aborts if there is none.
  const Value& operator*() const& { return checked(*this); }
  /// Likewise.
  Value& operator*() & { return checked(*this); }
  /// Likewise.
  Value&& operator*() && { return std::move(checked(*this)); }
  /// Likewise.
  const Value* operator->() const { return &**this; }
  /// What failed, where and why. Aborts if there is a value.
  const TaskInfo& failure() const {
    ACRE_CHECK(failure_ != nullptr, "an outcome with a value has no failure");
    return failure_->info;
  }
  /// Throws the failure as Future::get() would; returns if there is a value.
  void rethrow() const {
    if (failure_ != nullptr) std::rethrow_exception(failure_->exception);
  }

 private:
  struct Failure {
    TaskInfo info;
    std::exception_ptr exception;
  };
  template <class Self>
  static auto& checked(Self& self) {
    ACRE_CHECK(self.value_.has_value(), "an outcome that is a failure has no value");
    return *self.value_;
  }

  std::optional<Value> value_;
  std::shared_ptr<const Failure> failure_;
};

}  // namespace acre
