// Exceptions that travel: how they become data where they are thrown, and exceptions again where they are
// seen.
#pragma once

#include <atomic>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <acre/task/failure.hpp>
#include <acre/wire/codec.hpp>

namespace acre::task {

/// More nested exceptions than this do not travel with an exception.
inline constexpr std::size_t most_causes = 64;

/// A type of exception that can be made again in another process. Those of the standard are known; a static
/// object of any other one stands in a list for the life of the process.
struct ExceptionKind {
  const std::type_info* type;
  /// The state and, where it has a what(), the message of the exception in flight, which is of this type.
  void (*describe)(Caught&);
  /// Throws Thrown<E>, with `nested` around the exception being handled; returns if no E can be made of this.
  void (*raise)(const TaskInfo&, ByteView state, bool nested);
  const ExceptionKind* next = nullptr;
};

/// Puts a kind into the list, once. Any thread.
void add_kind(ExceptionKind& kind) noexcept;
/// The kind of this type; null if it is unknown. Any thread.
const ExceptionKind* kind_of(const std::type_info& type);
/// The kind of this name; null if there is none, or if several types are named so (in anonymous namespaces of
/// two files, say). Any thread.
const ExceptionKind* kind_named(const std::string& name);

/// The exception in flight as data, without what is nested in it; call it inside a catch block. Any thread;
/// throws for want of memory only.
Caught describe_current_exception();
/// An encoded ThrownDetail of the exception in flight, whose own state this is; empty if that is. Call it
/// inside a catch block. Any thread; throws for want of memory only.
Bytes detail_of_current_exception(Bytes state);

/// Throws Thrown<E>; with `nested`, around the exception being handled.
template <class E>
[[noreturn]] void throw_made(E made, const TaskInfo& info, bool nested) {
  Thrown<E> thrown(std::move(made), info);
  if (nested) std::throw_with_nested(std::move(thrown));
  throw std::move(thrown);
}

/// E is built from a message alone.
template <class E>
concept made_of_message = !std::is_aggregate_v<E> && std::is_constructible_v<E, const std::string&>;
/// E holds nothing, so that all objects of it are alike.
template <class E>
concept made_of_nothing = std::is_default_constructible_v<E> &&
    (std::is_empty_v<E> || (std::is_base_of_v<std::exception, E> && sizeof(E) == sizeof(std::exception)));

/// How a user's type travels: by its codec if it has one, else by its message.
template <class E>
struct UserException {
  static void describe(Caught& caught) {
    try {
      throw;
    } catch (const E& error) {
      if constexpr (requires { std::string(error.what()); }) caught.message = error.what();
      if constexpr (wire::encodable<E>) caught.state = wire::to_bytes(error);
    }
  }
  static E make([[maybe_unused]] const TaskInfo& info, [[maybe_unused]] ByteView state) {
    if constexpr (wire::encodable<E>)
      return wire::from_bytes<E>(state);
    else if constexpr (made_of_message<E>)
      return E(info.message);
    else
      return E();
  }
  static void raise(const TaskInfo& info, ByteView state, bool nested) {
    std::optional<E> made;
    try {
      made.emplace(make(info, state));
    } catch (...) {
      return;  // from damaged bytes, or its constructor refuses
    }
    throw_made(std::move(*made), info, nested);
  }
};

/// What ACRE_EXCEPTION does. Does not throw.
template <class E>
bool know_exception() noexcept {
  static_assert(std::is_class_v<E> && !std::is_final_v<E> && std::is_copy_constructible_v<E>,
                "acre: ACRE_EXCEPTION(Type) needs a class that can be copied and derived from.");
  static_assert(wire::encodable<E> || made_of_message<E> || made_of_nothing<E>,
                "acre: ACRE_EXCEPTION(Type) needs a constructor from a std::string, which is the message, or "
                "a codec: ACRE_RECORD(Type, fields...) or a cereal serialize function.");
  static ExceptionKind kind{&typeid(E), &UserException<E>::describe, &UserException<E>::raise, nullptr};
  static const bool known = (add_kind(kind), true);
  return known;
}

}  // namespace acre::task

#define ACRE_EXCEPTION_NAME(number) ACRE_EXCEPTION_NAME_2(number)
#define ACRE_EXCEPTION_NAME_2(number) acre_exception_##number

/// Makes get() throw a task's exception of this type as one of it, Thrown<Type>, wherever the task ran. It is
/// made again by its codec if it has one (ACRE_RECORD, a cereal serialize function, a Codec of your own),
/// else by its constructor from a std::string, which gets what() of the one that was thrown. Stands at
/// namespace scope after the type, and after its ACRE_RECORD. Types that are named alike stay TaskError.
#define ACRE_EXCEPTION(...)                                             \
  [[maybe_unused]] static const bool ACRE_EXCEPTION_NAME(__COUNTER__) = \
      ::acre::task::know_exception<__VA_ARGS__>();
