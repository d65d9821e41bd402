#include <cstring>
#include <set>

#include <fmt/format.h>
#include <acre/campaign/record.hpp>
#include <acre/campaign/sha256.hpp>

namespace acre::campaign {
namespace {

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::string element_text(wire::Scalar scalar, const std::byte* at) {
  switch (scalar) {
    case wire::Scalar::boolean:
      return load<std::uint8_t>(at) != 0 ? "true" : "false";
    case wire::Scalar::i8:
      return fmt::format("{}", static_cast<int>(load<std::int8_t>(at)));
    case wire::Scalar::u8:
      return fmt::format("{}", static_cast<int>(load<std::uint8_t>(at)));
    case wire::Scalar::i16:
      return fmt::format("{}", load<std::int16_t>(at));
    case wire::Scalar::u16:
      return fmt::format("{}", load<std::uint16_t>(at));
    case wire::Scalar::i32:
      return fmt::format("{}", load<std::int32_t>(at));
    case wire::Scalar::u32:
      return fmt::format("{}", load<std::uint32_t>(at));
    case wire::Scalar::i64:
      return fmt::format("{}", load<std::int64_t>(at));
    case wire::Scalar::u64:
      return fmt::format("{}", load<std::uint64_t>(at));
    case wire::Scalar::f32:
      return fmt::format("{}", load<float>(at));
    case wire::Scalar::f64:
      return fmt::format("{}", load<double>(at));
    case wire::Scalar::c64:
      return fmt::format("{}{:+}i", load<float>(at), load<float>(at + 4));
    case wire::Scalar::c128:
      return fmt::format("{}{:+}i", load<double>(at), load<double>(at + 8));
  }
  return "?";
}

std::string differs(std::string_view what, const auto& recorded, const auto& wanted) {
  return fmt::format("{} is {} in the file and {} here", what, recorded, wanted);
}

/// Names the first differing element of the first differing parameter; the schemas are equal.
std::string parameter_difference(const Identity& recorded, const Identity& wanted) {
  constexpr const char* unnamed = "the encoded parameters are others in the file than here";
  const std::size_t width = recorded.parameters_schema.row_width();
  if (recorded.parameters.size() != width || wanted.parameters.size() != width) return unnamed;
  std::size_t at = 0;
  for (const wire::Column& column : recorded.parameters_schema.columns) {
    const std::size_t size = wire::size_of(column.scalar);
    for (std::size_t element = 0; element < column.width() / size; ++element, at += size) {
      const std::byte* const a = recorded.parameters.data() + at;
      const std::byte* const b = wanted.parameters.data() + at;
      if (std::memcmp(a, b, size) == 0) continue;
      const std::string place = column.shape.empty() ? "" : fmt::format("[{}]", element);
      return differs(fmt::format("parameter {}{}", column.name, place), element_text(column.scalar, a),
                     element_text(column.scalar, b));
    }
  }
  return unnamed;
}

std::string schema_objection(const wire::Schema& schema, std::string_view what) {
  std::set<std::string> seen;
  for (const wire::Column& column : schema.columns) {
    const std::string& name = column.name;
    if (name.empty() || name == "." || name.find('/') != name.npos || name.find('\0') != name.npos) {
      return fmt::format("its {} have a field named '{}', which HDF5 cannot store", what, name);
    }
    if (name == "index") return fmt::format("its {} have a field 'index', which is the task's own", what);
    if (!seen.insert(name).second) return fmt::format("its {} have two fields '{}'", what, name);
    if (column.width() == 0) return fmt::format("field '{}' of its {} has no elements", name, what);
  }
  return {};
}

}  // namespace

std::string difference(const Identity& recorded, const Identity& wanted) {
  if (recorded.name != wanted.name) return differs("name", recorded.name, wanted.name);
  if (recorded.version != wanted.version) return differs("version", recorded.version, wanted.version);
  if (recorded.seed != wanted.seed) return differs("seed", recorded.seed, wanted.seed);
  if (recorded.parameters_schema != wanted.parameters_schema) {
    return differs("the parameter record", recorded.parameters_schema.text(),
                   wanted.parameters_schema.text());
  }
  return recorded.parameters == wanted.parameters ? "" : parameter_difference(recorded, wanted);
}

std::string difference(const StageInfo& recorded, const StageInfo& wanted) {
  if (recorded.name != wanted.name) return differs("the stage's name", recorded.name, wanted.name);
  if (recorded.input != wanted.input) {
    return differs("the input record", recorded.input.text(), wanted.input.text());
  }
  if (recorded.result != wanted.result) {
    return differs("the result record", recorded.result.text(), wanted.result.text());
  }
  return {};
}

std::string objection(const StageInfo& stage) {
  const std::string& name = stage.name;
  if (name.empty() || name == "." || name.find('/') != name.npos || name.find('\0') != name.npos) {
    return "a stage's name must be neither empty nor '.' and must not contain '/'";
  }
  const std::string about_input = schema_objection(stage.input, "inputs");
  return about_input.empty() ? schema_objection(stage.result, "results") : about_input;
}

InputDigest input_digest(ByteView encoded_input) {
  thread_local Sha256 hash;
  hash.update(encoded_input);
  const Sha256::Digest whole = hash.finish();
  InputDigest first;
  std::memcpy(first.data(), whole.data(), first.size());
  return first;
}

}  // namespace acre::campaign
