#include "mpi_main.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

namespace acre::cluster::test {
namespace {

const Runtime* the_runtime = nullptr;

// Keeps what failed on this rank.
class Listener final : public testing::EmptyTestEventListener {
 public:
  // GoogleTest must not be asked for it at a failure, when it holds its own lock.
  void OnTestStart(const testing::TestInfo& test) override { test_ = test.name(); }
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    text += "[Rank " + std::to_string(mpi().rank()) + "/" + std::to_string(mpi().size()) + "] " +
            (result.file_name() == nullptr ? "?" : result.file_name()) + ":" +
            std::to_string(result.line_number()) + ": in " + test_ + ": " + result.summary() + "\n";
  }
  std::string text;

 private:
  std::string test_ = "?";
};

// Prints the failures of all ranks on rank 0; returns whether there were any, the same on every rank.
bool tell(const std::string& mine) {
  const int size = static_cast<int>(mine.size());
  std::vector<int> sizes(static_cast<std::size_t>(mpi().size())), offsets;
  check(MPI_Allgather(&size, 1, MPI_INT, sizes.data(), 1, MPI_INT, mpi().world()), "MPI_Allgather");
  int total = 0;
  for (const int of_rank : sizes) offsets.push_back(std::exchange(total, total + of_rank));
  std::string all(static_cast<std::size_t>(total), ' ');
  check(MPI_Gatherv(mine.data(), size, MPI_CHAR, all.data(), sizes.data(), offsets.data(), MPI_CHAR, 0,
                    mpi().world()),
        "MPI_Gatherv");
  if (mpi().rank() == 0) std::fputs(all.c_str(), stderr);
  return total > 0;
}
}  // namespace

const Runtime& mpi() { return *the_runtime; }

}  // namespace acre::cluster::test

int main(int argc, char** argv) {
  using namespace acre::cluster;
  testing::InitGoogleTest(&argc, argv);
  Runtime runtime;
  test::the_runtime = &runtime;
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  if (runtime.rank() != 0) delete listeners.Release(listeners.default_result_printer());
  auto* listener = new test::Listener;  // GoogleTest owns it
  listeners.Append(listener);
  const bool own_failure = RUN_ALL_TESTS() != 0;
  const bool failed = test::tell(listener->text) || own_failure;
  runtime.finalize();
  return failed ? 1 : 0;
}
