#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/campaign/frame.hpp>

namespace acre::campaign {
namespace {

/// A row's payload begins with this, followed by the input and the result (or the failure's type and
/// message).
struct RowHead {
  std::uint64_t index;
  std::int64_t start_ns, run_ns;
  InputDigest input_digest;
  std::uint32_t stage, attempt, worker;
  std::int32_t rank;
  std::uint32_t host, build, input_size;
  std::uint32_t failure_type_size;  ///< or no_failure
};
static_assert(sizeof(RowHead) == 72 && std::has_unique_object_representations_v<RowHead>);
constexpr std::uint32_t no_failure = std::numeric_limits<std::uint32_t>::max();

std::byte* grow(Bytes& out, std::size_t size) {
  const std::size_t at = out.size();
  out.resize(at + size);
  return out.data() + at;
}

template <class T>
void put(Bytes& out, const T& value) {
  static_assert(std::has_unique_object_representations_v<T>);
  std::memcpy(grow(out, sizeof value), &value, sizeof value);
}

std::byte* copy(std::byte* to, const void* from, std::size_t size) {
  if (size != 0) std::memcpy(to, from, size);
  return to + size;
}

void put(Bytes& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  copy(grow(out, text.size()), text.data(), text.size());
}

void put(Bytes& out, const wire::Schema& schema) {
  put(out, std::string_view(schema.type));
  put(out, static_cast<std::uint32_t>(schema.columns.size()));
  for (const wire::Column& column : schema.columns) {
    put(out, std::string_view(column.name));
    put(out, static_cast<std::uint8_t>(column.scalar));
    put(out, static_cast<std::uint32_t>(column.shape.size()));
    for (const std::uint64_t extent : column.shape) put(out, extent);
  }
}

/// Starts a frame and completes its length at the end of the scope.
class OpenFrame {
 public:
  OpenFrame(Bytes& out, FrameKind kind) : out_(out), start_(out.size()) {
    grow(out, frame_header_size)[8] = static_cast<std::byte>(kind);
  }
  ~OpenFrame() {
    const std::size_t length = out_.size() - start_ - frame_header_size;
    ACRE_CHECK(length <= std::numeric_limits<std::uint32_t>::max(), "a frame of the journal is below 4 GiB");
    const auto stored = static_cast<std::uint32_t>(length);
    std::memcpy(out_.data() + start_ + 4, &stored, sizeof stored);
  }

 private:
  Bytes& out_;
  std::size_t start_;
};

/// Takes a payload apart; never reads past its end.
class Payload {
 public:
  explicit Payload(ByteView bytes) : left_(bytes) {}

