// Two files that have a static function and a lambda each, all of one name and one type, with cached results.
#pragma once

#include <string>

#include <acre/acre.hpp>

namespace acre::test {

int twin_here(const Cache& cache, const std::string& name);
int twin_there(const Cache& cache, const std::string& name);
int lambda_here(const Cache& cache, const std::string& name);
int lambda_there(const Cache& cache, const std::string& name);

}  // namespace acre::test
