#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <acre/observe/event_frame.hpp>
#include <acre/observe/event_log_reader.hpp>
#include <acre/observe/packing.hpp>

namespace acre::observe {
namespace {
/// Throws unless `log`, as far as it goes, begins as an event log of this version.
void check_preamble(const std::string& name, ByteView log) {
  const std::size_t there = std::min(log.size(), event_log_magic.size());
  if (there != 0 && std::memcmp(log.data(), event_log_magic.data(), there) != 0)
    throw Error(fmt::format("{} is no event log: name a file that a run wrote", name));
  if (log.size() < preamble_size) return;
  wire::Reader reader(log.subspan(event_log_magic.size()));
  const auto version = reader.number<std::uint32_t>();
  if (version != event_log_version)
    throw Error(
        fmt::format("the event log {} has version {} of the format, and {} can be read: take the acre "
                    "that wrote it",
                    name, version, event_log_version));
}
}  // namespace

EventLogReader::EventLogReader(std::string name, ByteView log)
    : name_(std::move(name)), log_(log), offset_(preamble_size) {
  check_preamble(name_, log_);
  ByteView payload;
  if (!frame(payload))
    throw Error(
        fmt::format("the event log {} ends within its header, so it tells nothing: the run was killed "
                    "as it began",
                    name_));
  try {
    header_ = wire::from_bytes<EventLogHeader>(payload);
  } catch (const wire::DecodeError& error) {
    throw_damaged(preamble_size, error.what());
  }
}

bool EventLogReader::next(LoggedStep& step) {
  const std::uint64_t begin = offset_;
  ByteView payload;
  if (!frame(payload)) return false;
  try {
    Unpacker packed(payload);
    last_ns_ += packed.unpack<std::uint64_t>();
    step.now = {static_cast<std::int64_t>(last_ns_)};
    packed.unpack(step.event);
    step.actions.resize(packed.count());
    for (schedule::Action& action : step.actions) packed.unpack(action);
    packed.expect_end();
  } catch (const wire::DecodeError& error) {
    throw_damaged(begin, error.what());
  }
  ++steps_;
  return true;
}

/// Takes the next frame; false if the log ends before or within it.
bool EventLogReader::frame(ByteView& payload) {
  const std::uint64_t begin = offset_;
  const std::uint64_t left = log_.size() - std::min<std::uint64_t>(begin, log_.size());
  torn_ = left != 0;
  if (left < sizeof(FrameHead)) return false;
  FrameHead head;
  std::memcpy(&head, log_.data() + begin, sizeof head);
  if (head.length != ~head.inverted) throw_damaged(begin, "its length is wrong");
  if (left - sizeof head < head.length) return false;
  payload = log_.subspan(begin + sizeof head, head.length);
  if (head.checksum != event_checksum(payload, begin)) throw_damaged(begin, "its checksum is wrong");
  offset_ = begin + sizeof head + head.length;
  torn_ = false;
  return true;
}

void EventLogReader::throw_damaged(std::uint64_t offset, const std::string& how) const {
  const std::string what = offset == preamble_size ? "header" : fmt::format("step {}", steps_ + 1);
  throw Error(
      fmt::format("the event log {} is damaged: its {} at byte {} cannot be read ({}); only what comes "
                  "before can be used",
                  name_, what, offset, how));
}

}  // namespace acre::observe
