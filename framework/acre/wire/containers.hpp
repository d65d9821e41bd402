// Codecs of strings and containers: the number of elements as u64, then the elements.
#pragma once

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <acre/wire/encodable.hpp>
#include <acre/wire/tuples.hpp>

namespace acre::wire {
namespace detail {

/// An element of a container. One that may take no bytes gets a zero byte in front: so no container of n
/// elements is shorter than n bytes, and a hostile length cannot ask for more than was sent.
template <class T>
struct Element {
  static constexpr bool padded() { return width_of<T>().least == 0; }
  static constexpr std::size_t least() { return padded() ? 1 : width_of<T>().least; }
  static void encode(Writer& writer, const T& value) {
    if constexpr (padded()) writer.number(std::uint8_t{0});
    Codec<T>::encode(writer, value);
  }
  static T decode(Reader& reader) {
    if constexpr (padded())
      if (reader.number<std::uint8_t>() != 0)
        throw DecodeError("an encoding lacks the zero before an empty element");
    return Codec<T>::decode(reader);
  }
};

/// Codec of what has push_back: one of the containers below, by name, never a class derived from them.
template <class Sequence>
struct SequenceCodec {
  using T = typename Sequence::value_type;
  using Parts = Types<T>;
  static constexpr Width width() { return {sizeof(std::uint64_t), false}; }

  static void encode(Writer& writer, const Sequence& values) {
    writer.length(values.size());
    if constexpr (contiguous())
      writer.append(values.data(), values.size() * sizeof(T));
    else
      for (const auto& value : values) Element<T>::encode(writer, value);
  }
  static Sequence decode(Reader& reader) {
    Sequence values;
    const std::size_t count = reader.length(Element<T>::least());
    if constexpr (contiguous()) {
      fill(values, reader.bytes(count * sizeof(T)), count);
    } else {
      // Room for no more than the message could fill: elements may be larger in memory than on the wire.
      if constexpr (requires { values.reserve(count); })
        values.reserve(std::min(count, reader.remaining() / sizeof(T)));
      for (std::size_t i = 0; i < count; ++i) values.push_back(Element<T>::decode(reader));
    }
    return values;
  }

 private:
  // resize() would write everything once more, but for an allocator of ours; assign() would be slow with any
  // but std's.
  static void fill(Sequence& values, ByteView from, std::size_t count) {
    constexpr bool of_std = std::is_same_v<typename Sequence::allocator_type, std::allocator<T>>;
    const bool aligned = reinterpret_cast<std::uintptr_t>(from.data()) % alignof(T) == 0;
    if (!of_std || !aligned) {
      values.resize(count);
      if (count != 0) copy_memory(values.data(), from.data(), from.size());
      return;
    }
    values.reserve(count);
    const T* const first = reinterpret_cast<const T*>(from.data());
    if (from.size() > copy_piece)
      fill_long(values, first, count);
    else
      values.assign(first, first + count);
  }
  // As copy_memory() does it.
  static void fill_long(Sequence& values, const T* first, std::size_t count) {
    constexpr std::size_t piece = std::max(copy_piece / sizeof(T), std::size_t{1});
    expect_to_fill(values.data(), count * sizeof(T));
    for (const T* const end = first + count; first != end;) {
      const T* const next = first + std::min(piece, static_cast<std::size_t>(end - first));
      values.insert(values.end(), first, next);
      first = next;
    }
  }
  static constexpr bool contiguous() {
    return is_flat<T>() && requires(Sequence & values) { values.data(); };
  }
};

/// Codec of sets and maps. Those without an order are written in order of their encodings, so that equal
/// values have equal bytes whatever was inserted first.
template <class Associative, class Entry>
struct AssociativeCodec {
  using Parts = Types<Entry>;
  static constexpr Width width() { return {sizeof(std::uint64_t), false}; }

  static void encode(Writer& writer, const Associative& values) {
    writer.length(values.size());
    if constexpr (requires { typename Associative::hasher; }) {
      std::vector<std::size_t> starts;
      starts.reserve(values.size());
      for (const auto& value : values) {
        starts.push_back(writer.size());
        encode_entry(writer, value);
      }
      writer.sort_pieces(starts);
    } else {
      for (const auto& value : values) encode_entry(writer, value);
    }
  }
  static Associative decode(Reader& reader) {
    Associative values;
    const std::size_t count = reader.length(Element<Entry>::least());
    for (std::size_t i = 0; i < count; ++i) values.emplace_hint(values.end(), Element<Entry>::decode(reader));
    if (values.size() != count) throw DecodeError("an encoding of a set or map holds a key twice");
    return values;
  }

 private:
  template <class Value>
  static void encode_entry(Writer& writer, const Value& value) {
    if constexpr (std::is_same_v<Value, Entry>) {
      Element<Entry>::encode(writer, value);
    } else {  // a map's pair has a const key, so it is no Entry
      if constexpr (Element<Entry>::padded()) writer.number(std::uint8_t{0});
      Codec<typename Entry::first_type>::encode(writer, value.first);
      Codec<typename Entry::second_type>::encode(writer, value.second);
    }
  }
};

/// std::filesystem::path and nothing derived from it, without its costly header.
template <class T>
concept path = requires(const T& value) {
  { value.native() } -> std::same_as<const std::string&>;
  { value.lexically_normal() } -> std::same_as<T>;
};

}  // namespace detail

template <class C, class Traits, class A>
struct Codec<std::basic_string<C, Traits, A>> : detail::SequenceCodec<std::basic_string<C, Traits, A>> {};
template <class T, class A>
struct Codec<std::vector<T, A>> : detail::SequenceCodec<std::vector<T, A>> {};
template <class T, class A>
struct Codec<std::deque<T, A>> : detail::SequenceCodec<std::deque<T, A>> {};
template <class T, class A>
struct Codec<std::list<T, A>> : detail::SequenceCodec<std::list<T, A>> {};

// An order or a hash with a state (a function pointer, say) would be lost on the way: such containers have no
// codec.
template <class K, class L, class A>
requires std::is_empty_v<L>
struct Codec<std::set<K, L, A>> : detail::AssociativeCodec<std::set<K, L, A>, K> {
};
template <class K, class V, class L, class A>
requires std::is_empty_v<L>
struct Codec<std::map<K, V, L, A>> : detail::AssociativeCodec<std::map<K, V, L, A>, std::pair<K, V>> {
};
template <class K, class H, class E, class A>
requires(std::is_empty_v<H>&& std::is_empty_v<E>) struct Codec<std::unordered_set<K, H, E, A>>
    : detail::AssociativeCodec<std::unordered_set<K, H, E, A>, K> {
};
template <class K, class V, class H, class E, class A>
requires(std::is_empty_v<H>&& std::is_empty_v<E>) struct Codec<std::unordered_map<K, V, H, E, A>>
    : detail::AssociativeCodec<std::unordered_map<K, V, H, E, A>, std::pair<K, V>> {
};

template <detail::path T>
struct Codec<T> {
  static constexpr Width width() { return width_of<std::string>(); }
  static void encode(Writer& writer, const T& value) { Codec<std::string>::encode(writer, value.native()); }
  static T decode(Reader& reader) { return T(Codec<std::string>::decode(reader)); }
};

}  // namespace acre::wire
