// The exceptions of the standard library that travel as themselves.
#pragma once

#include <span>

#include <acre/task/exception.hpp>

namespace acre::task {

/// Their kinds. Any thread; does not throw.
std::span<const ExceptionKind> standard_exceptions() noexcept;

}  // namespace acre::task
