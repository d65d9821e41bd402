// The numeric class of a machine: what libm and BLAS choose their code by.
#pragma once

#include <string>
#include <string_view>

namespace acre::launch {

/// The class in the text of /proc/cpuinfo: machine, and those CPU features that numeric libraries dispatch
/// on, in a fixed order. Any thread.
std::string parse_cpu_features(std::string_view cpuinfo);

/// The numeric class of this machine, with its cache sizes in bytes: machines of one class give the same
/// bits. Any thread; reads a file.
std::string numeric_class();

}  // namespace acre::launch
