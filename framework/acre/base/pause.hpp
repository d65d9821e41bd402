// What a loop does that looks at memory again and again until another thread has written there.
#pragma once

namespace acre {

/// Lets the processor do less for a moment, for whoever shares the core. Any thread; does not block.
inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace acre
