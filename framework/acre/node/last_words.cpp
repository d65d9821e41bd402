#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <acre/base/error.hpp>
#include <acre/node/last_words.hpp>
#include <acre/observe/say.hpp>

namespace acre::node {
namespace {
constexpr std::size_t tail_size = 2000;
constexpr std::size_t longest_line = 8192;  // of which more than one write is made beyond
constexpr int reads_at_once = 16, reads_at_the_end = 256;
}  // namespace

LastWords::LastWords() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("cannot make a pipe for a worker's stderr");
  ours_ = channel::Descriptor(ends[0]);
  theirs_ = channel::Descriptor(ends[1]);
  ::fcntl(ours_.get(), F_SETFL, O_NONBLOCK);
}

void LastWords::pass_on() {
  for (int i = 0; i < reads_at_once && read_some(); ++i) continue;
}

// What the process left in the pipe is bounded; what it left behind may write on for ever.
void LastWords::finish() {
  for (int i = 0; i < reads_at_the_end && read_some(); ++i) continue;
  if (!line_.empty()) observe::pass_on(line_ + "\n");
  line_.clear();
}

bool LastWords::read_some() {
  std::array<char, 8192> some{};
  const ssize_t got = ::read(ours_.get(), some.data(), some.size());
  if (got <= 0) return got < 0 && errno == EINTR;
  const std::string_view text(some.data(), static_cast<std::size_t>(got));
  keep(text);
  line_ += text;
  std::size_t end = line_.rfind('\n');
  if (end == std::string::npos && line_.size() > longest_line) end = line_.size() - 1;
  if (end == std::string::npos) return true;
  observe::pass_on(std::string_view(line_).substr(0, end + 1));
  line_.erase(0, end + 1);
  return true;
}

void LastWords::keep(std::string_view text) {
  cut_ |= tail_.size() + text.size() > tail_size;
  tail_ += text.substr(text.size() - std::min(text.size(), tail_size));
  if (tail_.size() > 2 * tail_size) tail_.erase(0, tail_.size() - tail_size);
}

std::string LastWords::tail() const {
  std::string_view text = tail_;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (!cut_) return std::string(text);
  text.remove_prefix(text.size() - std::min(text.size(), tail_size));
  const std::size_t line = text.find('\n');  // what stands before it may be part of one
  return std::string(line == std::string_view::npos ? text : text.substr(line + 1));
}

}  // namespace acre::node
