// What an acre::Error says, so that tests compare whole sentences.
#pragma once

#include <string>

#include <acre/base/error.hpp>

/// The words of the acre::Error that `call` throws; "(nothing was thrown)" if it returns.
template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const acre::Error& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}
