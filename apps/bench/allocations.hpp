// How often this program has asked for memory.
#pragma once

#include <cstdint>

namespace bench {

/// Calls of operator new so far. Any thread; does not block; does not throw.
std::uint64_t allocations_so_far() noexcept;

}  // namespace bench
