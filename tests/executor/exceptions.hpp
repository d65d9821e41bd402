// Exceptions of all kinds, thrown by tasks and expected from their futures.
#pragma once

#include <acre/acre.hpp>

namespace acre::test {

/// Has a task of `executor` throw an exception of each kind, and expects each again as it was.
void expect_exceptions(Executor& executor);

/// The same of chains of nested exceptions.
void expect_nested_exceptions(Executor& executor);

/// A task that throws a std::system_error with a record nested in it; what its future is expected to throw.
/// Returns the rank on which it was thrown.
int throw_code_around_record();
int expect_code_around_record(const Future<int>& future);

}  // namespace acre::test
