// Types with a cereal `serialize(Archive&)` member, encoded without cereal itself: what they pass to the
// archive is encoded by acre's codecs, in that order. Include this where such types are defined.
#pragma once

#include <type_traits>
#include <utility>

#include <acre/wire/codec.hpp>

namespace acre::wire {
namespace detail {

/// The value in a cereal NameValuePair, or the argument itself.
template <class T>
constexpr auto& unnamed(T& item) {
  if constexpr (requires {
                  item.name;
                  item.value;
                })
    return item.value;
  else
    return item;
}

/// What a serialize function sees when its object is written.
class OutputArchive {
 public:
  using is_saving = std::true_type;
  using is_loading = std::false_type;

  explicit OutputArchive(Writer& writer) : writer_(writer) {}
  template <class... T>
  OutputArchive& operator()(T&&... item) {
    (encode(writer_, unnamed(item)), ...);
    return *this;
  }
  template <class T>
  OutputArchive& operator&(T&& item) {
    return (*this)(item);
  }

 private:
  Writer& writer_;
};

/// What a serialize function sees when its object is read.
class InputArchive {
 public:
  using is_saving = std::false_type;
  using is_loading = std::true_type;

  explicit InputArchive(Reader& reader) : reader_(reader) {}
  template <class... T>
  InputArchive& operator()(T&&... item) {
    (read(unnamed(item)), ...);
    return *this;
  }
  template <class T>
  InputArchive& operator&(T&& item) {
    return (*this)(item);
  }

 private:
  template <class T>
  void read(T& item) {
    item = decode<T>(reader_);
  }

  Reader& reader_;
};

template <class T>
concept serializable = std::is_class_v<T> && std::is_default_constructible_v<T> && !record<T> &&
                       requires(T & value, OutputArchive& out, InputArchive& in) {
  value.serialize(out);
  value.serialize(in);
};

}  // namespace detail

/// What serialize passes to the archive, one after the other. The fields are seen when this is instantiated:
/// a pointer among them is still a compile error, but `encodable<T>` does not know of it.
template <detail::serializable T>
struct Codec<T> {
  static void encode(Writer& writer, const T& value) {
    const Nesting level(writer);
    detail::OutputArchive archive(writer);
    const_cast<T&>(value).serialize(archive);  // serialize cannot be const, since it also reads
  }
  static T decode(Reader& reader) {
    const Nesting level(reader);
    detail::InputArchive archive(reader);
    T value{};
    value.serialize(archive);
    return value;
  }
};

}  // namespace acre::wire
