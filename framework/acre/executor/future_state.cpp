#include <algorithm>
#include <memory>

#include <acre/executor/take_value.hpp>
#include <acre/executor/task_row.hpp>

namespace acre::executor {

// The row's memory is no constant, as nothing in it is.
TaskRow& FutureState::row() const noexcept {
  auto* const here = reinterpret_cast<std::byte*>(const_cast<FutureState*>(this));
  return *reinterpret_cast<TaskRow*>(here - word * words_behind_);
}

node::AwaitedTask FutureState::where() const noexcept { return {row().task(), row().place_of(*this)}; }

std::uint64_t FutureState::index() const noexcept { return row().first() + row().place_of(*this); }

std::span<const std::shared_ptr<Engine>> FutureState::engines() const noexcept {
  return {&row().engine(), 1};
}

void FutureState::complete(task::Outcome&& outcome) noexcept {
  if (outcome.ending == task::Ending::value) {
    if (outcome.value.size() <= result_.few.size()) return complete(outcome.value, outcome.execution);
    result_.many = std::make_unique<Bytes>(std::move(outcome.value)).release();
    size_ = too_many;
    end_with_value(outcome.execution);
  } else {
    result_.failure = std::make_unique<task::Outcome>(std::move(outcome)).release();
    end_or_free(Stage::failed);
  }
}

void FutureState::complete(ByteView value, const task::Execution& execution) noexcept {
  if (value.size() <= result_.few.size()) {
    size_ = static_cast<std::uint8_t>(value.size());
    std::copy(value.begin(), value.end(), result_.few.begin());
  } else {
    size_ = too_many;
    result_.many = std::make_unique<Bytes>(copy_of(value)).release();
  }
  end_with_value(execution);
}

void FutureState::end_with_value(const task::Execution& execution) noexcept {
  attempt_ = execution.attempt;
  worker_ = execution.worker;
  rank_ = execution.rank;
  end_or_free(Stage::encoded);
}

// Who drops a state that has not ended leaves the rest to its end.
void FutureState::end_or_free(Stage how) noexcept {
  if (!end(how)) free_result(how);
}

void FutureState::drop() noexcept {
  Stage at = stage_.load(std::memory_order_acquire);
  if (at < Stage::encoded) at = stage_.exchange(Stage::dropped);
  if (at >= Stage::encoded) free_result(at);
  row().let_go(1);
}

void FutureState::free_result(Stage at) noexcept {
  if (at == Stage::failed)
    delete result_.failure;
  else if (at == Stage::encoded)
    free_encoding();
}

void FutureState::free_encoding() noexcept {
  if (size_ == too_many) delete result_.many;
}

bool FutureState::begin_decoding() {
  while (true) {
    Stage at = stage_.load(std::memory_order_acquire);
    if (at == Stage::made) return false;
    if (at == Stage::failed) rethrow();
    if (at == Stage::encoded) {
      if (stage_.compare_exchange_strong(at, Stage::decoding)) return true;
    } else if (at == Stage::awaited || stage_.compare_exchange_strong(at, Stage::awaited)) {
      stage_.wait(Stage::awaited);
    }
  }
}

void FutureState::end_decoding(bool made) noexcept {
  if (made) free_encoding();
  if (stage_.exchange(made ? Stage::made : Stage::encoded) == Stage::awaited) stage_.notify_all();
}

task::Outcome FutureState::outcome() const {
  if (failed()) return *result_.failure;
  task::Outcome outcome;
  outcome.execution.attempt = attempt_;
  outcome.execution.worker = worker_;
  outcome.execution.rank = rank_;
  return outcome;
}

bool FutureState::wait(Instant deadline) {
  if (done()) return true;
  return row().engine()->wait([this] { return done(); }, {.awaited = where()}, deadline);
}

bool FutureState::cancel() {
  if (!done()) row().engine()->cancel(row().task(), row().place_of(*this));
  return cancelled();
}

bool FutureState::running() {
  return !done() && row().engine()->running(row().task(), row().place_of(*this));
}

Drive FutureState::drive() {
  return [self = Handle<FutureState>(this)](const std::function<bool()>& enough, Instant deadline) {
    return self->row().engine()->wait([&] { return self->done() || enough(); }, {.awaited = self->where()},
                                      deadline);
  };
}

void FutureState::rethrow() const {
  if (failed())
    task::rethrow(*result_.failure, index(), row().engine()->host_of(result_.failure->execution.rank));
}

void FutureState::throw_unreadable(const std::type_info& type, const std::string& why) const {
  executor::throw_unreadable(task::info_of(outcome(), index(), row().engine()->host_of(rank_)), type, why);
}

}  // namespace acre::executor
