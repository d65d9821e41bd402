#include <exception>

#include <acre/executor/executor.hpp>

namespace acre {
namespace {
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

bool Executor::launch(const std::shared_ptr<executor::FutureState>& state, node::TaskRequest&& request,
                      executor::WhenFull when_full) {
  request.head.key = submit_key_;
  request.completion = state;
  const auto launched = engine_->launch(std::move(request), when_full);
  if (launched) state->set_task(*launched);
  return launched.has_value();
}

}  // namespace acre
