// The workers of one executor on this node, by the way they are started.
#pragma once

#include <memory>

#include <acre/node/pool.hpp>

namespace acre::node {

/// The group of members that `options.setup.start` asks for. Any thread; throws acre::Error if the zygote is
/// gone or the system refuses threads.
std::unique_ptr<MemberGroup> start_workers(Zygote& zygote, PoolOptions options);

}  // namespace acre::node
