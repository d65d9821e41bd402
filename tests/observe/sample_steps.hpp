// Steps with each kind of event and action, all of whose fields are their own, and logs of them.
#pragma once

#include <string>
#include <vector>

#include <acre/observe/event_log_reader.hpp>

namespace acre::test {

schedule::Policy sample_policy();
std::vector<observe::LoggedStep> sample_steps();

/// Writes a log of `steps` to `path`, with the sample policy, as rank -3 and executor 7, and returns its
/// bytes.
std::string write_log(const std::string& path, const std::vector<observe::LoggedStep>& steps);

/// What a reader makes of bytes: the steps it could read, and how it ended.
struct Reading {
  std::vector<observe::LoggedStep> steps;
  bool torn = false;
  std::string error;  ///< empty if it did not throw
};
Reading read_log(const std::string& bytes);

bool equal(const observe::LoggedStep& a, const observe::LoggedStep& b);
/// Whether `part` is the beginning of `whole`.
bool begins(const std::vector<observe::LoggedStep>& whole, const std::vector<observe::LoggedStep>& part);

}  // namespace acre::test
