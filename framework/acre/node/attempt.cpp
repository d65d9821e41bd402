#include <algorithm>
#include <cfenv>
#include <utility>

#include <acre/node/attempt.hpp>
#include <acre/task/exception.hpp>
#include <acre/task/invoke.hpp>

namespace acre::node {
namespace {
thread_local bool inside = false;

class Inside {
 public:
  Inside() : before_(std::exchange(inside, true)) {}
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { inside = before_; }

 private:
  bool before_;
};

class Attempt {
 public:
  Attempt(Workplace& place, std::uint64_t index, std::int64_t timeout_ns) : place_(place) {
    place_.begin(index, Duration(timeout_ns));
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() { place_.end(); }

 private:
  Workplace& place_;
};

// std::fesetenv costs as much as the rest of a small task. Loading both control words takes no time, unlike
// looking at them; the flags of the old unit are mostly as they should be, and must be looked at first, as a
// pending exception would be raised here.
void reset_floating_point() {
#if defined(__x86_64__)
  constexpr unsigned vector_default = 0x1f80;
  constexpr std::uint16_t x87_default = 0x037f;
  std::uint16_t x87_status = 0;
  __asm__ volatile("fnstsw %0" : "=a"(x87_status));
  if (x87_status == 0) {
    __builtin_ia32_ldmxcsr(vector_default);
    __asm__ volatile("fldcw %0" : : "m"(x87_default));
    return;
  }
#endif
  std::fesetenv(FE_DFL_ENV);
}

void call(const task::TaskHead& head, std::uint32_t item, ByteView arguments, const task::Surroundings& here,
          ResultPlace result, Workplace& place) {
  const Inside mark;
  const std::uint64_t index = head.index + item;
  const Attempt attempt(place, index, head.timeout_ns);
  const auto thunk = reinterpret_cast<task::Thunk>(const_cast<void*>(task::function_at(head.function)));
  Context context(index, static_cast<int>(head.attempt), head.key, &place);
  wire::Reader reader(arguments);
  wire::Writer writer(result.bytes, result.source);
  task::Call what{context, here, reader, writer, place.stage()};
  // What an earlier task did to rounding or flags must not change this one's bits.
  reset_floating_point();
  thunk(what);
}
}  // namespace

task::OutcomeHead run_attempt(const task::TaskHead& head, std::uint32_t item, ByteView arguments,
                              const task::Surroundings& here, ResultPlace result, Workplace& place,
                              Stopwatch& watch) {
  task::OutcomeHead end;
  end.start_ns = watch.wall_ns();
  task::Ending ending = task::Ending::value;
  result.bytes.clear();
  try {
    call(head, item, arguments, here, result, place);
  } catch (...) {
    task::Caught caught = task::describe_current_exception();
    const Bytes detail = task::detail_of_current_exception(std::move(caught.state));
    result.bytes = task::pack_failure(caught.type, caught.message, detail);
    ending = task::Ending::thrown;
  }
  end.run_ns = watch.lap_ns();
  end.ending = static_cast<std::uint64_t>(ending);
  return end;
}

task::Outcome outcome_of(const task::OutcomeHead& head, Bytes&& result, const task::Execution& where) {
  task::Outcome outcome;
  if (head.ending == static_cast<std::uint64_t>(task::Ending::value)) {
    outcome.value = std::move(result);
  } else {
    outcome.ending = task::Ending::thrown;
    task::unpack_failure(result, outcome);
  }
  outcome.execution = where;
  outcome.execution.start_ns = head.start_ns;
  outcome.execution.run_ns = std::max(head.run_ns, std::int64_t{0});
  return outcome;
}

std::string try_hook(task::FunctionId hook, ByteView arguments, task::Kept& kept) {
  const Inside mark;
  try {
    kept = task::run_hook(hook, arguments);
    return {};
  } catch (...) {
    const task::Caught caught = task::describe_current_exception();
    return caught.type + ": " + caught.message;
  }
}

std::string on_host(const std::string& host, std::int32_t rank) {
  return " (on host " + host + ", rank " + std::to_string(rank) + ")";
}

bool inside_task() noexcept { return inside; }

}  // namespace acre::node
