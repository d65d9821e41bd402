// Values to bytes and back. Numbers, enums, complex numbers, arrays, pairs, tuples and records of these are
// their little-endian parts one after the other; what varies in length starts with a u64.
#pragma once

#include <exception>

#include <acre/wire/choices.hpp>
#include <acre/wire/containers.hpp>
#include <acre/wire/encodable.hpp>
#include <acre/wire/record.hpp>
#include <acre/wire/scalars.hpp>
#include <acre/wire/tuples.hpp>

namespace acre::wire {

/// Appends the encoding of `value`. Any thread, one per writer; does not block; throws acre::Error if the
/// value cannot be encoded (nested too deeply, a variant without a value). A type that cannot cross is a
/// compile error in words.
template <class T>
void encode(Writer& writer, const T& value) {
  check_encodable<T>();
  if constexpr (encodable<T>) Codec<T>::encode(writer, value);
}

/// Reads one value. Any thread, one per reader; does not block; throws DecodeError for bytes that hold none.
template <class T>
T decode(Reader& reader) {
  check_encodable<T>();
  if constexpr (encodable<T>)
    return Codec<T>::decode(reader);
  else
    std::terminate();  // never built; without it the compiler's sentence is followed by a warning
}

/// The encoding of `value`; throws as encode does.
template <class T>
Bytes to_bytes(const T& value) {
  Bytes bytes;
  bytes.reserve(width_of<T>().least);
  Writer writer(bytes);
  encode(writer, value);
  return bytes;
}

/// The value that `bytes` encode; throws DecodeError unless they are exactly that.
template <class T>
T from_bytes(ByteView bytes) {
  Reader reader(bytes);
  T value = decode<T>(reader);
  reader.expect_end();
  return value;
}

}  // namespace acre::wire
