// What a thread has cost.
#pragma once

#include <acre/base/time.hpp>

namespace acre {

/// What the calling thread has used of a core's time so far. Local; any thread; does not block or throw.
Duration core_time() noexcept;

}  // namespace acre
