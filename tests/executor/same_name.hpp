// Two source files that have a static function and a lambda each, all of one name and one type.
#pragma once

#include "support/session.hpp"

namespace acre::test {

Future<int> submit_same_name_here(Executor& executor);
Future<int> submit_same_name_there(Executor& executor);
Future<int> submit_lambda_here(Executor& executor);
Future<int> submit_lambda_there(Executor& executor);

}  // namespace acre::test
