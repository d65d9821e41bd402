#include <optional>
#include <string>

#include <acre/wire/codec.hpp>

struct Point {
  double x;
  std::string name;
  std::optional<int> colour;
};
#ifdef ACRE_CONTROL
ACRE_RECORD(Point, x, name, colour)
#else
ACRE_RECORD(Point, x, name)
#endif
