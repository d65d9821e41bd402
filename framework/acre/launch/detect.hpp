// Where this process was started: in a plain shell or batch script, or as one rank of an MPI job.
#pragma once

#include <string>

#include <acre/launch/environment.hpp>

namespace acre::launch {

/// How this process was started.
struct Launch {
  enum class Kind { plain, mpi };
  Kind kind = Kind::plain;
  std::string launcher =
      "plain";                ///< For people: "plain", "Slurm" (a batch script), "Open MPI", "PMIx", "PMI".
  int rank_hint = -1;         ///< The rank the launcher names; -1 if it names none. MPI has the last word.
  int size_hint = 0;          ///< How many ranks the launcher started; 0 if it does not say.
  std::string job_id;         ///< Slurm's job id; empty outside Slurm.
  std::string restart_count;  ///< How often Slurm requeued the job; empty if never.
};

/// Decides from the environment alone whether a launcher started this process as an MPI rank. Any thread.
/// Throws acre::Error if several copies were started without a way for MPI to join them, or if a launcher's
/// number is not one.
Launch detect(const Environment& environment);

/// Whether a launcher started this process as another rank than 0, as far as its variables tell. Any thread.
bool is_other_rank(const Environment& environment);

}  // namespace acre::launch
