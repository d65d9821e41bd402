#include <acre/wire/codec.hpp>

#ifdef ACRE_CONTROL
using Value = int;
#else
using Value = const int*;
#endif
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
