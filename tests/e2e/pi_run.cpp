#include "e2e/pi_run.hpp"

#include <algorithm>
#include <sstream>

#include "support/processes.hpp"

namespace acre::test {

std::string Launch::name() const {
  if (ranks == 0) return "plain";
  const std::string name = "ranks" + std::to_string(ranks);
  return ranks_per_node == 0 ? name : name + "_per_node" + std::to_string(ranks_per_node);
}

Words Launch::command(const Words& program) const { return ranks == 0 ? program : mpirun(ranks, program); }

Start Launch::start(const Folder& folder) const {
  Start start{.folder = folder.path()};
  if (ranks > 0)
    start.environment = {"TMPDIR=" + folder.path(), "OMPI_MCA_btl_vader_backing_directory=" + folder.path()};
  if (ranks_per_node > 0)
    start.environment.push_back("ACRE_RANKS_PER_NODE=" + std::to_string(ranks_per_node));
  return start;
}

void PrintTo(const Launch& launch, std::ostream* out) { *out << launch.name(); }

Words pi(const Words& arguments) {
  Words command{ACRE_PI};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

std::string line(const std::string& text, const std::string& word) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(word + " ")) return line;
  return "no line \"" + word + "\" in: " + text;
}

std::string results(const std::string& out) {
  return line(out, "pi") + "\n" + line(out, "z-score") + "\n" + line(out, "samples") + "\n" +
         line(out, "digest");
}

std::vector<std::string> sentences(const std::string& err) {
  std::vector<std::string> found;
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);)
    if ((line.starts_with("acre: ") && !line.starts_with("acre: note: ")) || line.starts_with("pi: "))
      found.push_back(line);
  return found;
}

std::vector<pid_t> ranks_of(const Program& program, const Launch& launch) {
  if (launch.ranks == 0) return {program.pid()};
  std::vector<pid_t> ranks;
  for (int rank = 0; rank < launch.ranks; ++rank)
    for (const pid_t process : processes_with("OMPI_COMM_WORLD_RANK=" + std::to_string(rank)))
      if (parent_of(process) == program.pid()) ranks.push_back(process);
  return ranks;
}

std::vector<pid_t> workers_of(pid_t rank) {
  std::vector<pid_t> workers;
  for (const pid_t process : descendants_of(rank))
    if (name_of(process).starts_with("acre worker")) workers.push_back(process);
  return workers;
}

}  // namespace acre::test
