#include <acre/executor/map_all.hpp>

namespace acre::executor {

std::vector<std::shared_ptr<SharedState>> submit_all(const std::shared_ptr<Engine>& engine, Source& source,
                                                     const MapPlan& plan) {
  constexpr std::uint32_t most_together = 1024;  // so that the first ones run while the rest is read
  const node::Terms terms{.chunk = plan.options.chunk, .priority = plan.options.priority};
  std::vector<std::shared_ptr<SharedState>> states;
  std::shared_ptr<MapBatch> batch;
  const auto submit = [&] {
    if (batch != nullptr)
      batch->set_task(engine->submit(MapBatch::request(batch, {plan.function, 0, plan.key}, terms)));
    batch = nullptr;
  };
  for (;;) {
    Bytes arguments;
    task::Keeping keeping;
    if (!source.next(arguments)) break;
    engine->check(keeping.kept());
    const auto state = std::make_shared<FutureState>(engine, states.size());
    if (batch == nullptr) batch = std::make_shared<MapBatch>(nullptr, states.size());
    batch->add(state, arguments, keeping.kept());
    states.push_back(state);
    if (batch->size() == most_together) submit();
  }
  submit();
  return states;
}

}  // namespace acre::executor
