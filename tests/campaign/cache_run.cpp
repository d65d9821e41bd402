// cache_run <cache> <log> <count>: tells each item once its result is known; tasks log that they run.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <numeric>

#include <acre/acre.hpp>

namespace {

int logged(int item, const std::string& log) {
  const std::string line = std::to_string(item) + "\n";
  const int file = ::open(log.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0 || ::write(file, line.data(), line.size()) < 0) std::abort();
  ::close(file);
  return item;
}

}  // namespace

int main(int argc, char** argv) {
  return acre::run(argc, argv, [&](acre::Session& session) {
    const std::string log = argv[2];
    const acre::Cache cache = session.cache(argv[1]);
    auto executor = session.executor({.workers = 2});
    const auto function = acre::cached<logged>(cache);
    std::vector<acre::Future<int>> futures;
    for (int item = 0; item < std::atoi(argv[3]); ++item)
      futures.push_back(function.submit(executor, item, log));
    for (const auto& future : futures) {
      std::printf("%d\n", future.get());
      std::fflush(stdout);
    }
    return 0;
  });
}
