#include <chrono>
#include <exception>
#include <thread>

#include <acre/base/error.hpp>
#include <acre/launch/cpus.hpp>
#include <acre/launch/detect.hpp>
#include <acre/launch/host.hpp>
#include <acre/launch/offer.hpp>
#include <acre/launch/settings.hpp>
#include <acre/node/process.hpp>
#include <acre/node/role.hpp>
#include <acre/session/house.hpp>
#include <acre/session/program.hpp>
#include <acre/session/run.hpp>
#include <acre/task/function.hpp>
#if ACRE_WITH_MPI
#include <acre/session/launched.hpp>
#endif

namespace acre {
namespace {

void refuse_threads() {
  if (node::threads_are_left(1))
    throw Error(
        "acre::run was called in a process that has started threads, beside which workers cannot be forked "
        "safely: "
        "call it first in main");
}

int run_plain(const session::Program& program, const launch::Environment& environment,
              const launch::Launch& launch, const launch::Settings& settings) {
  node::Zygote zygote;
  session::Plan plan = session::plan_of(program, environment, launch, settings);
  plan.hosts = {launch::host_name()};
  plan.cpus = launch::allowed_cpus();
  plan.offer = launch::offer_of(environment, settings, static_cast<int>(plan.cpus.size()), 1);
  return session::run_program(program, zygote, std::move(plan), nullptr);
}

int run_checked(const session::Program& program) {
  refuse_threads();
  task::note_modules();
  launch::block_signals();
  const launch::Environment environment = launch::read_environment();
  const launch::Settings settings = launch::parse_settings(environment);
  const launch::Launch launch = launch::detect(environment);
  if (launch.kind == launch::Launch::Kind::plain) return run_plain(program, environment, launch, settings);
#if ACRE_WITH_MPI
  return session::run_launched(program, environment, launch, settings);
#else
  throw Error(
      "this program was started by " + launch.launcher +
      ", but acre was built without MPI: start it without a launcher, or build with ACRE_WITH_MPI=ON");
#endif
}
// What one rank finds wrong before MPI has started, all find wrong: the others speak only if rank 0, which
// does so at once, has not ended the job (mpirun takes two seconds to end the others).
void let_rank_0_speak() {
  constexpr std::chrono::seconds patience(3);
  if (launch::is_other_rank(launch::read_environment())) std::this_thread::sleep_for(patience);
}
}  // namespace

int run(int argc, char** argv, const std::function<int(Session&)>& program) noexcept {
  try {
    node::rest_blas_threads();
    node::take_up_role();
    return run_checked({std::vector<std::string>(argv, argv + argc), program});
  } catch (const std::exception& error) {
    let_rank_0_speak();
    session::report(error);
    return 1;
  }
}

}  // namespace acre
