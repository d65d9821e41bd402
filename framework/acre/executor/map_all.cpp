#include <acre/executor/map_all.hpp>

namespace acre::executor {

std::vector<StateHandle> submit_all(const std::shared_ptr<Engine>& engine, Source& source,
                                    const MapPlan& plan, Engine::MakeRow make_row) {
  constexpr std::uint32_t most_together = 1024;  // so that the first ones run while the rest is read
  std::vector<StateHandle> states;
  for (bool more = true; more;) {
    ItemRange items{.first = states.size()};
    more = items.read(source, most_together, static_cast<std::size_t>(-1), engine.get());
    if (items.size() == 0) break;
    const auto row = make_row(engine, items.first, items.size());
    while (!row->full()) states.push_back(row->add());
    row->set_task(engine->submit(request_of(std::move(items), plan, row)));
  }
  return states;
}

}  // namespace acre::executor
