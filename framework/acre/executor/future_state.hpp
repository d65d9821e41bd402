// The state of a task's future: what there is to know of its end, once it is there.
#pragma once

#include <array>
#include <string>
#include <typeinfo>

#include <acre/executor/shared_state.hpp>
#include <acre/task/failure.hpp>
#include <acre/wire/codec.hpp>

namespace acre::executor {

class TaskRow;

/// The state of a task's future, which lies in a row. Any thread.
class FutureState : public SharedState {
 public:
  /// In a row that begins at `row`, before it.
  explicit FutureState(const TaskRow* row) noexcept
      : words_behind_(static_cast<std::uint32_t>(
            (reinterpret_cast<const std::byte*>(this) - reinterpret_cast<const std::byte*>(row)) / word)) {}

  bool wait(Instant deadline = Instant::never()) override;
  bool cancel() override;
  bool cancelled() const override { return done() && ended_as(task::Ending::cancelled); }
  bool running() override;
  void rethrow() const override;
  bool is_task() const noexcept override { return true; }
  std::uint64_t index() const noexcept override;
  std::span<const std::shared_ptr<Engine>> engines() const noexcept override;
  Drive drive() override;

  /// How it ended: the row's calls, once.
  void complete(task::Outcome&& outcome) noexcept;
  void complete(ByteView value, const task::Execution& execution) noexcept;
  /// What is known of the end but for the value. Valid once done().
  task::Outcome outcome() const;

 protected:
  /// Whether this thread is to make the value of its encoding; waits while another one does. Valid once
  /// done(); throws the failure. Blocks.
  bool begin_decoding();
  /// It has done so, or could not.
  void end_decoding(bool made) noexcept;
  /// The value, as a T. Throws TaskError if it cannot be made one again.
  template <class T>
  T decode() const {
    try {
      return wire::from_bytes<T>(encoding());
    } catch (const std::exception& error) {
      throw_unreadable(typeid(T), error.what());
    }
  }
  /// Of a value that was not made; at an address that suits numbers, if it is not longer than two.
  ByteView encoding() const noexcept {
    return size_ == too_many ? ByteView(*result_.many) : ByteView(result_.few).first(size_);
  }
  /// Has the value been made?
  bool made() const noexcept { return stage_.load(std::memory_order_acquire) == Stage::made; }
  void drop() noexcept override;

 private:
  [[noreturn]] void throw_unreadable(const std::type_info& type, const std::string& why) const;
  static constexpr std::uint8_t too_many = 255;
  static constexpr std::ptrdiff_t word = 8;
  TaskRow& row() const noexcept;
  node::AwaitedTask where() const noexcept;
  bool ended_as(task::Ending ending) const noexcept { return failed() && result_.failure->ending == ending; }
  void end_with_value(const task::Execution& execution) noexcept;
  void end_or_free(Stage how) noexcept;
  void free_result(Stage at) noexcept;
  void free_encoding() noexcept;

  std::uint8_t size_ = 0;                   ///< of the encoding, or `too_many`
  const std::uint32_t words_behind_;        ///< the row's beginning
  std::uint32_t attempt_ = 0, worker_ = 0;  ///< of the attempt that returned the value
  std::int32_t rank_ = 0;
  union {
    std::array<std::byte, 16> few;  ///< the encoding, if it fits
    const Bytes* many;              ///< or else all of it
    const task::Outcome* failure;   ///< if there is no value
  } result_;
};

}  // namespace acre::executor
