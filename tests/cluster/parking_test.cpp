#include <acre/cluster/parking.hpp>

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include <acre/base/error.hpp>
#include <acre/launch/signals.hpp>

#include "support/processes.hpp"

namespace acre::cluster {
namespace {

constexpr int released = 11, agent_gone = 12;

std::string new_name() {
  static int count = 0;
  return "acre-parking-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

// A process of its own that parks.
class ParkedRank {
 public:
  explicit ParkedRank(const std::string& name) : pid_(::fork()) {
    if (pid_ != 0) return;
    launch::block_signals();
    try {
      park(name);
      ::_exit(released);
    } catch (const Error& error) {
      ::_exit(std::string(error.what()) == "the agent of this node has died" ? agent_gone : 1);
    }
  }
  ParkedRank(const ParkedRank&) = delete;
  ParkedRank& operator=(const ParkedRank&) = delete;
  ~ParkedRank() {
    if (ended_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }
  int exit_status() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_;
  bool ended_ = false;
};

// Waits until a parked rank has said something.
bool await_word(const ParkingLot& lot) {
  std::vector<pollfd> waits;
  for (const int fd : lot.descriptors()) waits.push_back({fd, POLLIN, 0});
  return ::poll(waits.data(), waits.size(), 10'000) > 0;
}

TEST(Parking, RanksGoOnWhenReleased) {
  const std::string name = new_name();
  ParkingLot lot(name);
  ParkedRank a(name), b(name), c(name);
  lot.admit(3);
  EXPECT_EQ(lot.descriptors().size(), 3U);
  EXPECT_FALSE(lot.drain_asked());
  lot.release();
  EXPECT_EQ(a.exit_status(), released);
  EXPECT_EQ(b.exit_status(), released);
  EXPECT_EQ(c.exit_status(), released);
}

TEST(Parking, ALotForNobodyIsFine) {
  ParkingLot lot(new_name());
  lot.admit(0);
  EXPECT_FALSE(lot.drain_asked());
  lot.release();
}

TEST(Parking, SignalsArePassedOnAndDoNotEndTheRank) {
  for (const int signal : {SIGUSR1, SIGTERM, SIGINT, SIGHUP}) {
    const std::string name = new_name();
    ParkingLot lot(name);
    ParkedRank a(name), b(name);
    lot.admit(2);
    ::kill(b.pid(), signal);
    ASSERT_TRUE(await_word(lot)) << signal;
    EXPECT_TRUE(lot.drain_asked()) << signal;
    EXPECT_FALSE(lot.drain_asked()) << "asked once, told once";
    lot.release();
    EXPECT_EQ(a.exit_status(), released);
    EXPECT_EQ(b.exit_status(), released);
  }
}

TEST(Parking, ADeadRankIsAnError) {
  const std::string name = new_name();
  ParkingLot lot(name);
  const ParkedRank a(name);
  lot.admit(1);
  ::kill(a.pid(), SIGKILL);
  ASSERT_TRUE(await_word(lot));
  EXPECT_THROW(lot.drain_asked(), Error);
}

TEST(Parking, ADeadAgentIsAnError) {
  const std::string name = new_name();
  std::optional<ParkingLot> lot(std::in_place, name);
  ParkedRank a(name);
  lot->admit(1);
  lot.reset();
  EXPECT_EQ(a.exit_status(), agent_gone);
}

TEST(Parking, WithoutALotThereIsNoWaiting) { EXPECT_THROW(park(new_name()), Error); }

TEST(Parking, OneNameOneLot) {
  const std::string name = new_name();
  const ParkingLot lot(name);
  EXPECT_THROW(ParkingLot second(name), Error);
}

TEST(Parking, AParkedRankSleeps) {
  const std::string name = new_name();
  ParkingLot lot(name);
  ParkedRank a(name);
  lot.admit(1);
  // Each turn of its loop would be a switch; it has reached poll() once it makes no more of them.
  const auto switches = [&] { return test::status_number(a.pid(), "voluntary_ctxt_switches"); };
  long before = -1;
  for (long seen = switches(); seen != before; seen = switches()) {
    before = seen;
    ::poll(nullptr, 0, 20);
  }
  ::poll(nullptr, 0, 200);
  EXPECT_EQ(switches(), before);
  lot.release();
  EXPECT_EQ(a.exit_status(), released);
}

}  // namespace
}  // namespace acre::cluster
