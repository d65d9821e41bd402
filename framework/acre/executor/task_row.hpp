// States of tasks that were submitted one after another, in one piece of memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include <acre/executor/future_state.hpp>

namespace acre::executor {

/// States of tasks with indices that follow one another. Its memory lives as long as one of the tasks or of
/// their futures; the value of a future goes with that. Tells each state how its task has ended.
class TaskRow : public node::Completion {
 public:
  TaskRow(const TaskRow&) = delete;
  TaskRow& operator=(const TaskRow&) = delete;

  /// The state of the next task, for which there is a place. One thread at a time.
  virtual StateHandle add() noexcept = 0;
  bool full() const noexcept { return size_ == places_; }
  /// No more are added.
  void close() noexcept { let_go(std::exchange(places_, size_) - size_); }
  /// The name of the range that the tasks are submitted as; before others have handles of their states.
  void set_task(TaskId task) noexcept { task_ = task; }

  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override;
  void complete_all(std::uint32_t place, const task::Values& values, std::uint32_t from,
                    std::uint32_t count) noexcept override;

  const std::shared_ptr<Engine>& engine() const noexcept { return engine_; }
  /// Index of its first task.
  std::uint64_t first() const noexcept { return first_; }
  TaskId task() const noexcept { return task_; }
  std::uint32_t place_of(const FutureState& state) const noexcept {
    return static_cast<std::uint32_t>((reinterpret_cast<const std::byte*>(&state) - states_) / state_bytes_);
  }
  /// So many of its states have no handle any more, or never had.
  void let_go(std::uint32_t states) noexcept;

 protected:
  /// With places for so many, from `states` on, each of that size.
  TaskRow(std::shared_ptr<Engine> engine, std::uint64_t first, std::uint32_t places, std::byte* states,
          std::uint32_t state_bytes)
      : engine_(std::move(engine)),
        first_(first),
        states_(states),
        state_bytes_(state_bytes),
        places_(places),
        left_(places) {}
  /// It lives until all is let go.
  void live(std::shared_ptr<TaskRow> self) noexcept { self_ = std::move(self); }
  /// Where the next state is to be made; and one more is.
  std::byte* next() noexcept { return states_ + std::size_t{size_++} * state_bytes_; }

 private:
  FutureState& at(std::uint32_t place) const noexcept {
    return *reinterpret_cast<FutureState*>(states_ + std::size_t{place} * state_bytes_);
  }

  const std::shared_ptr<Engine> engine_;
  const std::uint64_t first_;
  TaskId task_{};
  std::byte* const states_;
  const std::uint32_t state_bytes_;
  std::uint32_t size_ = 0, places_;
  std::atomic<std::uint32_t> left_;  ///< places that are not let go
  std::shared_ptr<TaskRow> self_;    ///< while there are any
};

/// The state of a task that returns a T, and where that is made.
template <class T>
class TaskState final : public FutureState {
 public:
  using FutureState::FutureState;
  void* get() override {
    if (!made()) make();
    return value();
  }

 private:
  void make() {
    if (!begin_decoding()) return;
    try {
      ::new (value_.data()) T(decode<T>());
    } catch (...) {
      end_decoding(false);
      throw;
    }
    end_decoding(true);
  }
  void drop() noexcept override {
    if (made()) value()->~T();
    FutureState::drop();
  }

  T* value() noexcept { return std::launder(reinterpret_cast<T*>(value_.data())); }

  alignas(T) std::array<std::byte, sizeof(T)> value_;  ///< a T, once it is made
};
/// Of a number, whose encoding is its memory: it is there already.
template <wire::number T>
class TaskState<T> final : public FutureState {
 public:
  using FutureState::FutureState;
  void* get() override {
    if (failed()) rethrow();
    const ByteView number = encoding();
    if (number.size() != sizeof(T)) decode<T>();
    return const_cast<std::byte*>(number.data());
  }
};
/// Of nothing.
template <>
class TaskState<void> final : public FutureState {
 public:
  using FutureState::FutureState;
  void* get() override {
    rethrow();
    return nullptr;
  }
};

/// A row for tasks that return a T.
template <class T>
class alignas(TaskState<T>) TaskRowOf final : public TaskRow {
 public:
  /// Of the task with index `first` and those behind it, so many.
  static std::shared_ptr<TaskRow> make(const std::shared_ptr<Engine>& engine, std::uint64_t first,
                                       std::uint32_t places) {
    const auto row = std::allocate_shared<TaskRowOf>(Allocator<TaskRowOf>{places * sizeof(TaskState<T>)},
                                                     engine, first, places);
    row->live(row);
    return row;
  }
  /// With fewer places if they were to take more than a page, as a single future keeps all of them.
  static std::shared_ptr<TaskRow> make_short(const std::shared_ptr<Engine>& engine, std::uint64_t first,
                                             std::uint32_t places) {
    constexpr std::size_t page = 4096, most = std::max<std::size_t>(page / sizeof(TaskState<T>), 1);
    return make(engine, first, std::min<std::uint32_t>(places, most));
  }
  /// For make(), as the states' memory is behind it.
  TaskRowOf(const std::shared_ptr<Engine>& engine, std::uint64_t first, std::uint32_t places)
      : TaskRow(engine, first, places, reinterpret_cast<std::byte*>(this + 1), sizeof(TaskState<T>)) {}

  StateHandle add() noexcept override { return StateHandle::first(::new (next()) TaskState<T>(this)); }

 private:
  /// Of memory with some more behind it.
  template <class U>
  struct Allocator {
    using value_type = U;
    explicit Allocator(std::size_t more_bytes) : more(more_bytes) {}
    template <class V>
    Allocator(const Allocator<V>& other) : more(other.more) {}  // NOLINT: containers convert them
    U* allocate(std::size_t count) {
      return static_cast<U*>(::operator new (count * sizeof(U) + more, std::align_val_t{alignof(U)}));
    }
    void deallocate(U* at, std::size_t) noexcept { ::operator delete (at, std::align_val_t{alignof(U)}); }
    bool operator==(const Allocator&) const = default;
    std::size_t more;
  };
};

}  // namespace acre::executor
