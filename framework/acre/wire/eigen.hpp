// Codecs of Eigen's matrices, vectors and arrays. Include this beside acre.hpp where tasks take or return
// them; acre itself does not need Eigen, a program that includes this brings it (3.3 or later).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <Eigen/Core>
#include <acre/wire/columns.hpp>
#include <acre/wire/containers.hpp>
#include <acre/wire/view.hpp>

namespace acre::wire {
namespace detail {

template <class T>
concept eigen = std::derived_from<T, Eigen::EigenBase<T>>;
/// An Eigen type that owns its coefficients: a Matrix or an Array, not one derived from these.
template <class T>
concept eigen_value = eigen<T> && std::same_as<T, typename T::PlainObject> && requires(T value) {
  { T::RowsAtCompileTime + T::ColsAtCompileTime } -> std::convertible_to<int>;
  value.data();
};
template <class T>
concept eigen_fixed = eigen_value<T> && T::SizeAtCompileTime != Eigen::Dynamic;

/// Maps, references and expressions look into coefficients that something else owns.
template <class T>
requires(eigen<T> && !eigen_value<T>) inline constexpr bool borrows<T> = true;

/// An extent that was sent, if a matrix can have it: `fixed` and `most` as Eigen tells them, Dynamic if any.
inline Eigen::Index eigen_extent(Reader& reader, int fixed, int most) {
  const auto extent = reader.number<std::uint64_t>();
  const bool fits = fixed == Eigen::Dynamic ? extent <= std::numeric_limits<Eigen::Index>::max()
                                            : extent == static_cast<std::uint64_t>(fixed);
  if (!fits || (most != Eigen::Dynamic && extent > static_cast<std::uint64_t>(most)))
    throw DecodeError("an encoding holds a matrix of extent " + std::to_string(extent) +
                      ", which its type cannot have");
  return static_cast<Eigen::Index>(extent);
}

/// An element type and shape, as of a std::array of std::array: rows first, a vector has one extent.
template <eigen_fixed T>
requires(column<typename T::Scalar>&& T::SizeAtCompileTime != 0) struct ColumnOf<T> {
  static constexpr Scalar scalar = ColumnOf<typename T::Scalar>::scalar;
  static std::vector<std::uint64_t> shape() {
    std::vector<std::uint64_t> extents = ColumnOf<typename T::Scalar>::shape();
    if constexpr (!T::IsVectorAtCompileTime) extents.insert(extents.begin(), T::ColsAtCompileTime);
    extents.insert(extents.begin(), T::IsVectorAtCompileTime ? T::SizeAtCompileTime : T::RowsAtCompileTime);
    return extents;
  }
};

}  // namespace detail

/// Of a size known at compile time: the coefficients, row after row whatever the storage order, so that a
/// column of a result file reads as it is written in mathematics.
template <detail::eigen_fixed T>
struct Codec<T> {
  using Scalar = typename T::Scalar;
  using Parts = Types<Scalar>;
  static constexpr Width width() {
    constexpr std::size_t size = T::SizeAtCompileTime;
    return {size * width_of<Scalar>().least, size == 0 || width_of<Scalar>().fixed};
  }
  static void encode(Writer& writer, const T& value) {
    for (Eigen::Index row = 0; row < value.rows(); ++row)
      for (Eigen::Index column = 0; column < value.cols(); ++column)
        Codec<Scalar>::encode(writer, value(row, column));
  }
  static T decode(Reader& reader) {
    T value;
    for (Eigen::Index row = 0; row < value.rows(); ++row)
      for (Eigen::Index column = 0; column < value.cols(); ++column)
        value(row, column) = Codec<Scalar>::decode(reader);
    return value;
  }
};

/// Of a size known when it runs: rows and columns as u64, a byte that is 1 if rows are contiguous, then the
/// coefficients as they are in memory. Either storage order is read. The memory of a decoded one is Eigen's
/// and aligned as Eigen wants it.
template <detail::eigen_value T>
requires(!detail::eigen_fixed<T>) struct Codec<T> {
  using Scalar = typename T::Scalar;
  using Parts = Types<Scalar>;
  static constexpr Width width() { return {2 * sizeof(std::uint64_t) + 1, false}; }

  static void encode(Writer& writer, const T& value) {
    writer.number(static_cast<std::uint64_t>(value.rows()));
    writer.number(static_cast<std::uint64_t>(value.cols()));
    Codec<bool>::encode(writer, T::IsRowMajor);
    if constexpr (is_flat<Scalar>())
      writer.append(value.data(), static_cast<std::size_t>(value.size()) * sizeof(Scalar));
    else
      for (Eigen::Index i = 0; i < value.size(); ++i) Element::encode(writer, value.data()[i]);
  }
  static T decode(Reader& reader) {
    const Eigen::Index rows = detail::eigen_extent(reader, T::RowsAtCompileTime, T::MaxRowsAtCompileTime);
    const Eigen::Index columns = detail::eigen_extent(reader, T::ColsAtCompileTime, T::MaxColsAtCompileTime);
    const bool row_major = Codec<bool>::decode(reader);
    require(reader, rows, columns);
    if (row_major == bool{T::IsRowMajor} || rows == 1 || columns == 1)
      return in_order<T>(reader, rows, columns);
    using Turned = Eigen::Array<Scalar, Eigen::Dynamic, Eigen::Dynamic,
                                T::IsRowMajor ? Eigen::ColMajor : Eigen::RowMajor>;
    return T(in_order<Turned>(reader, rows, columns));
  }

 private:
  using Element = detail::Element<Scalar>;

  static void require(const Reader& reader, Eigen::Index rows, Eigen::Index columns) {
    const auto most = static_cast<Eigen::Index>(reader.remaining() / Element::least());
    if (rows != 0 && columns != 0 && columns > most / rows)
      throw DecodeError("an encoding claims a matrix of " + std::to_string(rows) + " x " +
                        std::to_string(columns) + ", but only " + std::to_string(reader.remaining()) +
                        " bytes are left");
  }
  template <class Into>
  static Into in_order(Reader& reader, Eigen::Index rows, Eigen::Index columns) {
    Into value(rows, columns);
    const std::size_t size = static_cast<std::size_t>(value.size()) * sizeof(Scalar);
    expect_to_fill(value.data(), size);
    if constexpr (is_flat<Scalar>())
      reader.copy(value.data(), size);
    else
      for (Eigen::Index i = 0; i < value.size(); ++i) value.data()[i] = Element::decode(reader);
    return value;
  }
};

/// An Eigen::Map, of a size known when it runs and numbers that are encoded as they are in memory.
template <detail::eigen_value T>
requires(!detail::eigen_fixed<T> && is_flat<typename T::Scalar>()) struct View<T> {
  /// Behind its shape and order.
  static constexpr std::size_t elements_at = 2 * sizeof(std::uint64_t) + 1;
  /// The map; throws DecodeError if the bytes end too early.
  static Eigen::Map<const T> of(ByteView encoding) {
    Reader reader(encoding);
    const auto rows = static_cast<Eigen::Index>(reader.number<std::uint64_t>());
    const auto columns = static_cast<Eigen::Index>(reader.number<std::uint64_t>());
    reader.bytes(1);  // a T has made it, in its own order
    const ByteView elements = reader.bytes(reader.remaining());
    return {reinterpret_cast<const typename T::Scalar*>(elements.data()), rows, columns};
  }
};

}  // namespace acre::wire
