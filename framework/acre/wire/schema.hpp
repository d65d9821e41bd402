// The columnar shape of a record: what the journal, the HDF5 file and the digest know about a type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace acre::wire {

/// Element types a column can have; complex ones are two reals in a row (real part first).
enum class Scalar : std::uint8_t { boolean, i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, c64, c128 };

/// Bytes one element takes in a packed row.
std::size_t size_of(Scalar scalar) noexcept;

/// The name of an element type in messages, digests and files: "u64", "f64", "c128", …
const char* name_of(Scalar scalar) noexcept;

/// One field of a record: a name, an element type, and the shape of one row's value ({} for a scalar).
struct Column {
  std::string name;                  ///< of the field
  Scalar scalar = Scalar::u8;        ///< type of its elements
  std::vector<std::uint64_t> shape;  ///< of one row's value; {} for a scalar

  /// Bytes this column takes in a packed row.
  std::size_t width() const noexcept;
  /// Alike in name, type and shape.
  friend bool operator==(const Column&, const Column&) = default;
};

/// A record as columns. A packed row is its columns in order, little-endian, without padding; it is the same
/// bytes that the codec makes of the value.
struct Schema {
  std::string type;             ///< name of the record
  std::vector<Column> columns;  ///< in order of its fields

  /// Bytes of a packed row.
  std::size_t row_width() const noexcept;
  /// One line for messages and for the digest: "Hits{inside:u64,samples:u64}", "point{x:f64[3]}".
  std::string text() const;
  /// Alike in type and columns.
  friend bool operator==(const Schema&, const Schema&) = default;
};

}  // namespace acre::wire
