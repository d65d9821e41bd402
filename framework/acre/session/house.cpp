#include <acre/base/error.hpp>
#include <acre/session/house.hpp>

namespace acre::session {

House::House(node::Zygote& zygote, Plan plan, RemoteGroups remote)
    : zygote_(zygote),
      plan_(std::move(plan)),
      remote_(std::move(remote)),
      watch_([this] { drain(); }, plan_.drain_descriptors) {}

House::~House() {
  for (const auto& engine : engines_) engine->shutdown(true);
}

std::shared_ptr<executor::Engine> House::open(const ExecutorOptions& options) {
  constexpr int most_workers = 4096;
  if (options.workers < 0 || options.workers > most_workers)
    throw Error("an executor cannot have " + std::to_string(options.workers) + " workers: take 1 to " +
                std::to_string(most_workers) + ", or 0 for what the node offers");
  if (options.retries < 0)
    throw Error("retries cannot be negative: 0 means that a lost task is not tried again");
  node::PoolSetup setup{static_cast<bool>(options.preload),
                        static_cast<bool>(options.initializer),
                        options.preload.function,
                        options.initializer.function,
                        options.preload.arguments,
                        options.initializer.arguments,
                        plan_.cpus};
  const int workers = options.workers > 0 ? options.workers : plan_.workers;
  auto engine = std::make_shared<executor::Engine>(executor::EngineOptions{
      options.seed, static_cast<std::uint32_t>(options.retries) + 1, static_cast<std::uint32_t>(workers),
      plan_.hosts, options.preload.result, options.initializer.result});
  const std::lock_guard lock(mutex_);
  engines_.push_back(engine);  // before anything can throw: whoever made an engine shuts it down
  engine->add_group(std::make_unique<node::Pool>(
      zygote_, node::PoolOptions{static_cast<std::uint32_t>(workers), 0, plan_.hosts.front(), setup}));
  if (remote_)
    for (auto& group : remote_(setup, options.workers, engine->options().max_attempts))
      engine->add_group(std::move(group));
  if (draining_) engine->drain();
  return engine;
}

void House::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  for (const auto& engine : engines_) engine->drain();
}

}  // namespace acre::session
