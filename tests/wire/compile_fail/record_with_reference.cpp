#include <acre/wire/codec.hpp>

#ifdef ACRE_CONTROL
struct Value {
  int number;
};
#else
struct Value {
  int& number;
};
#endif
ACRE_RECORD(Value, number)
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
