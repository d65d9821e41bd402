#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <system_error>

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/observe/event_frame.hpp>
#include <acre/observe/packing.hpp>
#include <acre/observe/say.hpp>

namespace acre::observe {
namespace {
constexpr std::size_t buffer_size = std::size_t{64} * 1024;

int create(const std::string& path) {
  std::error_code error;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(fmt::format("the folder {} for event logs cannot be made ({}): name another one",
                            folder.string(), error.message()));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd >= 0) return fd;
  if (errno == EEXIST)
    throw Error(fmt::format("the event log {} exists and is not overwritten: name another folder", path));
  throw_errno(fmt::format("cannot create the event log {}", path));
}
}  // namespace

std::string event_log_path(const std::string& folder, std::int32_t rank, std::uint32_t executor) {
  return fmt::format("{}/rank{}-executor{}.events", folder, rank, executor);
}

EventLog::EventLog(const std::string& path, const schedule::Policy& policy, std::int32_t rank,
                   std::uint32_t executor)
    : path_(path), fd_(create(path)) {
  buffer_.reserve(2 * buffer_size);
  wire::Writer writer(buffer_);
  writer.append(event_log_magic.data(), event_log_magic.size());
  writer.number(event_log_version);
  writer.number(FrameHead{});
  wire::encode(writer, EventLogHeader{policy, rank, executor, wall_clock_ns()});
  seal(preamble_size);
  flush();
}

EventLog::~EventLog() {
  flush();
  if (fd_ >= 0) ::close(fd_);
}

void EventLog::record(Instant now, const schedule::Event& event,
                      std::span<const schedule::Action> actions) noexcept {
  if (fd_ < 0) return;
  try {
    append(now, event, actions);
  } catch (const std::exception& error) {
    return give_up(error.what());
  }
  if (buffer_.size() >= buffer_size) flush();
}

void EventLog::append(Instant now, const schedule::Event& event, std::span<const schedule::Action> actions) {
  const std::size_t at = buffer_.size();
  buffer_.resize(at + sizeof(FrameHead) + most_packed<schedule::Event> + 2 * most_packed<std::uint64_t> +
                 actions.size() * most_packed<schedule::Action>);
  Packer packer(buffer_.data() + at + sizeof(FrameHead));
  packer.pack(static_cast<std::uint64_t>(now.ns) - last_ns_);
  packer.pack(event);
  packer.pack(std::uint64_t{actions.size()});
  for (const schedule::Action& action : actions) packer.pack(action);
  last_ns_ = static_cast<std::uint64_t>(now.ns);
  buffer_.resize(static_cast<std::size_t>(packer.at() - buffer_.data()));
  seal(at);
}

void EventLog::seal(std::size_t at) noexcept {
  const ByteView payload = ByteView(buffer_).subspan(at + sizeof(FrameHead));
  const auto length = static_cast<std::uint32_t>(payload.size());
  ACRE_CHECK(length == payload.size(), "the actions of one step fill less than 4 GiB");
  const FrameHead head{length, ~length, event_checksum(payload, written_ + at)};
  std::memcpy(buffer_.data() + at, &head, sizeof head);
}

void EventLog::flush() noexcept {
  std::size_t done = 0;
  while (fd_ >= 0 && done < buffer_.size()) {
    const ssize_t count = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (count >= 0)
      done += static_cast<std::size_t>(count);
    else if (errno != EINTR)
      give_up(errno_text(errno));
  }
  written_ += done;
  buffer_.clear();
}

void EventLog::give_up(const std::string& why) noexcept {
  say(fmt::format("the event log {} cannot be written ({}): it ends here, the run goes on", path_, why));
  ::close(fd_);
  fd_ = -1;
}

}  // namespace acre::observe
