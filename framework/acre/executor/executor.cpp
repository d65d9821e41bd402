#include <exception>
#include <utility>

#include <acre/executor/executor.hpp>

namespace acre {
namespace {
// Memory that the arguments of this thread's last submit have left for the next ones.
thread_local Bytes spare;

// Stage 0 is the submits; maps are stages 1, 2, ….
constexpr std::uint64_t submit_stage = 0;
}  // namespace

Executor::Executor(std::shared_ptr<executor::Engine> engine)
    : engine_(std::move(engine)),
      submit_key_(random::stream_key(engine_->options().seed, submit_stage)),
      exceptions_(std::uncaught_exceptions()) {}

Executor& Executor::operator=(Executor&& other) noexcept {
  Executor old(std::move(*this));
  engine_ = std::move(other.engine_);
  submit_key_ = other.submit_key_;
  exceptions_ = other.exceptions_;
  return *this;
}

Executor::~Executor() {
  if (engine_ == nullptr) return;
  try {
    shutdown(std::uncaught_exceptions() > exceptions_);
  } catch (const Error&) {
    // Only in a callback, which holds the executor's last handle: the session ends it.
  }
}

void Executor::shutdown(bool cancel_pending) { engine_->shutdown(cancel_pending); }

std::uint64_t Executor::stage_key(const std::string& stage) {
  const std::uint64_t seed = engine_->options().seed;
  return stage.empty() ? random::stream_key(seed, engine_->next_stage())
                       : random::stream_key(seed, std::string_view(stage));
}

node::Terms Executor::terms_of(const TaskOptions& options) const {
  executor::check_priority(options.priority);
  if (options.expected < Duration::zero()) throw Error("the expected time of a task cannot be negative");
  if (options.timeout && *options.timeout <= Duration::zero())
    throw Error("a timeout must be more than nothing: leave it out for none");
  if (options.timeout && !has_processes(engine_->options().start))
    throw Error(
        "a timeout needs workers that are processes, as nothing can end a thread: leave it out, or make "
        "the executor with StartMethod::fork or spawn");
  return {.priority = options.priority,
          .expected_ns = options.expected.count(),
          .timeout_ns = options.timeout.value_or(Duration::zero()).count()};
}

node::TaskRequest Executor::request_of(const task::TaskFunction& function, const TaskOptions& options) const {
  engine_->check(function.wants);
  node::TaskRequest request;
  request.head.function = function.id;
  request.head.key = submit_key_;
  request.terms = terms_of(options);
  request.arguments.swap(spare);
  return request;
}

// A task that goes alone takes the arguments with it.
executor::StateHandle Executor::launch(node::TaskRequest& request, executor::WhenFull when_full,
                                       executor::Engine::MakeRow make_row) {
  constexpr std::size_t most_bytes = 8192;
  auto state = engine_->launch(request, when_full, make_row);
  if (request.arguments.capacity() <= most_bytes) spare.swap(request.arguments);
  spare.clear();
  return state;
}

}  // namespace acre
