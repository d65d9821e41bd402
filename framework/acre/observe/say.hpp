// Sentences for the person at the terminal.
#pragma once

#include <string_view>

namespace acre::observe {

/// Prints "acre: <sentence>" as one line on stderr, after what the program has printed so far. Any thread;
/// does not throw.
void say(std::string_view sentence) noexcept;

}  // namespace acre::observe
