// ACRE_CHECK: a broken promise inside acre ends the process with what it knows.
#pragma once

namespace acre {

/// Prints file, line, the condition and why it must hold, then aborts. Any thread.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const char* why) noexcept;

}  // namespace acre

/// Aborts unless `condition` holds; `why` says what it would mean if it did not.
#define ACRE_CHECK(condition, why) \
  ((condition) ? static_cast<void>(0) : ::acre::check_failed(__FILE__, __LINE__, #condition, why))
