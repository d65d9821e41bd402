#include <acre/executor/item_range.hpp>

namespace acre::executor {
namespace {
void add(task::SharedHandles& keeps, const task::SharedHandles& more) {
  for (const task::SharedHandle& value : more)
    if (keeps.empty() || keeps.back() != value) keeps.push_back(value);
}
}  // namespace

bool ItemRange::read(Source& source, std::uint32_t most, std::size_t most_bytes, const void* owner) {
  task::Keeping keeping(owner);
  try {
    const bool more = source.read(*this, most, most_bytes);
    add(keeps, keeping.kept());
    return more;
  } catch (...) {
    arguments.resize(ends.empty() ? 0 : ends.back());
    add(keeps, keeping.kept());
    throw;
  }
}

void ItemRange::pop_back() {
  ends.pop_back();
  arguments.resize(ends.empty() ? 0 : ends.back());
}

}  // namespace acre::executor
