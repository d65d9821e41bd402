#include <cmath>
#include <cstring>

#include <fmt/format.h>
#include <acre/campaign/digest.hpp>
#include <acre/campaign/table.hpp>

namespace acre::campaign {
namespace {

/// NaNs differ in sign and payload between compilers and flags; all become the positive quiet one.
template <class Real, class Bits>
void make_nans_alike(Bytes& bytes, Bits nan) {
  for (std::size_t at = 0; at + sizeof(Real) <= bytes.size(); at += sizeof(Real)) {
    Real value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    if (std::isnan(value)) std::memcpy(bytes.data() + at, &nan, sizeof nan);
  }
}

std::vector<FieldDigest> fields_of(const std::vector<wire::Column>& columns) {
  std::vector<FieldDigest> fields;
  fields.emplace_back(wire::Column{"index", wire::Scalar::u64, {}});
  for (const wire::Column& column : columns) fields.emplace_back(column);
  return fields;
}

void update(std::vector<FieldDigest>& fields, const Table& table) {
  fields[0].update(table.index);
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    fields[column + 1].update(ByteView(table.columns[column]));
  }
}

std::vector<std::string> lines_of(std::vector<FieldDigest>& fields) {
  std::vector<std::string> lines;
  for (FieldDigest& field : fields) lines.push_back(field.line());
  return lines;
}

}  // namespace

void FieldDigest::update(ByteView rows) {
  const bool single = column_.scalar == wire::Scalar::f32 || column_.scalar == wire::Scalar::c64;
  const bool real = single || column_.scalar == wire::Scalar::f64 || column_.scalar == wire::Scalar::c128;
  if (!real) return hash_.update(rows);
  canonical_.assign(rows.begin(), rows.end());
  if (single) {
    make_nans_alike<float>(canonical_, std::uint32_t{0x7fc00000});
  } else {
    make_nans_alike<double>(canonical_, std::uint64_t{0x7ff8000000000000});
  }
  hash_.update(canonical_);
}

void FieldDigest::update(std::string_view text) {
  const std::uint64_t size = text.size();
  hash_.update(bytes_of(size));
  hash_.update(text);
}

std::string FieldDigest::line() {
  std::string shape;
  for (const std::uint64_t extent : column_.shape) shape += fmt::format("[{}]", extent);
  return fmt::format("field {}:{} {}{} {}\n", column_.name.size(), column_.name,
                     is_text_ ? "text" : wire::name_of(column_.scalar), shape, hex(hash_.finish()));
}

std::string part_digest(const std::map<std::string, std::vector<std::string>>& lines_by_stage) {
  Sha256 hash;
  hash.update(std::string_view("acre digest 1\n"));
  for (const auto& [stage, lines] : lines_by_stage) {
    hash.update(fmt::format("stage {}:{}\n", stage.size(), stage));
    for (const std::string& line : lines) hash.update(line);
  }
  return hex(hash.finish());
}

StageDigest::StageDigest(const StageInfo& stage)
    : inputs_(fields_of(input_columns(stage))),
      results_(fields_of(stage.result.columns)),
      failures_(fields_of({})) {
  failures_.emplace_back("type");
  failures_.emplace_back("message");
}

void StageDigest::update(const Piece& piece) {
  campaign::update(inputs_, piece.inputs);
  campaign::update(results_, piece.results);
  failures_[0].update(piece.failures.index);
  for (const std::string& type : piece.failures.type) failures_[1].update(type);
  for (const std::string& message : piece.failures.message) failures_[2].update(message);
}

StageDigest::Lines StageDigest::finish() {
  return {lines_of(inputs_), lines_of(results_), lines_of(failures_)};
}

void CampaignDigest::add(const std::string& stage, StageDigest::Lines lines) {
  inputs_[stage] = std::move(lines.inputs);
  results_[stage] = std::move(lines.results);
  failures_[stage] = std::move(lines.failures);
}

Digests digests(const Journal& journal) {
  CampaignDigest all;
  const std::vector<StageInfo> stages = journal.stages();
  for (std::uint32_t number = 0; number < stages.size(); ++number) {
    StageDigest digest(stages[number]);
    for_each_piece(journal, number, [&](const Piece& piece) { digest.update(piece); });
    all.add(stages[number].name, digest.finish());
  }
  return all.finish();
}

std::string results_digest(const Journal& journal) { return digests(journal).results; }

}  // namespace acre::campaign
