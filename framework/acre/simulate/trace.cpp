#include <fmt/format.h>

#include <acre/simulate/trace.hpp>
#include <acre/simulate/words.hpp>

namespace acre::simulate {
namespace {

struct EntryWords {
  std::string operator()(const char* note) const { return fmt::format("* {}", note); }
  std::string operator()(const schedule::Event& event) const { return words(event); }
  std::string operator()(const schedule::Action& action) const { return "  -> " + words(action); }
};

}  // namespace

std::string Trace::text() const {
  std::string text;
  const std::uint64_t kept = ring_.size();
  for (std::uint64_t i = added_ - kept; i < added_; ++i) {
    const Entry& entry = ring_[static_cast<std::size_t>(i % most_)];
    text += fmt::format("{:>12.6f} ms  node {:<3} {}\n", static_cast<double>(entry.at.ns) / 1e6, entry.node,
                        std::visit(EntryWords{}, entry.what));
  }
  return text;
}

}  // namespace acre::simulate
