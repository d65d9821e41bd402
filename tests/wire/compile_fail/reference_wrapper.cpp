#include <functional>
#include <map>

#include <acre/wire/codec.hpp>

#ifdef ACRE_CONTROL
using Value = std::map<int, int>;
#else
using Value = std::map<int, std::reference_wrapper<int>>;
#endif
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
