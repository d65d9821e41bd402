#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include <acre/campaign/digest.hpp>

#include "support.hpp"

namespace acre::campaign::test {
namespace {

/// The digests of a journal with the given stages, filled by `fill`.
template <class Fill>
Digests digests_with(const StageInfo& info, Fill fill) {
  const Folder folder;
  const auto journal = Journal::create(folder / "j", some_identity(), "b");
  const std::uint32_t stage = journal->stage(info);
  fill(*journal, stage);
  return digests(*journal);
}

std::string digest_of_reals(const std::vector<double>& values) {
  const StageInfo info{.name = "s", .input = {}, .result = {"f64", {{"value", wire::Scalar::f64, {}}}}};
  return digests_with(info,
                      [&](Journal& journal, std::uint32_t stage) {
                        for (std::uint64_t index = 0; index < values.size(); ++index) {
                          Row row;
                          row.stage = stage;
                          row.index = index;
                          row.result = bytes_of(values[index]);
                          journal.append(row);
                        }
                      })
      .results;
}

Digests shuffled(std::uint64_t seed, const std::string& host) {
  return digests_with(pi_stage(), [&](Journal& journal, std::uint32_t stage) {
    std::vector<std::uint64_t> order(1000);
    for (std::uint64_t n = 0; n < order.size(); ++n) order[n] = 3 * n;
    if (seed != 0) std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
    for (const std::uint64_t index : order) append_pi(journal, stage, index, host);
    append_failure(journal, stage, 7, {"E", "why"});
  });
}

TEST(Digest, DoesNotDependOnTheOrderOfRecordingNorOnWhereTasksRan) {
  const Digests sorted = shuffled(0, "a");
  EXPECT_EQ(shuffled(1, "b"), sorted);
  EXPECT_EQ(shuffled(2, "a long name of a host"), sorted);
  EXPECT_EQ(sorted.results.size(), 64u);
}

TEST(Digest, NoticesEveryByteOfARowItsIndexAndItsFailure) {
  const auto digest = [](std::size_t flipped, std::uint64_t index, const Failure& failure) {
    return digests_with(pi_stage(), [&](Journal& journal, std::uint32_t stage) {
      Bytes packed(24, std::byte{7});
      if (flipped < packed.size()) packed[flipped] = std::byte{8};
      Row row;
      row.stage = stage;
      row.index = index;
      row.input = ByteView(packed).first(8);
      row.result = ByteView(packed).subspan(8);
      journal.append(row);
      append_failure(journal, stage, 100, failure);
    });
  };
  const Digests base = digest(99, 1, {"ab", "c"});
  EXPECT_EQ(digest(99, 1, {"ab", "c"}), base);
  for (std::size_t at = 0; at < 24; ++at) {
    const Digests other = digest(at, 1, {"ab", "c"});
    EXPECT_EQ(other.inputs == base.inputs, at >= 8) << at;
    EXPECT_EQ(other.results == base.results, at < 8) << at;
    EXPECT_EQ(other.failures, base.failures);
  }
  EXPECT_NE(digest(99, 2, {"ab", "c"}).results, base.results);
  const Digests other_failure = digest(99, 1, {"a", "bc"});
  EXPECT_NE(other_failure.failures, base.failures);
  EXPECT_EQ(other_failure.results, base.results);
}

TEST(Digest, NoticesNamesTypesShapesAndOrderOfFields) {
  const auto result_of = [](const std::string& stage, std::vector<wire::Column> columns) {
    const StageInfo info{.name = stage, .input = {}, .result = {"T", std::move(columns)}};
    return digests_with(info,
                        [](Journal& journal, std::uint32_t number) {
                          const Bytes zeroes(16, std::byte{0});
                          Row row;
                          row.stage = number;
                          row.result = zeroes;
                          journal.append(row);
                        })
        .results;
  };
  using wire::Scalar;
  const std::vector<std::string> all{
      result_of("s", {{"a", Scalar::u64, {}}, {"b", Scalar::u64, {}}}),
      result_of("t", {{"a", Scalar::u64, {}}, {"b", Scalar::u64, {}}}),
      result_of("s", {{"b", Scalar::u64, {}}, {"a", Scalar::u64, {}}}),
      result_of("s", {{"a", Scalar::u64, {}}, {"b", Scalar::i64, {}}}),
      result_of("s", {{"a", Scalar::u64, {2}}}),
      result_of("s", {{"a", Scalar::u64, {2, 1}}}),
      result_of("s", {{"a", Scalar::u32, {4}}}),
      result_of("s", {{"a", Scalar::c128, {}}}),
      result_of("s", {{"a", Scalar::f64, {2}}}),
  };
  for (std::size_t n = 0; n < all.size(); ++n) {
    EXPECT_EQ(std::count(all.begin(), all.end(), all[n]), 1) << n;
  }
}

TEST(Digest, CountsEveryNaNAsOneAndKeepsTheSignOfZero) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double other = std::bit_cast<double>(std::uint64_t{0xfff8000000001234});
  EXPECT_EQ(digest_of_reals({1, nan, 2}), digest_of_reals({1, other, 2}));
  EXPECT_NE(digest_of_reals({1, nan, 2}), digest_of_reals({1, 0, 2}));
  EXPECT_NE(digest_of_reals({0.0}), digest_of_reals({-0.0}));
  EXPECT_NE(digest_of_reals({nan}), digest_of_reals({std::numeric_limits<double>::infinity()}));
}

TEST(Digest, OfAKnownCampaignStaysTheSameForEver) {
  // Computed once with Python's hashlib from the definition in digest.hpp; a change breaks every published
  // digest.
  EXPECT_EQ(digest_of_reals({1.5, -2.0}), "10920f31d92ad9577182f67a8cdb9fc0e566132240df1fe308ef681a26585bc6");
}

}  // namespace
}  // namespace acre::campaign::test
