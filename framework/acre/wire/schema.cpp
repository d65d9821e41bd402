#include <array>

#include <acre/wire/schema.hpp>

namespace acre::wire {
namespace {
struct Element {
  const char* name;
  std::size_t size;
};
constexpr std::array<Element, 13> elements{{{"bool", 1},
                                            {"i8", 1},
                                            {"u8", 1},
                                            {"i16", 2},
                                            {"u16", 2},
                                            {"i32", 4},
                                            {"u32", 4},
                                            {"i64", 8},
                                            {"u64", 8},
                                            {"f32", 4},
                                            {"f64", 8},
                                            {"c64", 8},
                                            {"c128", 16}}};
}  // namespace

std::size_t size_of(Scalar scalar) noexcept { return elements[static_cast<std::size_t>(scalar)].size; }
const char* name_of(Scalar scalar) noexcept { return elements[static_cast<std::size_t>(scalar)].name; }

std::size_t Column::width() const noexcept {
  std::size_t bytes = size_of(scalar);
  for (const std::uint64_t extent : shape) bytes *= extent;
  return bytes;
}

std::size_t Schema::row_width() const noexcept {
  std::size_t bytes = 0;
  for (const Column& column : columns) bytes += column.width();
  return bytes;
}

std::string Schema::text() const {
  std::string out = type + "{";
  for (const Column& column : columns) {
    if (&column != &columns.front()) out += ',';
    out += column.name + ":" + name_of(column.scalar);
    for (const std::uint64_t extent : column.shape) out += "[" + std::to_string(extent) + "]";
  }
  return out + "}";
}

}  // namespace acre::wire
