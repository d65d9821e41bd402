// The product of a campaign: a columnar HDF5 file for h5py, h5dump, pandas and MATLAB.
#pragma once

#include <string>
#include <vector>

#include <acre/campaign/digest.hpp>
#include <acre/campaign/journal.hpp>

namespace acre::campaign {

/// Where results come from, beside what the journal says itself (identity, builds, hosts). It never makes two
/// campaigns different. Dates are ISO 8601 in UTC.
struct Provenance {
  std::vector<std::string> argv;
  std::string code_version;
  std::string numeric_class;
  std::vector<std::string> libraries;
  std::string launcher;
  std::string job_id;
  std::string started;
  std::string finished;
  bool complete = false;  ///< no task is left to run
};

/// Writes `path` from the journal and returns the digests it carries. It appears whole or not at all: written
/// as <path>.tmp, closed, synced, renamed (over an older one), the directory synced; memory stays bounded. No
/// row may be appended meanwhile. Any thread, one at a time inside; blocks on the disk. On an acre::Error
/// (one sentence) the .tmp is gone and an older file stays as it was.
Digests write_result_file(const std::string& path, const Journal& journal, const Provenance& provenance);

/// Digests computed from the datasets of a result file. Blocks on the disk; throws acre::Error, also for
/// files that acre did not write.
Digests digests_of_file(const std::string& path);

/// Whether a file is a result file of acre, as far as its root tells. Blocks on the disk.
bool is_result_file(const std::string& path);

/// Its `results`.
std::string results_digest_of_file(const std::string& path);

}  // namespace acre::campaign
