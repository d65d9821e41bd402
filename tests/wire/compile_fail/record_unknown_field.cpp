#include <acre/wire/codec.hpp>

struct Point {
  double x, y;
};
#ifdef ACRE_CONTROL
ACRE_RECORD(Point, x, y)
#else
ACRE_RECORD(Point, x, y, z)
#endif
