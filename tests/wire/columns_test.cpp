// Which types are columns, and that a packed row is the encoding.
#include <gtest/gtest.h>

#include <acre/wire/codec.hpp>
#include <acre/wire/columns.hpp>

namespace app {

enum class Colour : std::int16_t { red };
struct Point {
  double x, y;
};
ACRE_RECORD(Point, x, y)
struct Star {
  std::uint32_t id;
  Point at;
  std::array<std::array<std::complex<float>, 3>, 2> spectrum;
  bool seen;
  const Colour colour;
};
ACRE_RECORD(Star, id, at, spectrum, seen, colour)
struct Named {
  std::string name;
};
ACRE_RECORD(Named, name)
struct HoldsNamed {
  Named named;
};
ACRE_RECORD(HoldsNamed, named)
struct Empty {};
ACRE_RECORD(Empty)

}  // namespace app

namespace {

using acre::wire::columnar;
using acre::wire::schema_of;

TEST(Columns, OfScalars) {
  EXPECT_EQ(schema_of<bool>().text(), "bool{value:bool}");
  EXPECT_EQ(schema_of<std::int8_t>().text(), "i8{value:i8}");
  EXPECT_EQ(schema_of<std::uint8_t>().text(), "u8{value:u8}");
  EXPECT_EQ(schema_of<std::int16_t>().text(), "i16{value:i16}");
  EXPECT_EQ(schema_of<std::uint16_t>().text(), "u16{value:u16}");
  EXPECT_EQ(schema_of<int>().text(), "i32{value:i32}");
  EXPECT_EQ(schema_of<unsigned>().text(), "u32{value:u32}");
  EXPECT_EQ(schema_of<long long>().text(), "i64{value:i64}");
  EXPECT_EQ(schema_of<unsigned long>().text(), "u64{value:u64}");
  EXPECT_EQ(schema_of<float>().text(), "f32{value:f32}");
  EXPECT_EQ(schema_of<double>().text(), "f64{value:f64}");
  EXPECT_EQ(schema_of<std::complex<float>>().text(), "c64{value:c64}");
  EXPECT_EQ(schema_of<std::complex<double>>().text(), "c128{value:c128}");
  EXPECT_EQ(schema_of<app::Colour>().text(), "i16{value:i16}");
}

TEST(Columns, OfArrays) {
  EXPECT_EQ((schema_of<std::array<double, 3>>().text()), "f64{value:f64[3]}");
  EXPECT_EQ((schema_of<std::array<std::array<int, 4>, 2>>().text()), "i32{value:i32[2][4]}");
}

TEST(Columns, OfRecordsInRecords) {
  EXPECT_EQ(schema_of<app::Star>().text(),
            "Star{id:u32,at.x:f64,at.y:f64,spectrum:c64[2][3],seen:bool,colour:i16}");
}

TEST(Columns, APackedRowIsTheEncoding) {
  EXPECT_EQ(schema_of<app::Star>().row_width(), 4U + 16U + 48U + 1U + 2U);
  EXPECT_EQ(acre::wire::to_bytes(app::Star{}).size(), schema_of<app::Star>().row_width());
  EXPECT_EQ(acre::wire::width_of<app::Star>().least, schema_of<app::Star>().row_width());
}

TEST(Columns, NotOfWhatVaries) {
  EXPECT_TRUE(columnar<app::Star>);
  EXPECT_TRUE(columnar<const double>);
  EXPECT_FALSE(columnar<std::string>);
  EXPECT_FALSE(columnar<std::vector<double>>);
  EXPECT_FALSE(columnar<app::HoldsNamed>);
  EXPECT_FALSE((columnar<std::array<app::Point, 2>>));
  EXPECT_FALSE((columnar<std::array<double, 0>>));
  EXPECT_FALSE((columnar<std::pair<int, int>>));
  EXPECT_FALSE(columnar<app::Empty>);
  EXPECT_FALSE(columnar<long double>);
  EXPECT_FALSE(columnar<double*>);
}

}  // namespace
