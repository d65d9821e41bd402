#include <algorithm>
#include <utility>

#include <acre/executor/bunch.hpp>
#include <acre/executor/task_row.hpp>

namespace acre::executor {
namespace {
constexpr std::size_t most_bytes = 4096;  // of a task, and about as many of all when it is full
}  // namespace

bool Bunch::suits(const node::TaskRequest& request) {
  const node::Terms& terms = request.terms;
  return terms.priority == 0 && terms.expected_ns == 0 && terms.timeout_ns == 0 && request.keeps.empty() &&
         request.arguments.size() <= most_bytes;
}

bool Bunch::fits(const node::TaskRequest& request) const {
  return !full() && suits(request) && request.head.function == request_.head.function &&
         request.head.key == request_.head.key && request.head.index == request_.head.index + size();
}

void Bunch::begin(TaskId range, std::shared_ptr<TaskRow> row) noexcept {
  range_ = range;
  row_ = std::move(row);
  row_->set_task(range);
}

StateHandle Bunch::add(const node::TaskRequest& request) {
  if (empty()) {
    request_.head = request.head;
    request_.terms = request.terms;
    request_.ends.reserve(places_);
    request_.arguments.reserve(std::min(places_ * request.arguments.size(), most_bytes));
  }
  append(request_.arguments, request.arguments);
  request_.ends.push_back(request_.arguments.size());
  return row_->add();
}

bool Bunch::full() const noexcept { return row_->full() || bytes() >= most_bytes; }

node::TaskRequest Bunch::take() {
  places_ = std::min(2 * size(), most_tasks);
  row_->close();
  request_.completion = std::move(row_);
  return std::exchange(request_, {});
}

}  // namespace acre::executor
