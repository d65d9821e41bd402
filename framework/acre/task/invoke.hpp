// Thunks: a task function behind one signature, with its arguments decoded and its result encoded.
#pragma once

#include <atomic>
#include <cstdint>

#include <acre/task/signature.hpp>

namespace acre::task {

/// What a worker is doing, for the account of its death.
enum class Stage : std::uint32_t { idle, decoding, running, encoding, answering };

/// One call of a task function inside a worker.
struct Call {
  Context& context;
  const Surroundings& here;
  wire::Reader& arguments;
  wire::Writer& result;
  std::atomic<std::uint32_t>& stage;  ///< a Stage, kept up to date

  void at(Stage now) const noexcept {
    stage.store(static_cast<std::uint32_t>(now), std::memory_order_relaxed);
  }
};
using Thunk = void (*)(Call&);
using HookThunk = Kept (*)(wire::Reader&);

template <class T>
struct Inject;
template <>
struct Inject<Context&> {
  static Context& from(Call& call) { return call.context; }
  static void require(Requirements&) {}
};
template <class T>
struct Inject<Preloaded<T>> {
  static Preloaded<T> from(Call& call) { return Preloaded<T>(call.here); }
  static void require(Requirements& wanted) { wanted.preloaded = &typeid(T); }
};
template <class T>
struct Inject<PerWorker<T>> {
  static PerWorker<T> from(Call& call) { return PerWorker<T>(call.here); }
  static void require(Requirements& wanted) { wanted.per_worker = &typeid(T); }
};

/// Decodes arguments in order: braces fix the order of evaluation.
template <class... P>
std::tuple<std::remove_cvref_t<P>...> decode_arguments(wire::Reader& reader, Types<P...>) {
  return std::tuple<std::remove_cvref_t<P>...>{wire::decode<std::remove_cvref_t<P>>(reader)...};
}

/// A member function's object comes before what is injected.
template <class F, class... I, class... V>
decltype(auto) invoke_task(F function, Call& call, Types<I...>, V&&... values) {
  if constexpr (std::is_member_function_pointer_v<F>) {
    const auto on = [&](const auto& object, auto&&... rest) -> decltype(auto) {
      return (object.*function)(Inject<I>::from(call)..., std::forward<decltype(rest)>(rest)...);
    };
    return on(std::forward<V>(values)...);
  } else {
    return function(Inject<I>::from(call)..., std::forward<V>(values)...);
  }
}

template <class F, class... I, class... P>
void call_task(F function, Call& call, Types<I...> injected, Types<P...> passed) {
  call.at(Stage::decoding);
  auto arguments = decode_arguments(call.arguments, passed);
  call.at(Stage::running);
  std::apply(
      [&](auto&... values) {
        if constexpr (std::is_void_v<ResultOf<F>>) {
          invoke_task(function, call, injected, std::forward<P>(values)...);
        } else {
          const ResultOf<F>& result = invoke_task(function, call, injected, std::forward<P>(values)...);
          call.at(Stage::encoding);
          wire::encode(call.result, result);
        }
      },
      arguments);
}

template <auto F>
void constant_thunk(Call& call) {
  using S = Signature<std::decay_t<decltype(F)>>;
  call_task(F, call, typename S::Injected{}, typename S::Passed{});
}

template <class F>
void object_thunk(Call& call) {
  using S = Signature<F>;
  call_task(F{}, call, typename S::Injected{}, typename S::Passed{});
}

template <class... I>
Requirements requirements_of(Types<I...>) {
  Requirements wanted;
  (Inject<I>::require(wanted), ...);
  return wanted;
}

/// What is known of a task function at compile time, ready to be submitted.
struct TaskFunction {
  FunctionId id;
  Requirements wants;
};

template <class F>
TaskFunction describe(Thunk thunk) {
  return {function_id(reinterpret_cast<const void*>(thunk)),
          requirements_of(typename Signature<F>::Injected{})};
}

/// The task function behind a template argument, looked up once.
template <auto F>
const TaskFunction& task_function() {
  static const TaskFunction function = describe<std::decay_t<decltype(F)>>(&constant_thunk<F>);
  return function;
}

/// The task function behind a stateless object's type, looked up once.
template <class F>
const TaskFunction& task_function() {
  static const TaskFunction function = describe<F>(&object_thunk<F>);
  return function;
}

template <class P, class A>
void encode_argument(wire::Writer& writer, const A& argument) {
  if constexpr (std::is_same_v<P, A>)
    wire::encode(writer, argument);
  else
    wire::encode(writer, static_cast<P>(argument));
}

template <class... P, class... A>
void encode_arguments(wire::Writer& writer, Types<P...>, const A&... arguments) {
  (encode_argument<std::remove_cvref_t<P>>(writer, arguments), ...);
}

template <class... P, class... A>
Bytes encode_arguments(Types<P...> passed, const A&... arguments) {
  Bytes bytes;
  wire::Writer writer(bytes);
  encode_arguments(writer, passed, arguments...);
  return bytes;
}

template <auto F>
Kept hook_thunk(wire::Reader& reader) {
  using S = Signature<std::decay_t<decltype(F)>>;
  using R = std::remove_cvref_t<typename S::Result>;
  auto arguments = decode_arguments(reader, typename S::Passed{});
  const auto call = [](auto&... values) -> decltype(auto) { return F(std::move(values)...); };
  if constexpr (std::is_void_v<R>) {
    std::apply(call, arguments);
    return {nullptr, &typeid(void)};
  } else {
    return {std::shared_ptr<R>(new R(std::apply(call, arguments))), &typeid(R)};
  }
}

}  // namespace acre::task

namespace acre {

/// A hook: the function F and the arguments it gets, to be run in another process. Any thread; throws
/// acre::Error if F lives in a module loaded after acre::run began.
template <auto F, class... A>
Hook hook(A&&... arguments) {
  using S = task::Signature<std::decay_t<decltype(F)>>;
  static_assert(S::Injected::size == 0, "acre: a hook runs before any task: it takes plain arguments only.");
  static_assert(task::accepts<typename S::Passed, task::Types<A...>>,
                "acre: the arguments do not fit the hook's function.");
  static_assert(task::PassedChecks<typename S::Passed>::check());
  return {task::function_id(reinterpret_cast<const void*>(&task::hook_thunk<F>)),
          task::encode_arguments(typename S::Passed{}, arguments...),
          &typeid(std::remove_cvref_t<typename S::Result>)};
}

}  // namespace acre
