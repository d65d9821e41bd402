// Codecs of values of a fixed size that hold nothing: numbers, enums, complex numbers, durations.
#pragma once

#include <chrono>
#include <complex>
#include <string>
#include <type_traits>
#include <variant>

#include <acre/wire/encodable.hpp>

namespace acre::wire {

/// Numbers that are encoded as their memory: integers and characters up to 64 bits, float and double.
template <class T>
concept number = (std::is_integral_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= 8) ||
                 std::is_same_v<T, float> || std::is_same_v<T, double>;

template <number T>
requires std::same_as<T, std::remove_cv_t<T>>
struct Codec<T> {
  static constexpr Width width() { return {sizeof(T), true}; }
  static constexpr bool flat() { return true; }
  static void encode(Writer& writer, const T& value) { writer.number(value); }
  static T decode(Reader& reader) { return reader.number<T>(); }
};

/// One byte, 0 or 1; anything else is refused, because a bool must not hold it.
template <>
struct Codec<bool> {
  static constexpr Width width() { return {1, true}; }
  static void encode(Writer& writer, const bool& value) { writer.number(std::uint8_t{value}); }
  static bool decode(Reader& reader) {
    const auto byte = reader.number<std::uint8_t>();
    if (byte > 1) throw DecodeError("an encoding holds " + std::to_string(byte) + " where a bool is 0 or 1");
    return byte == 1;
  }
};

/// The underlying integer; values without an enumerator pass, as they do in the language.
template <class T>
requires std::is_enum_v<T> && std::same_as<T, std::remove_cv_t<T>>
struct Codec<T> {
  using Integer = std::underlying_type_t<T>;
  using Parts = Types<Integer>;
  static constexpr Width width() { return width_of<Integer>(); }
  static constexpr bool flat() { return is_flat<Integer>(); }
  static void encode(Writer& writer, const T& value) {
    Codec<Integer>::encode(writer, static_cast<Integer>(value));
  }
  static T decode(Reader& reader) { return static_cast<T>(Codec<Integer>::decode(reader)); }
};

/// The real part, then the imaginary one.
template <class T>
struct Codec<std::complex<T>> {
  using Parts = Types<T>;
  static constexpr Width width() { return width_of<T>() + width_of<T>(); }
  static constexpr bool flat() { return is_flat<T>(); }
  static void encode(Writer& writer, const std::complex<T>& value) {
    Codec<T>::encode(writer, value.real());
    Codec<T>::encode(writer, value.imag());
  }
  static std::complex<T> decode(Reader& reader) {
    const T real = Codec<T>::decode(reader);
    return {real, Codec<T>::decode(reader)};
  }
};

/// The count of ticks.
template <class Rep, class Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  using Parts = Types<Rep>;
  static constexpr Width width() { return width_of<Rep>(); }
  static constexpr bool flat() { return is_flat<Rep>(); }
  static void encode(Writer& writer, const Duration& value) { Codec<Rep>::encode(writer, value.count()); }
  static Duration decode(Reader& reader) { return Duration(Codec<Rep>::decode(reader)); }
};

/// No bytes at all.
template <>
struct Codec<std::monostate> {
  static constexpr Width width() { return {0, true}; }
  static void encode(Writer&, const std::monostate&) {}
  static std::monostate decode(Reader&) { return {}; }
};

}  // namespace acre::wire
