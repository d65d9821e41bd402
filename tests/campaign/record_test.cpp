#include <gtest/gtest.h>

#include <acre/campaign/record.hpp>
#include <acre/campaign/sha256.hpp>

#include "support.hpp"

namespace acre::campaign::test {
namespace {

TEST(Sha256, KnownAnswerAndRestart) {
  Sha256 hash;
  hash.update(std::string_view("ab"));
  hash.update(std::string_view("c"));
  // FIPS 180-2, example B.1.
  constexpr const char* abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(hex(hash.finish()), abc);
  hash.update(std::string_view("abc"));
  EXPECT_EQ(hex(hash.finish()), abc);
}

TEST(InputDigest, IsTheFirstHalfOfSha256) {
  EXPECT_EQ(hex(input_digest(bytes_of_text(std::string_view("abc")))), "ba7816bf8f01cfea414140de5dae2223");
}

TEST(IdentityDifference, NamesTheFirstWithBothValues) {
  const Identity recorded = some_identity();
  EXPECT_EQ(difference(recorded, recorded), "");
  Identity here = recorded;
  here.parameters = pack(0.5, std::int32_t{4}, std::int32_t{9});
  EXPECT_EQ(difference(recorded, here), "parameter grid[1] is -8 in the file and 9 here");
  here.parameters = pack(0.25, std::int32_t{4}, std::int32_t{9});
  EXPECT_EQ(difference(recorded, here), "parameter rate is 0.5 in the file and 0.25 here");
  here.parameters_schema.columns.pop_back();
  EXPECT_EQ(difference(recorded, here),
            "the parameter record is Setup{rate:f64,grid:i32[2]} in the file and Setup{rate:f64} here");
  here.seed = 2;
  EXPECT_EQ(difference(recorded, here), "seed is 1 in the file and 2 here");
  here.version = 4;
  EXPECT_EQ(difference(recorded, here), "version is 3 in the file and 4 here");
  here.name = "e";
  EXPECT_EQ(difference(recorded, here), "name is pi in the file and e here");
}

TEST(IdentityDifference, OfEncodedParametersHasNoName) {
  Identity recorded = some_identity();
  recorded.parameters_schema = {};
  Identity here = recorded;
  here.parameters.push_back(std::byte{1});
  EXPECT_EQ(difference(recorded, here), "the encoded parameters are others in the file than here");
}

TEST(StageDifference, NamesTheRecord) {
  const StageInfo recorded = pi_stage();
  EXPECT_EQ(difference(recorded, recorded), "");
  StageInfo here = recorded;
  here.result.columns[0].scalar = wire::Scalar::u32;
  EXPECT_EQ(
      difference(recorded, here),
      "the result record is Hits{inside:u64,samples:u64} in the file and Hits{inside:u32,samples:u64} here");
  here.input.columns.clear();
  EXPECT_EQ(difference(recorded, here), "the input record is u64{samples:u64} in the file and u64{} here");
}

TEST(StageObjection, RefusesWhatTheFileCannotName) {
  EXPECT_EQ(objection(pi_stage()), "");
  StageInfo stage = pi_stage();
  stage.name = "a/b";
  EXPECT_EQ(objection(stage), "a stage's name must be neither empty nor '.' and must not contain '/'");
  stage = pi_stage();
  stage.result.columns[1].name = "inside";
  EXPECT_EQ(objection(stage), "its results have two fields 'inside'");
  stage.result.columns[1].name = "index";
  EXPECT_EQ(objection(stage), "its results have a field 'index', which is the task's own");
  stage = pi_stage();
  stage.input.columns[0].name = "";
  EXPECT_EQ(objection(stage), "its inputs have a field named '', which HDF5 cannot store");
  stage = pi_stage();
  stage.input.columns[0].shape = {3, 0};
  EXPECT_EQ(objection(stage), "field 'samples' of its inputs has no elements");
}

}  // namespace
}  // namespace acre::campaign::test
