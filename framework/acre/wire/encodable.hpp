// What may cross to another process, and the sentences a user reads when a type may not.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>

#include <acre/wire/reader.hpp>
#include <acre/wire/writer.hpp>

namespace acre::wire {

/// A list of types.
template <class... T>
struct Types {};

/// How values of T become bytes and back: specialise it for a type of your own. Required are
///   static void encode(Writer&, const T&);
///   static T decode(Reader&);          // throws DecodeError, never trusts a length
/// and, if it has them, it also tells
///   using Parts = Types<T, U>;          // what T holds, so that a pointer inside is found
///   static constexpr Width width();    // what an encoding takes
///   static constexpr bool flat();      // the encoding is the memory, and every bit pattern is a value
template <class T>
struct Codec;

/// Bytes an encoding takes: at least `least`, and exactly that if `fixed`.
struct Width {
  std::size_t least = 0;  ///< bytes, at least
  bool fixed = false;     ///< whether it is always so many

  /// Of two encodings, one after the other.
  friend constexpr Width operator+(Width a, Width b) { return {a.least + b.least, a.fixed && b.fixed}; }
};

/// What the codec of T says of the size of its encodings.
template <class T>
constexpr Width width_of() {
  if constexpr (requires { Codec<T>::width(); })
    return Codec<T>::width();
  else
    return {};
}

/// Whether contiguous values of T are encoded by copying their memory.
template <class T>
constexpr bool is_flat() {
  if constexpr (requires { Codec<T>::flat(); } && std::is_trivially_copyable_v<T> &&
                std::is_trivially_copy_assignable_v<T> && std::is_default_constructible_v<T>)
    return Codec<T>::flat();
  else
    return false;
}

namespace detail {

template <class T>
inline constexpr bool borrows = std::is_pointer_v<T> || std::is_reference_v<T> ||
                                std::is_member_pointer_v<T> || std::is_null_pointer_v<T>;
template <class C, class Traits>
inline constexpr bool borrows<std::basic_string_view<C, Traits>> = true;
template <class T, std::size_t N>
inline constexpr bool borrows<std::span<T, N>> = true;
template <class T>
inline constexpr bool borrows<std::reference_wrapper<T>> = true;
template <class T>
inline constexpr bool borrows<std::initializer_list<T>> = true;

template <class T>
concept has_codec = requires(Writer& writer, Reader& reader, const T& value) {
  Codec<T>::encode(writer, value);
  { Codec<T>::decode(reader) } -> std::same_as<T>;
};

template <class T>
struct PartsOf {
  using type = Types<>;
};
template <class T>
requires requires { typename Codec<T>::Parts; }
struct PartsOf<T> {
  using type = typename Codec<T>::Parts;
};

enum class Fault : std::uint8_t { none, borrows, long_double, c_array, no_codec };

/// What is wrong with T itself, whatever it holds.
template <class T>
constexpr Fault own_fault() {
  if constexpr (borrows<T>)
    return Fault::borrows;
  else if constexpr (std::is_same_v<T, long double>)
    return Fault::long_double;
  else if constexpr (std::is_array_v<T>)
    return Fault::c_array;
  else if constexpr (!has_codec<T>)
    return Fault::no_codec;
  else
    return Fault::none;
}

template <class T, class... Seen>
constexpr bool is_sound();

template <class... Part, class... Seen>
constexpr bool are_sound(Types<Part...>, Types<Seen...>) {
  return (is_sound<std::remove_cv_t<Part>, Seen...>() && ...);
}

/// Whether T and everything it holds can be encoded; `Seen` ends the walk through types that hold themselves.
template <class T, class... Seen>
constexpr bool is_sound() {
  if constexpr ((std::is_same_v<T, Seen> || ...))
    return true;
  else if constexpr (own_fault<T>() != Fault::none)
    return false;
  else
    return are_sound(typename PartsOf<T>::type{}, Types<T, Seen...>{});
}

template <class... Part, class... Seen>
constexpr void check_parts(Types<Part...>, Types<Seen...>);

/// Walks like is_sound, but stops the compiler at the culprit; the trace of instantiations names the way to
/// it.
template <class T, class... Seen>
constexpr void check_sound() {
  if constexpr (!(std::is_same_v<T, Seen> || ...)) {
    constexpr Fault fault = own_fault<T>();
    static_assert(fault != Fault::borrows,
                  "acre: pointers, string_view and span do not cross processes: take a value (std::string, "
                  "std::vector).");
    static_assert(fault != Fault::long_double,
                  "acre: long double differs between machines and compilers: take a double.");
    static_assert(fault != Fault::c_array,
                  "acre: a C array cannot be passed or returned as a value: take a std::array.");
    static_assert(
        fault != Fault::no_codec,
        "acre: this type has no codec: name its fields with ACRE_RECORD(Type, fields...) outside the type, "
        "or give it a cereal serialize function.");
    if constexpr (fault == Fault::none) check_parts(typename PartsOf<T>::type{}, Types<T, Seen...>{});
  }
}

template <class... Part, class... Seen>
constexpr void check_parts(Types<Part...>, Types<Seen...>) {
  (check_sound<std::remove_cv_t<Part>, Seen...>(), ...);
}

}  // namespace detail

/// T, and everything in it, has a codec. Never a compile error itself.
template <class T>
concept encodable = detail::is_sound<std::remove_cv_t<T>>();

/// Does nothing if `encodable<T>`; otherwise the compiler stops with a sentence that says what to do.
template <class T>
constexpr void check_encodable() {
  detail::check_sound<std::remove_cv_t<T>>();
}

}  // namespace acre::wire
