#include <string>
#include <string_view>
#include <vector>

#include <acre/wire/codec.hpp>

#ifdef ACRE_CONTROL
using Value = std::vector<std::string>;
#else
using Value = std::vector<std::string_view>;
#endif
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
