// How a function travels: as its place in a module, which survives address randomisation.
#pragma once

#include <cstdint>
#include <string>

#include <acre/wire/record.hpp>

namespace acre::task {

/// A function as (build id of its module, offset in it). Names would not do: two `static` functions of one
/// name in two files print alike.
struct FunctionId {
  std::uint64_t module = 0;
  std::uint64_t offset = 0;
  friend bool operator==(const FunctionId&, const FunctionId&) = default;
};

ACRE_RECORD(FunctionId, module, offset)

/// Notes the modules (program and shared libraries) loaded so far; tasks may live in these alone. Call it
/// once, before threads exist. Throws acre::Error if the program has no build id.
void note_modules();

/// The place of a function. Any thread; throws acre::Error if its module was loaded after note_modules().
FunctionId function_id(const void* code);

/// The function at a place. Any thread; throws acre::Error if this process has no such module.
const void* function_at(FunctionId id);

/// The build id of the running program, in hex. Any thread.
const std::string& program_build_id();

}  // namespace acre::task
