// What a campaign records: who it is, its stages, and one row per finished task.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <acre/base/bytes.hpp>
#include <acre/wire/schema.hpp>

namespace acre::campaign {

/// What makes two runs the same campaign. `parameters` is a packed row of `parameters_schema`, or any
/// encoding when that has no columns.
struct Identity {
  std::string name;
  int version = 1;
  std::uint64_t seed = 0;
  wire::Schema parameters_schema;
  Bytes parameters;
};

/// "" if both are the same campaign, else one phrase naming the first difference with both values: "seed is 1
/// in the file and 2 here". Pure.
std::string difference(const Identity& recorded, const Identity& wanted);

/// One kind of task of a campaign. `input.columns` is empty where inputs are not columnar; their digests are
/// recorded all the same. `result.columns` is empty where results are bytes of any number that are not looked
/// into; such a stage has no place in a result file.
struct StageInfo {
  std::string name;
  wire::Schema input;
  wire::Schema result;
};

/// "" if both stages are the same, else a phrase as above. Pure.
std::string difference(const StageInfo& recorded, const StageInfo& wanted);

/// "" if the stage can be recorded, else a phrase saying which name or shape cannot be stored. Pure.
std::string objection(const StageInfo& stage);

/// The first 16 bytes of the SHA-256 of an encoded input.
using InputDigest = std::array<std::byte, 16>;

/// The digest of one task's encoded input. Any thread; does not block.
InputDigest input_digest(ByteView encoded_input);

/// How one attempt went: it differs from run to run and is never part of a digest.
struct Execution {
  std::uint32_t attempt = 0;
  std::uint32_t worker = 0;
  std::int32_t rank = 0;
  std::string_view host;
  std::int64_t start_ns = 0;  ///< UTC, since 1970
  std::int64_t run_ns = 0;
  std::uint32_t build = 0;  ///< index into Journal::builds(); set by the journal, ignored when appending
};

/// What a task threw.
struct Failure {
  std::string_view type;
  std::string_view message;
};

/// One finished task, by reference: the views belong to whoever made the row.
struct Row {
  std::uint32_t stage = 0;
  std::uint64_t index = 0;
  InputDigest input_digest{};
  ByteView input;                  ///< a packed row where the stage's input has columns
  ByteView result;                 ///< a packed row; empty for a failure
  std::optional<Failure> failure;  ///< set if the task threw
  Execution execution;
};

}  // namespace acre::campaign
