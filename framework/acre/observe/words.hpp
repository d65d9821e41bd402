// Events and actions of the scheduler as sentences, for whoever reads a log or a failed simulation.
#pragma once

#include <string>

#include <acre/schedule/events.hpp>

namespace acre::observe {

/// The event as half a sentence: "member 3 joined with 64 workers". What has its usual value is left out; ids
/// are "slot#generation", times exact. Any thread; does not block; throws for want of memory only.
std::string in_words(const schedule::Event& event);

/// The action, likewise but whole, as a command: "deal tasks 0..7 of range 5#1 to member 3 as chunk 7#2,
/// attempt 1".
std::string in_words(const schedule::Action& action);

}  // namespace acre::observe
