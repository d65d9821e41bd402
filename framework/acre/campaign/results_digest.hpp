// The digest of results that are not recorded in a file.
#pragma once

#include <memory>
#include <string>

#include <acre/campaign/digest.hpp>
#include <acre/campaign/table.hpp>
#include <acre/wire/codec.hpp>
#include <acre/wire/columns.hpp>

namespace acre {

/// Computes the digest of /results that a campaign with this one stage would have, from results in order of
/// their tasks. One thread at a time.
template <wire::columnar T>
class ResultsDigest {
 public:
  /// Of the stage of this name.
  explicit ResultsDigest(const std::string& stage)
      : stage_{stage, {}, wire::schema_of<T>()}, digest_(stage_), piece_(campaign::results_piece(stage_)) {}

  /// Adds the result of the task `index`; indices grow.
  void add(std::uint64_t index, const T& result) {
    piece_.results.add(index, wire::to_bytes(result));
    if (piece_.results.index.size() == rows_at_once) digest_pieces();
  }

  /// The digest as hexadecimal digits; the object is used up.
  std::string finish() {
    digest_pieces();
    campaign::CampaignDigest all;
    all.add(stage_.name, digest_.finish());
    return all.finish().results;
  }

 private:
  static constexpr std::size_t rows_at_once = 4096;
  void digest_pieces() {
    digest_.update(piece_);
    piece_.results.clear();
  }

  campaign::StageInfo stage_;
  campaign::StageDigest digest_;
  campaign::Piece piece_;
};

}  // namespace acre
