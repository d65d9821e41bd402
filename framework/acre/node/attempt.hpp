// One attempt of a task in this thread, whatever kind of worker the thread belongs to.
#pragma once

#include <cstdint>
#include <string>

#include <acre/node/stopwatch.hpp>
#include <acre/node/workplace.hpp>
#include <acre/task/frame.hpp>
#include <acre/task/hook.hpp>

namespace acre::node {

/// Where what a task returned is put: a buffer, and whence that has its memory once it is long.
struct ResultPlace {
  Bytes& bytes;
  LongSource* source = nullptr;
};

/// Runs the task here that is number `item` of those that the head is of: decodes its arguments, calls it,
/// encodes what it returned. `result` gets that value, or the words of what was thrown; the head says which.
/// The place's stage follows (see task::Stage). Resets the floating-point environment first. Any thread;
/// blocks as the task does; throws when memory runs out only.
task::OutcomeHead run_attempt(const task::TaskHead& head, std::uint32_t item, ByteView arguments,
                              const task::Surroundings& here, ResultPlace result, Workplace& place,
                              Stopwatch& watch);

/// The end of an attempt as its future will see it. Throws acre::Error if `result` is not what the head says.
task::Outcome outcome_of(const task::OutcomeHead& head, Bytes&& result, const task::Execution& where);

/// Runs a hook here and keeps what it returns. Empty if that went well, or else "<type>: <message>" of what
/// it threw. Any thread; blocks as the hook does.
std::string try_hook(task::FunctionId hook, ByteView arguments, task::Kept& kept);

/// " (on host <host>, rank <rank>)": where something failed, for the end of its words. Any thread.
std::string on_host(const std::string& host, std::int32_t rank);

/// Is this thread inside a task or a hook? There it must not wait for an executor: it may be what that waits
/// for. Any thread.
bool inside_task() noexcept;

}  // namespace acre::node
