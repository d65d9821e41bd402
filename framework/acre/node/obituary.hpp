// How processes of a node ended, in words.
#pragma once

#include <string>

#include <acre/node/protocol.hpp>
#include <acre/task/outcome.hpp>

namespace acre::node {

/// How a process ended, in words that follow its name: "was killed by SIGSEGV (Segmentation fault)".
/// `verdict` is its agent's reason for ending it, if it had one; `deed` what it did then, as
/// PoolWorker::deed() says.
std::string how_it_ended(const ChildEnd& end, const PoolSetup& setup, const std::string& verdict,
                         const std::string& deed);

/// What it used and its last words, on one line, to follow those: ", having used 12 MB and written: …".
std::string what_it_left(const task::Death& death);

/// The end of a process as a record.
task::Death death_of(const ChildEnd& end, std::string last_words);

/// Why a worker was replaced between two tasks, as a sentence for the user; empty if that needs no words.
std::string why_replaced(const LeaveNote& note, std::uint32_t worker, const PoolSetup& setup);

}  // namespace acre::node
