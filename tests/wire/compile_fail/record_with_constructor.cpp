
#include <acre/wire/codec.hpp>

struct Point {
#ifdef ACRE_CONTROL

#else
  explicit Point(double start) : x(start) {}
#endif
  double x;
};
ACRE_RECORD(Point, x)
