// A project of its own in two sources, so that what headers define twice would not link.
#include <acre/acre.hpp>
#include <cstdio>

double square(double x);

int main(int argc, char** argv) {
  return acre::run(argc, argv, [](acre::Session& session) {
    auto executor = session.executor({.workers = 2});
    double sum = 0;
    for (const double y : executor.map<square>({1.0, 2.0, 3.0})) sum += y;
    std::printf("sum %g\n", sum);
    return 0;
  });
}
