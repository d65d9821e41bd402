#include <acre/acre.hpp>

double square(double x) { return x * x; }
