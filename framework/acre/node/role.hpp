// What a fresh start of this program becomes.
#pragma once

namespace acre::node {

/// Becomes what this process was started for, if that was by a FreshStart, and never returns; or else
/// returns. The first thing in acre::run. Throws acre::Error if it was started for a role that is not for it.
void take_up_role();

}  // namespace acre::node
