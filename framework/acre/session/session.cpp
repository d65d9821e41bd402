#include <algorithm>
#include <charconv>
#include <cmath>

#include <acre/base/error.hpp>
#include <acre/launch/numeric_class.hpp>
#include <acre/session/house.hpp>
#include <acre/session/session.hpp>
#include <acre/task/function.hpp>

namespace acre {
namespace {

std::uint32_t number(const std::string& text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

campaign::LockOptions lock_options(const session::Plan& plan) {
  return {.slurm_job = plan.job_id, .slurm_restarts = number(plan.restart_count)};
}
}  // namespace

Executor Session::executor(const ExecutorOptions& options) { return Executor(house_.open(options)); }

Campaign Session::campaign(const std::string& path, const CampaignOptions& options) {
  const session::Plan& plan = house_.plan();
  campaign::Surroundings surroundings;
  surroundings.build = task::program_build_id();
  surroundings.lock = lock_options(plan);
  campaign::Provenance& provenance = surroundings.provenance;
  provenance.argv = plan.arguments;
  provenance.code_version = task::program_build_id();
  provenance.numeric_class = launch::numeric_class();
  provenance.libraries = {std::string("acre ") + ACRE_VERSION};
  provenance.launcher = plan.launcher;
  provenance.job_id = plan.job_id;
  provenance.started = utc_text(wall_clock_ns());
  return {path, options, std::move(surroundings)};
}

Cache Session::cache(const std::string& path, const CacheOptions& options) {
  return {path, options, {lock_options(house_.plan()), task::program_build_id()}};
}

int Session::nodes() const { return house_.plan().nodes; }
int Session::default_workers() const { return house_.plan().offer.workers; }

int Session::workers_for(double wait_over_compute) const {
  if (!(wait_over_compute >= 0))
    throw Error("wait_over_compute cannot be " + std::to_string(wait_over_compute) +
                ": it is how many times as long as it computes a task waits");
  const double workers = house_.plan().offer.cpus * (1 + wait_over_compute);
  return static_cast<int>(std::lround(std::min<double>(workers, node::most_workers)));
}

}  // namespace acre
