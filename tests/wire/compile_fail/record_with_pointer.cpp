#include <string>

#include <acre/wire/codec.hpp>

#ifdef ACRE_CONTROL
struct Value {
  int size;
  std::string name;
};
#else
struct Value {
  int size;
  const char* name;
};
#endif
ACRE_RECORD(Value, size, name)
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
