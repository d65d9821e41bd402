#include <acre/wire/codec.hpp>

struct Point {
#ifndef ACRE_CONTROL
  explicit Point(double start) : x(start) {}
#endif
  double x;
};
ACRE_RECORD(Point, x)
