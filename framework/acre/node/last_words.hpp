// What a process of the node writes to stderr: passed on to this process's stderr, and its end kept.
#pragma once

#include <string>

#include <acre/channel/descriptor.hpp>

namespace acre::node {

/// The reading end of a process's stderr. One thread; reads do not block, passing on does as long as stderr
/// does.
class LastWords {
 public:
  /// Makes the pipe; `theirs` is the process's end until it was sent. Throws acre::Error.
  LastWords();

  int fd() const noexcept { return ours_.get(); }
  const channel::Descriptor& theirs() const noexcept { return theirs_; }
  void sent() noexcept { theirs_.reset(); }

  /// Passes on what has come, whole lines at once, but a bounded part of a flood.
  void pass_on();
  /// The same to the end, for a process that has ended, with an unfinished line.
  void finish();
  /// The last lines, about 2000 bytes of them at most.
  std::string tail() const;

 private:
  bool read_some();
  void keep(std::string_view text);
  channel::Descriptor ours_, theirs_;
  std::string line_;  ///< not finished yet
  std::string tail_;
  bool cut_ = false;  ///< whether tail_ is not all that was written
};

}  // namespace acre::node
