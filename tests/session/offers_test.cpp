// How many workers a session offers, by CPUs, by memory and by what the user says.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "e2e/pi_run.hpp"

namespace acre::test {
namespace {

class Offers : public testing::TestWithParam<Launch> {
 protected:
  Ended run(std::vector<std::string> arguments, const std::vector<std::string>& environment) const {
    arguments.insert(arguments.begin(), ACRE_OFFERS);
    Start start = GetParam().start(folder_);
    start.environment.insert(start.environment.end(), environment.begin(), environment.end());
    const Ended ended = run_program(GetParam().command(arguments), start);
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended;
  }
  std::size_t nodes() const {
    return GetParam().ranks == 0 ? 1 : static_cast<std::size_t>(GetParam().ranks / GetParam().ranks_per_node);
  }
  Folder folder_;
};

// How many nodes had too little memory for a worker.
std::size_t notes(const Ended& ended) {
  const std::string note = "acre: note: a worker needs 2.0 GiB, but this node has 0.9 GiB for all of them: ";
  std::size_t count = 0;
  for (std::size_t at = ended.err.find(note); at != std::string::npos; at = ended.err.find(note, at + 1))
    ++count;
  return count;
}

std::string facts(int workers, int cpus) {
  const auto rounded = [cpus](double share) { return std::to_string(std::lround(cpus * share)); };
  const std::string refusal = ": it is how many times as long as it computes a task waits";
  return std::to_string(workers) + " workers, waiting: " + rounded(1) + " " + rounded(2) + " " +
         rounded(1.7) + " 4096; wait_over_compute cannot be -1.000000" + refusal +
         "; wait_over_compute cannot be nan" + refusal + "\n";
}

TEST_P(Offers, WorkersThatWaitAreMore) {
  const std::string out = run({}, {}).out;
  const int cpus = std::stoi(out);
  EXPECT_EQ(out, facts(cpus, cpus));
  EXPECT_EQ(run({}, {"ACRE_WORKERS=40"}).out, facts(40, cpus)) << "ACRE_WORKERS is no number of CPUs";
}

TEST_P(Offers, NoMoreWorkersThanFitIntoMemory) {
  const Ended ended = run({"500"}, {"SLURM_MEM_PER_NODE=1000"});
  EXPECT_EQ(ended.out, "1\n") << "of 900 MiB";
  EXPECT_EQ(notes(ended), 0U) << ended.err;
}

TEST_P(Offers, WhereNotOneFitsThereIsOneAndANote) {
  const Ended ended = run({"2048"}, {"SLURM_MEM_PER_NODE=1000"});
  EXPECT_EQ(ended.out, "1\n");
  EXPECT_EQ(notes(ended), nodes()) << ended.err;
}

TEST_P(Offers, WhatTheUserSaysStays) {
  const Ended by_option = run({"2048", "2"}, {"SLURM_MEM_PER_NODE=1000"});
  EXPECT_EQ(by_option.out, "2\n");
  EXPECT_EQ(notes(by_option), 0U) << by_option.err;
  const Ended by_setting = run({"2048"}, {"SLURM_MEM_PER_NODE=1000", "ACRE_WORKERS=2"});
  EXPECT_EQ(by_setting.out, "2\n");
  EXPECT_EQ(notes(by_setting), 0U) << by_setting.err;
}

INSTANTIATE_TEST_SUITE_P(Of, Offers, testing::Values(Launch{}, Launch{4, 2}),
                         [](const auto& made) { return made.param.name(); });

}  // namespace
}  // namespace acre::test
