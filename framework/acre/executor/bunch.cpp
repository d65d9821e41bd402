#include <utility>

#include <acre/executor/bunch.hpp>

namespace acre::executor {
namespace {
constexpr std::uint32_t most_tasks = 32;
constexpr std::size_t most_bytes = 4096;  // of a task, and about as many of all when it is full

/// Tells each of a bunch how its task has ended.
class EachOne final : public node::Completion {
 public:
  explicit EachOne(std::vector<std::shared_ptr<node::Completion>> ones) : ones_(std::move(ones)) {}

  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override {
    std::exchange(ones_[place], nullptr)->complete(0, std::move(outcome));
  }
  void complete_all(std::uint32_t place, const task::Values& values, std::uint32_t from,
                    std::uint32_t count) noexcept override {
    for (std::uint32_t i = 0; i < count; ++i)
      std::exchange(ones_[place + i], nullptr)->complete_all(0, values, from + i, 1);
  }

 private:
  std::vector<std::shared_ptr<node::Completion>> ones_;  ///< those that have not ended
};
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

void Bunch::begin(TaskId range, node::TaskRequest&& request) {
  range_ = range;
  request_.head = request.head;
  request_.terms = request.terms;
  request_.ends.reserve(most_tasks);
  completions_.reserve(most_tasks);
  add(std::move(request));
}

void Bunch::add(node::TaskRequest&& request) {
  append(request_.arguments, request.arguments);
  completions_.push_back(std::move(request.completion));
  request_.ends.push_back(request_.arguments.size());
}

bool Bunch::full() const noexcept { return size() == most_tasks || bytes() >= most_bytes; }

node::TaskRequest Bunch::take() {
  request_.completion = std::make_shared<EachOne>(std::exchange(completions_, {}));
  return std::exchange(request_, {});
}

}  // namespace acre::executor
