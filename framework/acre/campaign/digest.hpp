// Digests of what is the same in every run: inputs, results and failures.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <acre/campaign/journal.hpp>
#include <acre/campaign/sha256.hpp>
#include <acre/wire/schema.hpp>

namespace acre::campaign {

/// SHA-256 as hexadecimal digits, one per part. Each covers, per stage in order of name, the task indices and
/// every field in order with name, element type and shape; never padding, the order of recording, or how
/// tasks were run. A NaN counts as one bit pattern per width, −0 and 0 differ.
struct Digests {
  std::string inputs, results, failures;
  friend bool operator==(const Digests&, const Digests&) = default;
};

/// The digests of what a journal holds. No row may be appended meanwhile. Blocks on the disk; throws
/// acre::Error.
Digests digests(const Journal& journal);

/// Its `results`, the digest that programs print.
std::string results_digest(const Journal& journal);

/// The digest of one field, fed with its rows in order of task index. One thread at a time.
class FieldDigest {
 public:
  explicit FieldDigest(wire::Column column) : column_(std::move(column)) {}
  /// A field of texts.
  explicit FieldDigest(std::string name) : column_{std::move(name), wire::Scalar::u8, {}}, is_text_(true) {}

  void update(ByteView rows);
  void update(const std::vector<std::uint64_t>& rows) { update(std::as_bytes(std::span(rows))); }
  void update(std::string_view text);
  /// One line with name, type, shape and digest; the object starts anew.
  std::string line();

 private:
  wire::Column column_;
  bool is_text_ = false;
  Sha256 hash_;
  Bytes canonical_;
};

/// The digest of one part: stages by name, each with the lines of its fields. Pure.
std::string part_digest(const std::map<std::string, std::vector<std::string>>& lines_by_stage);

/// The running digests of one stage, from pieces. One thread at a time.
class StageDigest {
 public:
  explicit StageDigest(const StageInfo& stage);
  void update(const struct Piece& piece);

  struct Lines {
    std::vector<std::string> inputs, results, failures;
  };
  Lines finish();

 private:
  std::vector<FieldDigest> inputs_, results_, failures_;
};

/// Joins the stages of a campaign. One thread at a time.
class CampaignDigest {
 public:
  void add(const std::string& stage, StageDigest::Lines lines);
  Digests finish() const { return {part_digest(inputs_), part_digest(results_), part_digest(failures_)}; }

 private:
  std::map<std::string, std::vector<std::string>> inputs_, results_, failures_;
};

}  // namespace acre::campaign
