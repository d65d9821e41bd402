// A shared library with task functions: linked to the test program, and once more to be loaded later.
#pragma once

#include "support/session.hpp"

namespace acre::test {

/// A task function of the library, for the program to submit.
int library_function(int x);

/// Submits a task function that only the library knows, from inside the library.
Future<int> submit_from_library(Executor& executor);

}  // namespace acre::test

/// The same for a library that was loaded by dlopen: 0 if it was taken, else the words it was refused with.
extern "C" int try_from_plugin(acre::Executor& executor, std::string& words);
