#include <chrono>

#include <acre/launch/job_end.hpp>
#include <acre/node/command.hpp>
#include <acre/observe/say.hpp>
#include <acre/session/program.hpp>

namespace acre::session {

void report(const std::exception& error) noexcept { observe::say(error.what()); }

Plan plan_of(const Program& program, const launch::Environment& environment, const launch::Launch& launch,
             const launch::Settings& settings) {
  constexpr std::chrono::seconds patience(2);
  const auto ask = [&](const std::vector<std::string>& command, const std::vector<std::string>& variables) {
    std::vector<std::string> all = variables;  // first, as the first of a name counts
    for (std::string& variable : launch::without_launcher_variables(environment))
      all.push_back(std::move(variable));
    return node::output_of(command, all, patience);
  };
  const launch::JobEnd end = launch::find_job_end(environment, wall_clock_ns(), ask);
  if (!end.note.empty()) observe::say(end.note);
  Plan plan;
  plan.arguments = program.arguments;
  plan.launcher = launch.launcher;
  plan.job_id = launch.job_id;
  plan.restart_count = launch.restart_count;
  plan.event_log = settings.event_log.value_or("");
  plan.job_end_wall_ns = end.wall_ns;
  return plan;
}

int run_program(const Program& program, node::Zygote& zygote, Plan plan, RemoteGroups remote) {
  House house(zygote, std::move(plan), std::move(remote));
  Session session(house);
  const auto ended_early = [&] { return house.watch().status() != 0 || house.out_of_time(); };
  int status = 1;
  try {
    status = program.main(session);
  } catch (const TaskCancelled& error) {
    if (!ended_early()) report(error);
  } catch (const std::exception& error) {
    report(error);
  } catch (...) {
    observe::say("the program ended with an exception that is no std::exception");
  }
  if (status == 0 || !ended_early()) return status;
  const std::string kept = "; what had finished is kept where it was recorded";
  if (house.watch().status() != 0) {
    observe::say("told to stop before all tasks were done" + kept);
    return house.watch().status();
  }
  observe::say("the job ends at " + utc_text(*house.plan().job_end_wall_ns) +
               ", too soon for the tasks that are left" + kept);
  return try_again;
}

}  // namespace acre::session