  ByteView take(std::size_t size) {
    if (size > left_.size())
      throw Error("a record of the journal is shorter than it says; the file is damaged");
    const ByteView taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() {
    const ByteView taken = take(number<std::uint32_t>());
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  wire::Schema schema() {
    wire::Schema schema{text(), {}};
    for (std::uint32_t columns = number<std::uint32_t>(); columns != 0; --columns) {
      wire::Column column{text(), wire::Scalar{number<std::uint8_t>()}, {}};
      if (column.scalar > wire::Scalar::c128) {
        throw Error("a record of the journal has an unknown element type; a newer acre wrote it");
      }
      for (std::uint32_t rank = number<std::uint32_t>(); rank != 0; --rank) {
        column.shape.push_back(number<std::uint64_t>());
      }
      schema.columns.push_back(std::move(column));
    }
    return schema;
  }
  ByteView rest() { return take(left_.size()); }

 private:
  ByteView left_;
};

std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t crc_of(ByteView frame, std::uint64_t offset) {
  const auto seed = static_cast<std::uint32_t>(offset ^ (offset >> 32));
  const ByteView covered = frame.subspan(4);
  return static_cast<std::uint32_t>(
      crc32_z(seed, reinterpret_cast<const unsigned char*>(covered.data()), covered.size()));
}

template <class T>
T load(ByteView bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

void put_identity(Bytes& out, const Identity& identity) {
  const OpenFrame frame(out, FrameKind::identity);
  put(out, std::string_view(identity.name));
  put(out, static_cast<std::int32_t>(identity.version));
  put(out, identity.seed);
  put(out, identity.parameters_schema);
  copy(grow(out, identity.parameters.size()), identity.parameters.data(), identity.parameters.size());
}

void put_stage(Bytes& out, const StageInfo& stage) {
  const OpenFrame frame(out, FrameKind::stage);
  put(out, std::string_view(stage.name));
  put(out, stage.input);
  put(out, stage.result);
}

void put_text(Bytes& out, FrameKind kind, std::string_view text) {
  const OpenFrame frame(out, kind);
  copy(grow(out, text.size()), text.data(), text.size());
}

void put_row(Bytes& out, const Row& row, std::uint32_t host, std::uint32_t build) {
  const OpenFrame frame(out, FrameKind::row);
  const Execution& how = row.execution;
  const auto size_of = [](const auto& range) { return static_cast<std::uint32_t>(range.size()); };
  const RowHead head{
      row.index, how.start_ns, how.run_ns,         row.input_digest,
      row.stage, how.attempt,  how.worker,         how.rank,
      host,      build,        size_of(row.input), row.failure ? size_of(row.failure->type) : no_failure};
  const Failure failure = row.failure.value_or(Failure{});
  const std::size_t body = row.failure ? failure.type.size() + failure.message.size() : row.result.size();
  std::byte* at = copy(grow(out, sizeof head + row.input.size() + body), &head, sizeof head);
  at = copy(at, row.input.data(), row.input.size());
  if (row.failure) {
    copy(copy(at, failure.type.data(), failure.type.size()), failure.message.data(), failure.message.size());
  } else {
    copy(at, row.result.data(), row.result.size());
  }
}

void put_synced(Bytes& out, std::uint64_t offset) {
  const OpenFrame frame(out, FrameKind::synced);
  put(out, offset);
}

void seal(Bytes& frames, std::size_t from, std::uint64_t offset) {
  while (from < frames.size()) {
    const std::size_t size = frame_header_size + load<std::uint32_t>(frames, from + 4);
    const std::uint32_t crc = crc_of(ByteView(frames).subspan(from, size), offset);
    std::memcpy(frames.data() + from, &crc, sizeof crc);
    from += size;
    offset += size;
  }
}

Identity get_identity(ByteView payload) {
  Payload from(payload);
  Identity identity;
  identity.name = from.text();
  identity.version = from.number<std::int32_t>();
  identity.seed = from.number<std::uint64_t>();
  identity.parameters_schema = from.schema();
  const ByteView parameters = from.rest();
  identity.parameters.assign(parameters.begin(), parameters.end());
  return identity;
}

StageInfo get_stage(ByteView payload) {
  Payload from(payload);
  StageInfo stage;
  stage.name = from.text();
  stage.input = from.schema();
  stage.result = from.schema();
  return stage;
}

std::string get_text(ByteView payload) { return std::string(text_of(payload)); }

Row get_row(ByteView payload, std::uint32_t& host) {
  Payload from(payload);
  const auto head = from.number<RowHead>();
  host = head.host;
  Row row;
  row.stage = head.stage;
  row.index = head.index;
  row.input_digest = head.input_digest;
  row.execution = {.attempt = head.attempt,
                   .worker = head.worker,
                   .rank = head.rank,
                   .host = {},
                   .start_ns = head.start_ns,
                   .run_ns = head.run_ns,
                   .build = head.build};
  row.input = from.take(head.input_size);
  if (head.failure_type_size == no_failure) {
    row.result = from.rest();
  } else {
    const std::string_view type = text_of(from.take(head.failure_type_size));
    row.failure = Failure{type, text_of(from.rest())};
  }
  return row;
}

std::uint64_t get_synced(ByteView payload) { return Payload(payload).number<std::uint64_t>(); }

ByteView FrameReader::bytes(std::uint64_t offset, std::uint64_t size, std::uint64_t end) {
  if (offset > end || size > end - offset) return {};
  if (offset < start_ || offset + size > start_ + window_.size()) {
    start_ = offset;
    window_.resize(std::max<std::uint64_t>(size, std::min<std::uint64_t>(window_size_, end - offset)));
    window_.resize(file_->read(offset, window_.data(), window_.size()));
    if (window_.size() < size) return {};
  }
  return ByteView(window_).subspan(offset - start_, size);
}

std::optional<Frame> FrameReader::at(std::uint64_t offset, std::uint64_t end) {
  const ByteView header = bytes(offset, frame_header_size, end);
  if (header.empty()) return std::nullopt;
  const std::uint64_t size = frame_header_size + load<std::uint32_t>(header, 4);
  const ByteView frame = bytes(offset, size, end);
  if (frame.empty() || crc_of(frame, offset) != load<std::uint32_t>(frame, 0)) return std::nullopt;
  return Frame{static_cast<FrameKind>(frame[8]), frame.subspan(frame_header_size), offset + size};
}

bool FrameReader::vouched_for(std::uint64_t from, std::uint64_t end) {
  constexpr std::uint64_t size = frame_header_size + sizeof(std::uint64_t);
  for (std::uint64_t offset = from; offset + size <= end; ++offset) {
    const ByteView candidate = bytes(offset, size, end);
    if (candidate.empty()) return false;
    if (candidate[8] != static_cast<std::byte>(FrameKind::synced)) continue;
    if (load<std::uint32_t>(candidate, 4) != sizeof(std::uint64_t)) continue;
    if (crc_of(candidate, offset) != load<std::uint32_t>(candidate, 0)) continue;
    if (get_synced(candidate.subspan(frame_header_size)) > from) return true;
  }
  return false;
}

}  // namespace acre::campaign
