// The link between agents: frames of any size over MPI point to point, in order, without ever blocking.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include <acre/base/bytes.hpp>
#include <acre/cluster/mpi.hpp>

namespace acre::cluster {

/// A message between agents. A channel is one conversation (0: about the run itself; others: one executor
/// each).
struct Frame {
  int peer = 0;  ///< rank it goes to or came from
  std::uint32_t channel = 0;
  std::uint32_t kind = 0;
  Bytes payload;
};

/// How a link cuts its frames; the same on all ranks.
struct LinkSizes {
  std::size_t slot_bytes =
      std::size_t{64} * 1024;  ///< what a receive posted ahead holds; larger frames follow in pieces
  std::size_t piece_bytes = 256u << 20;  ///< at most 2^31 - 1: a count in MPI-3.1 is an int
};

/// Sends and receives frames; those between two ranks arrive in the order they were sent. Any thread: one
/// mutex makes the calls of MPI follow each other, as MPI_THREAD_SERIALIZED asks. Nothing blocks; throws
/// acre::Error.
class Link {
 public:
  /// On a communicator of its own, which it frees; peers are ranks of it.
  explicit Link(MPI_Comm comm, LinkSizes sizes = {});
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  void send(Frame frame);
  /// The next frame on a channel, if one has arrived.
  std::optional<Frame> receive(std::uint32_t channel);
  /// Moves what can be moved; true if anything arrived.
  bool progress();
  /// Sends all that is queued and takes the receives back. Blocks; call it last, before MPI ends.
  void close();

 private:
  struct Slot {
    Bytes buffer;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  struct Sending {
    Bytes head, payload;
    std::vector<MPI_Request> requests;
  };
  struct Arriving {
    Frame frame;
    std::vector<MPI_Request> pieces;
  };
  bool goes_inline(std::size_t payload_bytes) const;
  bool progress_locked();
  void finish_sends();
  void post(Slot& slot);
  void arrived(const Slot& slot, const MPI_Status& status);
  bool settle(std::deque<Arriving>& queue);

  std::mutex mutex_;
  MPI_Comm comm_;
  LinkSizes sizes_;
  std::vector<Slot> slots_;  ///< receives posted ahead; the oldest is matched first
  std::size_t oldest_ = 0;
  std::list<Sending> sends_;
  std::map<int, std::deque<Arriving>> arriving_;        ///< by peer: frames whose large payload is under way
  std::map<std::uint32_t, std::deque<Frame>> inboxes_;  ///< by channel
};

}  // namespace acre::cluster
