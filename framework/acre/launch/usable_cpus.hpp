// Which CPUs a process could use if its launcher had not bound it.
#pragma once

namespace acre::launch {

/// The number of CPUs that the machine (its cpuset) grants to this process: what its mask can be widened to.
/// Changes the mask of the calling thread for a moment. Call it before threads exist; does not throw.
int usable_cpus() noexcept;

}  // namespace acre::launch
