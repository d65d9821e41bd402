// Which types are rows of columns, and what those columns are.
#pragma once

#include <array>
#include <complex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <acre/wire/record.hpp>
#include <acre/wire/scalars.hpp>
#include <acre/wire/schema.hpp>
#include <acre/wire/tuples.hpp>

namespace acre::wire {
namespace detail {

/// The element type and shape of a column of T; not specialised for what is no column.
template <class T>
struct ColumnOf;

template <class T>
concept column = requires {
  ColumnOf<T>::scalar;
};

constexpr Scalar integer_scalar(std::size_t bytes, bool is_signed) {
  switch (bytes) {
    case 1:
      return is_signed ? Scalar::i8 : Scalar::u8;
    case 2:
      return is_signed ? Scalar::i16 : Scalar::u16;
    case 4:
      return is_signed ? Scalar::i32 : Scalar::u32;
    default:
      return is_signed ? Scalar::i64 : Scalar::u64;
  }
}

template <class T>
constexpr Scalar number_scalar() {
  if constexpr (std::is_same_v<T, float>)
    return Scalar::f32;
  else if constexpr (std::is_same_v<T, double>)
    return Scalar::f64;
  else
    return integer_scalar(sizeof(T), std::is_signed_v<T>);
}

template <Scalar S>
struct ScalarColumn {
  static constexpr Scalar scalar = S;
  static std::vector<std::uint64_t> shape() { return {}; }
};

template <>
struct ColumnOf<bool> : ScalarColumn<Scalar::boolean> {};
template <number T>
struct ColumnOf<T> : ScalarColumn<number_scalar<T>()> {};
template <class T>
requires std::is_enum_v<T>
struct ColumnOf<T> : ColumnOf<std::underlying_type_t<T>> {
};
template <>
struct ColumnOf<std::complex<float>> : ScalarColumn<Scalar::c64> {};
template <>
struct ColumnOf<std::complex<double>> : ScalarColumn<Scalar::c128> {};
template <column T, std::size_t N>
requires(N != 0) struct ColumnOf<std::array<T, N>> {
  static constexpr Scalar scalar = ColumnOf<T>::scalar;
  static std::vector<std::uint64_t> shape() {
    std::vector<std::uint64_t> extents = ColumnOf<T>::shape();
    extents.insert(extents.begin(), N);
    return extents;
  }
};

template <class T>
constexpr bool is_columnar();

template <class... Field>
constexpr bool are_columnar(Types<Field...>) {
  return sizeof...(Field) != 0 && (is_columnar<std::remove_cv_t<Field>>() && ...);
}

template <class T>
constexpr bool is_columnar() {
  if constexpr (record<T>)
    return are_columnar(RecordFields<T>{});
  else
    return column<T>;
}

template <class T>
void add_columns(std::vector<Column>& columns, const std::string& name);

template <class T, class... Field>
void add_fields(std::vector<Column>& columns, const std::string& prefix, Types<Field...>) {
  constexpr auto names = record_names<T>();
  std::size_t i = 0;
  (add_columns<std::remove_cv_t<Field>>(columns, prefix + std::string(names[i++])), ...);
}

template <class T>
void add_columns(std::vector<Column>& columns, const std::string& name) {
  if constexpr (record<T>)
    add_fields<T>(columns, name + ".", RecordFields<T>{});
  else
    columns.push_back({name, ColumnOf<T>::scalar, ColumnOf<T>::shape()});
}

}  // namespace detail

/// T is a row of columns: a number, bool, enum, complex number or std::array of these, or a record of such.
template <class T>
concept columnar = detail::is_columnar<std::remove_cv_t<T>>();

/// The columns of T. A record has one per field, "outer.inner" for a record in a record; anything else has
/// the column "value", and the name of its element type as its type. A packed row is to_bytes(value). Any
/// thread; does not block; throws for want of memory only.
template <columnar T>
Schema schema_of() {
  Schema schema;
  if constexpr (record<T>) {
    schema.type = record_name<T>();
    detail::add_fields<T>(schema.columns, "", RecordFields<T>{});
  } else {
    schema.type = name_of(detail::ColumnOf<T>::scalar);
    detail::add_columns<T>(schema.columns, "value");
  }
  return schema;
}

}  // namespace acre::wire
