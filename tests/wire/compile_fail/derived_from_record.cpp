#include <acre/wire/codec.hpp>

struct Base {
  int number;
};
ACRE_RECORD(Base, number)
#ifdef ACRE_CONTROL
using Value = Base;
#else
struct Value : Base {
  int more;
};
#endif
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
