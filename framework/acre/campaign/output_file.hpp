// The file HDF5 writes into, with errors kept away from the library.
#pragma once

#include <string>

#include <acre/campaign/hdf5_library.hpp>
#include <acre/campaign/posix_file.hpp>

namespace acre::campaign::hdf5 {

/// A new HDF5 file through a file driver of acre's own. HDF5 1.10 crashes at exit once a write has failed in
/// H5Fclose; so this driver remembers the first error, pretends success to the library, and check() tells. It
/// also takes no file locks, which many network file systems do not have. Inside a Session; one thread.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  hid_t id() const { return file_; }
  /// Throws acre::Error with the system's words if anything could not be written so far.
  void check() const;
  /// Closes and makes the content durable; all other handles of the file must be closed before. Throws as
  /// check().
  void finish();

  struct Target {
    PosixFile file;
    int error = 0;  ///< errno of the first failure; nothing is written after it
  };

 private:
  Target target_;
  Handle file_;
};

}  // namespace acre::campaign::hdf5
