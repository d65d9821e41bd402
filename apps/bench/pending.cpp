// What a task takes of the root's memory while it waits, its future included; and what a long map takes.
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "commands.hpp"
#include "farm_watch.hpp"

namespace bench {
namespace {
std::uint64_t nothing(std::uint64_t x) { return x; }

/// 1 to `last`, made when they are wanted.
struct Numbers {
  struct Iterator {
    using value_type = std::uint64_t;
    using difference_type = std::ptrdiff_t;
    std::uint64_t number;
    std::uint64_t operator*() const { return number; }
    Iterator& operator++() {
      ++number;
      return *this;
    }
    Iterator operator++(int) { return {number++}; }
    bool operator==(const Iterator& other) const { return number == other.number; }
  };
  static Iterator begin() { return {1}; }
  Iterator end() const { return {last + 1}; }

  std::uint64_t last;
};

/// Occupies its worker as long as a file is there, at most two minutes.
int wait_for(const std::string& gate) {
  const acre::Instant deadline = acre::now() + std::chrono::minutes(2);
  while (std::filesystem::exists(gate) && acre::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return 0;
}

/// A file that keeps workers waiting; gone when this goes.
class Gate {
 public:
  Gate() : path_(std::filesystem::temp_directory_path() / ("acre-bench-gate-" + std::to_string(::getpid()))) {
    if (!std::ofstream(path_)) throw acre::Error("acre-bench cannot write " + path_.string());
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate() { open(); }
  std::string path() const { return path_.string(); }
  void open() noexcept {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

 private:
  std::filesystem::path path_;
};

double own_bytes(const char* field) {
  return 1024.0 * static_cast<double>(kilobytes_of(::getpid(), "status", field));
}

/// Bytes for each of so many submitted tasks, none of which can start.
double waiting_bytes(acre::Session& session, const Options& options, std::size_t tasks) {
  auto executor = session.executor({.workers = options.workers});
  Gate gate;
  std::vector<acre::Future<int>> held;
  for (std::uint32_t i = 0; i < executor.workers(); ++i)
    held.push_back(executor.submit<wait_for>(gate.path()));
  ::malloc_trim(0);
  const double before = own_bytes("RssAnon:");
  std::vector<acre::Future<std::uint64_t>> futures;
  futures.reserve(tasks);
  for (std::uint64_t i = 0; i < tasks; ++i) futures.push_back(executor.submit<nothing>(i));
  const double after = own_bytes("RssAnon:");
  gate.open();
  for (const auto& future : futures) future.wait();
  return (after - before) / static_cast<double>(tasks);
}

/// How many bytes this process has grown by at most while it maps over so many items that are never stored.
double map_bytes(acre::Session& session, const Options& options, std::uint64_t items) {
  auto executor = session.executor({.workers = options.workers});
  std::uint64_t sum = executor.submit<nothing>(0).get();
  ::malloc_trim(0);
  // "5" sets the largest resident size back to the present one: proc(5).
  std::ofstream("/proc/self/clear_refs") << 5 << std::flush;
  const double before = own_bytes("VmRSS:");
  for (const std::uint64_t y : executor.map<nothing>(Numbers{items})) sum += y;
  if (sum != items * (items + 1) / 2) throw acre::Error("the results of a long map are not its items");
  return own_bytes("VmHWM:") - before;
}
}  // namespace

void pending(acre::Session& session, const Options& options) {
  const auto tasks = options.scaled<std::size_t>(500'000);
  const std::uint64_t items = options.scaled<std::uint64_t>(options.large ? 100'000'000 : 2'000'000);
  Figure waiting("a pending task and its future", "B"), mapped("root's growth in a map", "MB");
  mapped.at(static_cast<double>(items), "items");
  for (int run = 0; run < options.runs; ++run) {
    waiting.add(waiting_bytes(session, options, tasks));
    mapped.add(1e-6 * map_bytes(session, options, items));
  }
  waiting.print(options);
  mapped.print(options);
}

}  // namespace bench
