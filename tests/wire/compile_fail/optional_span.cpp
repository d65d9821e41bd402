#include <optional>
#include <span>
#include <vector>

#include <acre/wire/codec.hpp>

#ifdef ACRE_CONTROL
using Value = std::optional<std::vector<double>>;
#else
using Value = std::optional<std::span<double>>;
#endif
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
