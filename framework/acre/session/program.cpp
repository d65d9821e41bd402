#include <acre/observe/say.hpp>
#include <acre/session/program.hpp>

namespace acre::session {

void report(const std::exception& error) noexcept { observe::say(error.what()); }

int run_program(const Program& program, node::Zygote& zygote, Plan plan, RemoteGroups remote) {
  House house(zygote, std::move(plan), std::move(remote));
  Session session(house);
  int status = 1;
  try {
    status = program.main(session);
  } catch (const TaskCancelled& error) {
    if (house.watch().status() == 0) report(error);
  } catch (const std::exception& error) {
    report(error);
  } catch (...) {
    observe::say("the program ended with an exception that is no std::exception");
  }
  if (status == 0 || house.watch().status() == 0) return status;
  observe::say("told to stop before all tasks were done; what had finished is kept where it was recorded");
  return house.watch().status();
}

}  // namespace acre::session
