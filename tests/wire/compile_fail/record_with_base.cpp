#include <acre/wire/codec.hpp>

struct Base {
  double x;
};
#ifdef ACRE_CONTROL
struct Point {
  Base base;
  double y;
};
ACRE_RECORD(Point, base, y)
#else
struct Point : Base {
  double y;
};
ACRE_RECORD(Point, y)
#endif
