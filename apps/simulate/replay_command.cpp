#include "replay_command.hpp"

#include <cstdio>

#include <acre/base/error.hpp>
#include <acre/observe/mapped_file.hpp>
#include <acre/observe/say.hpp>
#include <acre/simulate/replay.hpp>

namespace simulate {
namespace {
void print_line(const std::string& line) { std::printf("%s\n", line.c_str()); }
}  // namespace

int replay_command(const std::string& path, bool print) {
  try {
    const acre::observe::MappedFile file(path);
    acre::observe::EventLogReader log(path, file.bytes());
    const auto see = [print](const acre::observe::LoggedStep& step) {
      if (print) print_line(acre::simulate::words(step));
    };
    const acre::simulate::Replay replay = acre::simulate::replay(log, see);
    print_line(words(replay));
    return replay.difference.empty() ? 0 : 1;
  } catch (const acre::Error& error) {
    acre::observe::say(error.what());
    return 2;
  }
}

}  // namespace simulate
