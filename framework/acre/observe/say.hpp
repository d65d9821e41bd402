// Sentences for the person at the terminal.
#pragma once

#include <string_view>

namespace acre::observe {

/// Prints "acre: <sentence>" as one line on stderr, after what the program has printed so far. Any thread;
/// does not throw.
void say(std::string_view sentence) noexcept;

/// Prints what another process of the run has written, as it is, on stderr. Any thread; does not throw.
void pass_on(std::string_view text) noexcept;

}  // namespace acre::observe
