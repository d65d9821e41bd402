#include <algorithm>

#include <fmt/format.h>

#include <acre/base/error.hpp>
#include <acre/launch/detect.hpp>

namespace acre::launch {
namespace {
std::string value_or_empty(const Environment& environment, std::string_view name) {
  const std::string* value = find(environment, name);
  return value == nullptr ? std::string() : *value;
}

/// Whether srun started this process. The batch script and the shell of salloc are steps too, with reserved
/// numbers (slurm.h: SLURM_BATCH_SCRIPT, SLURM_INTERACTIVE_STEP), but nobody's parallel tasks.
bool in_slurm_step(const Environment& environment) {
  const std::string* step = find(environment, "SLURM_STEP_ID");
  return step != nullptr && *step != "batch" && *step != "4294967291" && *step != "interactive" &&
         *step != "4294967290";
}

/// The tasks of this step. SLURM_NTASKS is the job's, and only a stand-in where the step's own count is
/// missing.
int tasks_of_step(const Environment& environment) {
  if (const auto tasks = find_integer(environment, "SLURM_STEP_NUM_TASKS", 1)) return *tasks;
  return find_integer(environment, "SLURM_NTASKS", 1).value_or(0);
}

Launch as_rank(Launch launch, const Environment& environment, std::string launcher,
               std::string_view rank_name, int size) {
  launch.kind = Launch::Kind::mpi;
  launch.launcher = std::move(launcher);
  launch.rank_hint = find_integer(environment, rank_name, 0).value();
  launch.size_hint = size;
  if (size > 0 && launch.rank_hint >= size) {
    throw Error(
        fmt::format("the environment variable {} is {}, but the launcher started {} ranks: unset what an "
                    "earlier launcher left behind",
                    rank_name, launch.rank_hint, size));
  }
  return launch;
}

/// N copies that cannot find each other would each run the whole program and overwrite each other's results.
void refuse_lone_copies(const Environment& environment, bool in_step) {
  if (in_step) {
    const int tasks = tasks_of_step(environment);
    if (tasks <= 1) return;
    throw Error(
        fmt::format("srun started {} tasks without PMIx, so MPI cannot join them: use `srun --mpi=pmix`, or "
                    "mpirun inside the allocation",
                    tasks));
  }
  const int copies = find_integer(environment, "PMI_SIZE", 1).value_or(1);
  if (copies <= 1) return;
  throw Error(
      fmt::format("the launcher of another MPI started {} copies (PMI_SIZE), which cannot join: use the "
                  "mpirun of the Open MPI that this program was built with",
                  copies));
}
}  // namespace

Launch detect(const Environment& environment) {
  Launch launch;
  launch.job_id = value_or_empty(environment, "SLURM_JOB_ID");
  launch.restart_count = value_or_empty(environment, "SLURM_RESTART_COUNT");
  const bool in_step = in_slurm_step(environment);
  if (environment.contains("OMPI_COMM_WORLD_RANK")) {
    const int size = find_integer(environment, "OMPI_COMM_WORLD_SIZE", 1).value_or(0);
    return as_rank(launch, environment, "Open MPI", "OMPI_COMM_WORLD_RANK", size);
  }
  if (in_step && environment.contains("PMIX_RANK")) {
    return as_rank(launch, environment, "PMIx", "PMIX_RANK", tasks_of_step(environment));
  }
  if (in_step && environment.contains("PMI_RANK")) {
    return as_rank(launch, environment, "PMI", "PMI_RANK", tasks_of_step(environment));
  }
  refuse_lone_copies(environment, in_step);
  if (!launch.job_id.empty()) launch.launcher = "Slurm";
  return launch;
}

bool is_other_rank(const Environment& environment) {
  const auto names = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"};
  return std::any_of(names.begin(), names.end(), [&](const char* name) {
    const std::string* rank = find(environment, name);
    return rank != nullptr && *rank != "0";
  });
}

}  // namespace acre::launch
