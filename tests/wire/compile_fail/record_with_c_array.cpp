#include <array>

#include <acre/wire/codec.hpp>

struct Point {
#ifdef ACRE_CONTROL
  std::array<double, 3> x;
#else
  double x[3];
#endif
};
ACRE_RECORD(Point, x)
