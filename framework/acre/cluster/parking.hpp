// Parking: the ranks of a node that are not its agent lend it their cores and wait, asleep, on a local
// socket. Inside MPI a waiting rank would burn the core it lends.
#pragma once

#include <string>
#include <vector>

#include <acre/channel/descriptor.hpp>

namespace acre::cluster {

/// The agent's end. One thread.
class ParkingLot {
 public:
  /// Opens the lot under a name that only this job's ranks know. Throws acre::Error.
  explicit ParkingLot(const std::string& name);
  /// Waits for the node's other ranks. Blocks, at most a minute; throws acre::Error.
  void admit(std::size_t ranks);
  /// Readable when a parked rank has asked for a drain, or is gone.
  std::vector<int> descriptors() const;
  /// Whether a parked rank has asked for a drain since the last call. Does not block; throws acre::Error if
  /// one is gone.
  bool drain_asked();
  /// Lets the parked ranks go on to the end of MPI.
  void release();

 private:
  channel::Descriptor listener_;
  std::vector<channel::Descriptor> parked_;
};

/// Parks this rank with the agent's lot until it is released; signals that ask for a drain are passed on.
/// Blocks; throws acre::Error if the agent is gone.
void park(const std::string& name);

}  // namespace acre::cluster
