#include <vector>

#include <acre/wire/codec.hpp>

struct Plain {  // trivially copyable, and still not encodable
  int number;
};
#ifdef ACRE_CONTROL
ACRE_RECORD(Plain, number)
#endif
using Value = std::vector<Plain>;
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
