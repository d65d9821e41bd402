// A campaign whose tasks leave a trace each time they run: noting OUT TRACE TASKS TASK_US [resume] [OFFSET].
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include <acre/acre.hpp>

namespace {

struct Noted {
  std::uint64_t value = 0;
};
ACRE_RECORD(Noted, value)

struct Job {
  std::uint64_t input = 0, task_us = 0;
};
ACRE_RECORD(Job, input, task_us)

std::string keep(const std::string& trace) { return trace; }

// Appends a line with its index to the trace, then takes its time.
Noted note(acre::Context& context, acre::Preloaded<std::string> trace, const Job& job) {
  const std::string line = fmt::format("{}\n", context.index());
  const int file = ::open(trace->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
  ::close(file);
  const acre::Instant end = acre::now() + std::chrono::microseconds(job.task_us);
  while (acre::now() < end) continue;
  return {context.random().bits() + job.input};
}

int run(acre::Session& session, const std::vector<std::string>& arguments) {
  const std::uint64_t tasks = std::stoull(arguments.at(3)), task_us = std::stoull(arguments.at(4));
  const bool resume = arguments.size() > 5 && arguments[5] == "resume";
  const std::uint64_t offset = arguments.size() > 6 ? std::stoull(arguments[6]) : 0;
  acre::Campaign campaign = session.campaign(
      arguments.at(1),
      {.name = "noting", .seed = 3, .open = resume ? acre::Open::resume : acre::Open::create});
  acre::Executor executor = session.executor({.preload = acre::hook<keep>(arguments.at(2)), .seed = 3});
  std::vector<Job> jobs;
  for (std::uint64_t i = 0; i < tasks; ++i) jobs.push_back({i + offset, task_us});
  for ([[maybe_unused]] const Noted& noted : campaign.map<note>(executor, "notes", jobs)) continue;
  fmt::print("digest {}\n", campaign.finish());
  return 0;
}
}  // namespace

int main(int argc, char** argv) {
  return acre::run(argc, argv, [&](acre::Session& session) {
    return run(session, std::vector<std::string>(argv, argv + argc));
  });
}
