#include <algorithm>

#include <fmt/format.h>
#include <acre/base/error.hpp>
#include <acre/campaign/replay.hpp>

namespace acre::campaign {
namespace {

Bytes header() {
  Bytes out(journal_header_size);
  std::memcpy(out.data(), journal_magic.data(), journal_magic.size());
  std::memcpy(out.data() + journal_magic.size(), &journal_version, sizeof journal_version);
  return out;
}

/// False if the file ends inside its header: creating it was cut short.
bool check_header(const PosixFile& file, std::uint64_t size) {
  Bytes found(std::min<std::uint64_t>(size, journal_header_size));
  found.resize(file.read(0, found.data(), found.size()));
  const Bytes expected = header();
  const std::size_t compared = std::min(found.size(), journal_magic.size());
  if (!std::equal(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(compared), expected.begin())) {
    throw Error(file.path() + ": is not an acre journal; nothing was changed");
  }
  if (found.size() < journal_header_size) return false;
  std::uint32_t version = 0;
  std::memcpy(&version, found.data() + journal_magic.size(), sizeof version);
  if (version != journal_version) {
    throw Error(fmt::format(
        "{}: is a journal of version {} and this acre reads version {}; use the acre that wrote it",
        file.path(), version, journal_version));
  }
  return true;
}

void add_row(JournalContents& contents, const Frame& frame, std::uint64_t offset) {
  std::uint32_t host = 0;
  const Row row = get_row(frame.payload, host);
  if (row.stage >= contents.stages.size() || host >= contents.hosts.size() ||
      row.execution.build >= contents.builds.size()) {
    throw Error("a row refers to what the journal does not hold; the file is damaged");
  }
  const StageInfo& stage = contents.stages[row.stage];
  if ((!row.failure && !stage.result.columns.empty() && row.result.size() != stage.result.row_width()) ||
      (!stage.input.columns.empty() && row.input.size() != stage.input.row_width())) {
    throw Error("a row has another size than its stage says; the file is damaged");
  }
  contents.rows[row.stage].add(row.index, offset, row.failure.has_value());
}

void apply(JournalContents& contents, const Frame& frame, std::uint64_t offset) {
  if (!contents.identity && frame.kind != FrameKind::identity)
    throw Error("the journal does not say whose it is");
  switch (frame.kind) {
    case FrameKind::identity:
      contents.identity = get_identity(frame.payload);
      return;
    case FrameKind::build:
      contents.builds.push_back(get_text(frame.payload));
      return;
    case FrameKind::host:
      contents.hosts.push_back(get_text(frame.payload));
      return;
    case FrameKind::row:
      return add_row(contents, frame, offset);
    case FrameKind::synced:
      return;
    case FrameKind::stage:
      contents.stages.push_back(get_stage(frame.payload));
      contents.rows.emplace_back();
      return;
  }
  throw Error("a record is of an unknown kind; a newer acre wrote it");
}

}  // namespace

JournalContents replay(const PosixFile& file) {
  const std::uint64_t size = file.size();
  JournalContents contents;
  if (!check_header(file, size)) return contents;
  FrameReader reader(file, std::size_t{1} << 20);
  std::uint64_t offset = journal_header_size;
  try {
    while (const std::optional<Frame> frame = reader.at(offset, size)) {
      apply(contents, *frame, offset);
      offset = frame->next;
    }
  } catch (const Error& error) {
    throw Error(fmt::format("{}: at byte {}: {}", file.path(), offset, error.what()));
  }
  if (reader.vouched_for(offset, size)) {
    throw Error(fmt::format(
        "{}: is damaged at byte {}: what stands there had been written in full, and intact records "
        "follow; nothing was changed, restore the file from a copy or start anew",
        file.path(), offset));
  }
  contents.end = offset;
  return contents;
}

Bytes preamble(const Identity& identity) {
  Bytes out = header();
  put_identity(out, identity);
  seal(out, journal_header_size, journal_header_size);
  return out;
}

}  // namespace acre::campaign
