#include <acre/executor/task_row.hpp>

namespace acre::executor {

void TaskRow::let_go(std::uint32_t states) noexcept {
  if (states == 0 || left_.fetch_sub(states, std::memory_order_acq_rel) != states) return;
  const auto self = std::move(self_);  // goes after the last use of this
}

void TaskRow::complete(std::uint32_t place, task::Outcome&& outcome) noexcept {
  at(place).complete(std::move(outcome));
}

void TaskRow::complete_all(std::uint32_t place, const task::Values& values, std::uint32_t from,
                           std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i)
    at(place + i).complete(values.bytes_of(from + i), values.execution_of(from + i));
}

}  // namespace acre::executor
