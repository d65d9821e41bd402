// What a task function takes and returns, and the sentences for what it may not.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <acre/task/broadcast.hpp>
#include <acre/task/context.hpp>
#include <acre/task/hook.hpp>
#include <acre/wire/codec.hpp>

namespace acre::task {

template <class... T>
struct Types {
  static constexpr std::size_t size = sizeof...(T);
};

template <class T>
inline constexpr bool is_injected = false;
template <>
inline constexpr bool is_injected<Context&> = true;
template <class T>
inline constexpr bool is_injected<Preloaded<T>> = true;
template <class T>
inline constexpr bool is_injected<PerWorker<T>> = true;

/// Splits leading injected parameters from the arguments that the caller passes.
template <class InjectedTypes, class PassedTypes>
struct Split {
  using Injected = InjectedTypes;
  using Passed = PassedTypes;
};
template <class... I, class Head, class... Tail>
requires is_injected<Head>
struct Split<Types<I...>, Types<Head, Tail...>> : Split<Types<I..., Head>, Types<Tail...>> {
};

template <class First, class List>
struct Prepend;
template <class First, class... T>
struct Prepend<First, Types<T...>> {
  using type = Types<First, T...>;
};
template <class First, class List>
using Prepended = typename Prepend<First, List>::type;

/// The signature of a function object by that of its operator(), which is const.
template <class Call>
struct CallSignature {};

/// The one signature of a function, member function or function object; empty if there is no such one. The
/// object of a member function is its first argument.
template <class F>
struct Signature {};
template <class F>
requires requires { &F::operator(); }
struct Signature<F> : CallSignature<decltype(&F::operator())> {};
template <class R, class... A>
struct Signature<R (*)(A...)> : Split<Types<>, Types<A...>> {
  using Result = R;
};
template <class R, class... A>
struct Signature<R (*)(A...) noexcept> : Signature<R (*)(A...)> {};
template <class R, class C, class... A>
struct CallSignature<R (C::*)(A...) const> : Signature<R (*)(A...)> {};
template <class R, class C, class... A>
struct CallSignature<R (C::*)(A...) const noexcept> : Signature<R (*)(A...)> {};
template <class R, class C, class... A>
struct Signature<R (C::*)(A...) const> : Signature<R (*)(A...)> {
  using Passed = Prepended<const C&, typename Signature<R (*)(A...)>::Passed>;
};
template <class R, class C, class... A>
struct Signature<R (C::*)(A...) const noexcept> : Signature<R (C::*)(A...) const> {};
template <class R, class C, class... A>
struct Signature<R (C::*)(A...)> : Signature<R (*)(A...)> {
  using Passed = Prepended<C&, typename Signature<R (*)(A...)>::Passed>;
};
template <class R, class C, class... A>
struct Signature<R (C::*)(A...) noexcept> : Signature<R (C::*)(A...)> {};

/// A function object with one plain signature, which acre can take apart.
template <class F>
concept plain_function = requires {
  typename Signature<std::decay_t<F>>::Passed;
};

/// An object that is all code, such as a captureless lambda: it can be made again in another process.
template <class F>
concept stateless = std::is_empty_v<F> && std::is_default_constructible_v<F>;

template <class P>
inline constexpr bool is_mutable_reference =
    std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>;

// What is encoded as it is need not be copied, so that values which can only be moved are arguments too.
template <class P, class A>
inline constexpr bool fits =
    std::is_convertible_v<A, P> || std::is_same_v<std::remove_cvref_t<A>, std::remove_cvref_t<P>>;

template <class Passed, class Arguments>
inline constexpr bool accepts = false;
template <class... P, class... A>
requires(sizeof...(P) ==
         sizeof...(A)) inline constexpr bool accepts<Types<P...>, Types<A...>> = (fits<P, A> && ...);

template <class Passed>
struct PassedChecks;
template <class... P>
struct PassedChecks<Types<P...>> {
  static constexpr bool check() {
    static_assert(
        !(is_mutable_reference<P> || ...),
        "acre: a task runs in another process: take the argument by value or const&, return the change.");
    (wire::check_encodable<std::remove_cvref_t<P>>(), ...);
    return true;
  }
};

/// The result type of a task function, as the caller gets it.
template <class F>
using ResultOf = std::remove_cvref_t<typename Signature<std::decay_t<F>>::Result>;

/// Refuses at compile time, in a sentence, what cannot be a task: F called with A….
template <class F, class... A>
constexpr void check_task() {
  static_assert(
      plain_function<F>,
      "acre: a task needs one plain signature: wrap overloaded or generic functions in a captureless "
      "lambda with typed parameters.");
  if constexpr (plain_function<F>) {
    using S = Signature<std::decay_t<F>>;
    static_assert(PassedChecks<typename S::Passed>::check());
    static_assert(accepts<typename S::Passed, Types<A...>>,
                  "acre: the arguments do not fit the task function (injected parameters come first; default "
                  "arguments are lost through a template argument: wrap the call in a captureless lambda).");
    if constexpr (!std::is_void_v<ResultOf<F>>) {
      wire::check_encodable<ResultOf<F>>();
      static_assert(
          !holds_broadcast<ResultOf<F>>(),
          "acre: a broadcast cannot be a result, as it lives on the root: return the value, or what "
          "was made of it.");
    }
  }
}

}  // namespace acre::task
