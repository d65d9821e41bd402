// Codecs of what may or may not be there: a byte that says which, then the value.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <acre/wire/encodable.hpp>
#include <acre/wire/scalars.hpp>

namespace acre::wire {

template <class T>
struct Codec<std::optional<T>> {
  using Parts = Types<T>;
  static constexpr Width width() { return {1, false}; }
  static void encode(Writer& writer, const std::optional<T>& value) {
    Codec<bool>::encode(writer, value.has_value());
    if (value) Codec<T>::encode(writer, *value);
  }
  static std::optional<T> decode(Reader& reader) {
    if (!Codec<bool>::decode(reader)) return std::nullopt;
    return std::optional<T>(std::in_place, Codec<T>::decode(reader));
  }
};

/// The object pointed to travels and belongs to the copy; a null pointer stays one.
template <class T>
requires(!std::is_array_v<T>) struct Codec<std::unique_ptr<T>> {
  using Parts = Types<T>;
  static constexpr Width width() { return {1, false}; }
  static void encode(Writer& writer, const std::unique_ptr<T>& value) {
    Codec<bool>::encode(writer, value != nullptr);
    if (value) Codec<std::remove_cv_t<T>>::encode(writer, *value);
  }
  static std::unique_ptr<T> decode(Reader& reader) {
    if (!Codec<bool>::decode(reader)) return nullptr;
    // Not make_unique: this decodes straight into the heap, so deep trees take little stack.
    return std::unique_ptr<T>(new T(Codec<std::remove_cv_t<T>>::decode(reader)));
  }
};

template <class... T>
struct Codec<std::variant<T...>> {
  static_assert(sizeof...(T) < 256, "acre: a variant of more than 255 types cannot be encoded.");
  using Variant = std::variant<T...>;
  using Parts = Types<T...>;
  static constexpr Width width() { return {1, false}; }

  static void encode(Writer& writer, const Variant& value) {
    if (value.valueless_by_exception())
      throw Error("a variant that an exception left without a value cannot be encoded: give it a value");
    writer.number(static_cast<std::uint8_t>(value.index()));
    std::visit([&]<class Held>(const Held& held) { Codec<Held>::encode(writer, held); }, value);
  }
  static Variant decode(Reader& reader) {
    const auto index = reader.number<std::uint8_t>();
    if (index >= sizeof...(T))
      throw DecodeError("an encoding names alternative " + std::to_string(index) + " of a variant of " +
                        std::to_string(sizeof...(T)));
    return decoders(std::index_sequence_for<T...>{})[index](reader);
  }

 private:
  template <std::size_t... I>
  static constexpr std::array<Variant (*)(Reader&), sizeof...(T)> decoders(std::index_sequence<I...>) {
    return {[](Reader& reader) { return Variant(std::in_place_index<I>, Codec<T>::decode(reader)); }...};
  }
};

}  // namespace acre::wire
