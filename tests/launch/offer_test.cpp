#include <gtest/gtest.h>

#include <acre/launch/cpus.hpp>
#include <acre/launch/host.hpp>
#include <acre/launch/node_memory.hpp>
#include <acre/launch/offer.hpp>
#include <acre/launch/slurm_share.hpp>

#include "expect_error.hpp"

namespace acre::launch {
namespace {
constexpr std::uint64_t mebibyte = 1U << 20, gibibyte = 1U << 30;

TEST(SlurmCpus, ATaskHasItsOwn) {
  EXPECT_EQ(slurm_cpus({{"SLURM_CPUS_PER_TASK", "4"}, {"SLURM_CPUS_ON_NODE", "16"}}), 4);
}

TEST(SlurmCpus, OtherwiseTheJobHasSomeOnTheNode) {
  const Environment batch{{"SLURM_CPUS_ON_NODE", "16"}, {"SLURM_JOB_CPUS_PER_NODE", "32(x2),16"}};
  EXPECT_EQ(slurm_cpus(batch), 16);
  EXPECT_EQ(slurm_cpus({{"SLURM_JOB_CPUS_PER_NODE", "32(x2),64,16"}}), 64);
  EXPECT_EQ(slurm_cpus({{"SLURM_JOB_CPUS_PER_NODE", "8"}}), 8);
}

TEST(SlurmCpus, RanksOfMpirunLookAtTheJobNotAtItsDaemonsStep) {
  const Environment below_mpirun{
      {"OMPI_COMM_WORLD_RANK", "1"}, {"SLURM_CPUS_ON_NODE", "1"}, {"SLURM_JOB_CPUS_PER_NODE", "32(x2)"}};
  EXPECT_EQ(slurm_cpus(below_mpirun), 32);
}

TEST(SlurmCpus, OutsideOfSlurmThereIsNoWord) {
  EXPECT_EQ(slurm_cpus({}), std::nullopt);
  EXPECT_EQ(slurm_cpus({{"SLURM_JOB_CPUS_PER_NODE", "(x2),a,-1,0"}}), std::nullopt);
  EXPECT_EQ(error_of([] {
              slurm_cpus({{"SLURM_CPUS_ON_NODE", "0"}});
            }),
            "the environment variable SLURM_CPUS_ON_NODE is \"0\", but must be a positive integer");
}

TEST(SlurmMemory, IsInMebibytesOrAsSrunTakesIt) {
  const auto of = [](const std::string& text) {
    return slurm_memory_bytes({{"SLURM_MEM_PER_NODE", text}}, 1);
  };
  EXPECT_EQ(of("4000"), 4000 * mebibyte);
  EXPECT_EQ(of("4G"), 4 * gibibyte);
  EXPECT_EQ(of("2T"), 2048 * gibibyte);
  EXPECT_EQ(of("512K"), mebibyte / 2);
  for (const char* text : {"0", "", "G", "-1", "4X", "4GG", "99999999999999", "9999T"})
    EXPECT_EQ(of(text), std::nullopt) << text;
}

TEST(SlurmMemory, PerCpuIsForAllCpusOfTheJobHere) {
  EXPECT_EQ(slurm_memory_bytes({{"SLURM_MEM_PER_CPU", "100"}, {"SLURM_CPUS_ON_NODE", "6"}}, 2),
            600 * mebibyte);
  EXPECT_EQ(slurm_memory_bytes({{"SLURM_MEM_PER_CPU", "100"}}, 2), 200 * mebibyte);
  EXPECT_EQ(slurm_memory_bytes({}, 2), std::nullopt);
}

TEST(NodeMemory, IsTheSmallestOfAll) {
  const std::uint64_t machine = *parse_memory_total(*read_text_file("/proc/meminfo"));
  EXPECT_LE(node_memory_bytes({}, {}, 1), machine);
  EXPECT_EQ(node_memory_bytes({}, {}, 1), machine);
  EXPECT_EQ(node_memory_bytes({{"SLURM_MEM_PER_NODE", "10"}}, {}, 1), 10 * mebibyte);
  EXPECT_EQ(node_memory_bytes({{"SLURM_MEM_PER_NODE", "1000T"}}, {}, 1), machine);
}

TEST(Offer, IsWhatTheNodeHas) {
  const Offer offer = offer_of({}, {}, 6, 1);
  const auto quota = cpu_quota(read_cgroup_texts());
  EXPECT_EQ(offer.cpus, default_workers({}, {.allowed_cpus = 6, .quota_cpus = quota}));
  EXPECT_EQ(offer.workers, offer.cpus);
  EXPECT_FALSE(offer.workers_are_set);
  EXPECT_EQ(offer.memory_bytes, node_memory_bytes({}, read_cgroup_texts(), 6));
  EXPECT_EQ(offer_of({}, {}, 6, 1'000'000).cpus, offer.cpus);
  EXPECT_EQ(offer_of({{"SLURM_CPUS_PER_TASK", "1"}}, {}, 6, 1).workers, 1);
}

TEST(Offer, AcreWorkersSetsWorkersNotCpus) {
  const Offer offer = offer_of({{"SLURM_CPUS_PER_TASK", "1"}}, {.workers = 40}, 6, 1);
  EXPECT_EQ(offer.cpus, 1);
  EXPECT_EQ(offer.workers, 40);
  EXPECT_TRUE(offer.workers_are_set);
}

TEST(WorkersWithin, MemoryBoundsThem) {
  const Offer offer{.cpus = 8, .workers = 8, .memory_bytes = 10 * gibibyte};
  EXPECT_EQ(workers_within(offer, 0).workers, 8);
  EXPECT_EQ(workers_within(offer, 0, 3).workers, 2) << "of three threads each";
  EXPECT_EQ(workers_within(offer, 0, 9).workers, 1);
  EXPECT_EQ(workers_within(offer, gibibyte).workers, 8);
  EXPECT_EQ(workers_within(offer, 9 * gibibyte / 8).workers, 8) << "0.9 of the memory, exactly";
  EXPECT_EQ(workers_within(offer, 9 * gibibyte / 8 + 1).workers, 7);
  EXPECT_EQ(workers_within(offer, 2 * gibibyte).workers, 4);
  EXPECT_EQ(workers_within(offer, 9 * gibibyte).workers, 1);
  EXPECT_EQ(workers_within(offer, 9 * gibibyte).note, "");
}

TEST(WorkersWithin, OneIsStartedWhateverItNeeds) {
  const Offer offer{.cpus = 8, .workers = 8, .memory_bytes = 10 * gibibyte};
  const WorkerCount count = workers_within(offer, 12 * gibibyte);
  EXPECT_EQ(count.workers, 1);
  EXPECT_EQ(count.note,
            "note: a worker needs 12.0 GiB, but this node has 9.0 GiB for all of them: one worker is started "
            "all the same");
}

TEST(WorkersWithin, ANumberThatTheUserSetStays) {
  const Offer offer{.cpus = 8, .workers = 30, .workers_are_set = true, .memory_bytes = 10 * gibibyte};
  EXPECT_EQ(workers_within(offer, 20 * gibibyte).workers, 30);
  EXPECT_EQ(workers_within(offer, 20 * gibibyte).note, "");
}
}  // namespace
}  // namespace acre::launch
