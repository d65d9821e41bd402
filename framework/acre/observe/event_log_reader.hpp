// Reads an event log back. Its bytes may be cut off or damaged, so nothing in them is believed unchecked.
#pragma once

#include <cstdint>
#include <string>

#include <acre/base/bytes.hpp>
#include <acre/observe/event_log.hpp>

namespace acre::observe {

/// One step of a scheduler: what happened when, and all that it answered, in order.
struct LoggedStep {
  Instant now;
  schedule::Event event;
  schedule::Actions actions;
};

/// Reads the steps of a log one after the other. One thread at a time; does not block.
class EventLogReader {
 public:
  /// `log` must outlive the reader; `name` names it in messages. Throws acre::Error if it is no event log, of
  /// another version, or ends or is damaged within its header.
  EventLogReader(std::string name, ByteView log);

  const EventLogHeader& header() const { return header_; }

  /// Reads the next step; false at the end. Throws acre::Error with the place if the step is damaged.
  bool next(LoggedStep& step);

  /// After next() said false: is the last step cut off, as a run leaves it that was killed?
  bool torn() const { return torn_; }

 private:
  bool frame(ByteView& payload);
  [[noreturn]] void throw_damaged(std::uint64_t offset, const std::string& how) const;

  std::string name_;
  ByteView log_;
  std::uint64_t offset_ = 0;  ///< of the next frame
  std::uint64_t last_ns_ = 0;
  std::uint64_t steps_ = 0;
  bool torn_ = false;
  EventLogHeader header_;
};

}  // namespace acre::observe
