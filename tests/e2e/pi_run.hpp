// The pi program as the end-to-end tests start it.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "support/folder.hpp"
#include "support/program.hpp"

namespace acre::test {

using Words = std::vector<std::string>;

/// How a program is launched: without mpirun, or on so many ranks.
struct Launch {
  int ranks = 0;           ///< 0: without mpirun
  int ranks_per_node = 0;  ///< 0: as they are

  std::string name() const;
  Words command(const Words& program) const;
  /// Start options for a folder, with what the launch needs in the environment. Open MPI's own files go below
  /// the folder too, so that nothing of a killed mpirun stays on the machine.
  Start start(const Folder& folder) const;
};

/// How GoogleTest shows it.
void PrintTo(const Launch& launch, std::ostream* out);

/// pi with these arguments.
Words pi(const Words& arguments);
/// The first line of a text that begins with `word`, or what shows that there is none.
std::string line(const std::string& text, const std::string& word);
/// What must be the same in every run: estimate, error, z-score, samples and digest.
std::string results(const std::string& out);
/// Lines of acre's and of the program's own in what a program wrote to stderr, without notes and mpirun's.
std::vector<std::string> sentences(const std::string& err);

/// The processes of a launched program that are ranks, root first; without mpirun, the program itself.
std::vector<pid_t> ranks_of(const Program& program, const Launch& launch);
/// The workers of a rank.
std::vector<pid_t> workers_of(pid_t rank);

}  // namespace acre::test
