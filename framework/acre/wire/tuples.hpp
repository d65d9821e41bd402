// Codecs of std::array, std::pair and std::tuple: their parts one after the other, nothing between them.
#pragma once

#include <array>
#include <concepts>
#include <tuple>
#include <utility>

#include <acre/wire/encodable.hpp>

namespace acre::wire {

template <class T, std::size_t N>
struct Codec<std::array<T, N>> {
  using Array = std::array<T, N>;
  using Parts = Types<T>;
  static constexpr Width width() { return {N * width_of<T>().least, N == 0 || width_of<T>().fixed}; }
  static constexpr bool flat() { return N != 0 && is_flat<T>(); }

  static void encode(Writer& writer, const Array& values) {
    if constexpr (is_flat<Array>())
      writer.append(&values, sizeof values);
    else
      for (const T& value : values) Codec<T>::encode(writer, value);
  }
  static Array decode(Reader& reader) {
    if constexpr (is_flat<Array>())
      return reader.number<Array>();
    else
      return each(reader, std::make_index_sequence<N>{});
  }

 private:
  template <std::size_t... I>
  static Array each([[maybe_unused]] Reader& reader, std::index_sequence<I...>) {
    return Array{((void)I, Codec<T>::decode(reader))...};
  }
};

template <class A, class B>
struct Codec<std::pair<A, B>> {
  using Parts = Types<A, B>;
  static constexpr Width width() { return width_of<A>() + width_of<B>(); }
  static void encode(Writer& writer, const std::pair<A, B>& value) {
    Codec<A>::encode(writer, value.first);
    Codec<B>::encode(writer, value.second);
  }
  static std::pair<A, B> decode(Reader& reader) {
    return std::pair<A, B>{Codec<A>::decode(reader), Codec<B>::decode(reader)};
  }
};

template <class... T>
struct Codec<std::tuple<T...>> {
  using Parts = Types<T...>;
  static constexpr Width width() { return (Width{0, true} + ... + width_of<T>()); }
  static void encode([[maybe_unused]] Writer& writer, const std::tuple<T...>& values) {
    std::apply([&](const T&... value) { (Codec<T>::encode(writer, value), ...); }, values);
  }
  static std::tuple<T...> decode([[maybe_unused]] Reader& reader) {
    return std::tuple<T...>{Codec<T>::decode(reader)...};  // braces: from left to right
  }
};

}  // namespace acre::wire
