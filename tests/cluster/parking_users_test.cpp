// Other users of the machine can reach a parking lot's address, and get nothing by it.
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

#include <acre/cluster/parking.hpp>

#include "support/processes.hpp"

namespace acre::cluster {
namespace {

constexpr int refused = 11, served = 12;

// A stranger to the lot: connects, and tells by its exit status what it got.
[[noreturn]] void knock_as_nobody(const std::string& name, int ready) {
  constexpr uid_t nobody = 65534;
  if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(1);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const int lot = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
  if (::connect(lot, reinterpret_cast<const sockaddr*>(&address), size) != 0) ::_exit(2);
  if (::write(ready, "x", 1) != 1) ::_exit(3);
  char got = 0;
  ::_exit(::recv(lot, &got, 1, 0) > 0 ? served : refused);
}

int exit_status(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

TEST(Parking, is_refused_to_another_user) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const std::string name = "acre-parking-users-test-" + std::to_string(::getpid());
  ParkingLot lot(name);
  int ready[2] = {-1, -1};
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t stranger = ::fork();
  if (stranger == 0) knock_as_nobody(name, ready[1]);
  char knocked = 0;
  ASSERT_EQ(::read(ready[0], &knocked, 1), 1);
  const pid_t rank = ::fork();
  if (rank == 0) {
    park(name);
    ::_exit(served);
  }
  lot.admit(1);
  EXPECT_EQ(lot.descriptors().size(), 1U);
  EXPECT_EQ(exit_status(stranger), refused) << "it came first";
  lot.release();
  EXPECT_EQ(exit_status(rank), served);
}

}  // namespace
}  // namespace acre::cluster
