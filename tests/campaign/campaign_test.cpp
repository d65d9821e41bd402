// Campaigns on real workers: what is recorded, what is run again, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <complex>
#include <numeric>
#include <string>

#include "support/folder.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {

struct Point {
  double x = 0;
  std::complex<float> z;
  std::array<std::int16_t, 3> cell{};
};
ACRE_RECORD(Point, x, z, cell)

struct Study {
  std::uint64_t points = 0;
};
ACRE_RECORD(Study, points)

constexpr std::size_t runs = 0, gate = 1;

Point make_point(Context& context, int i) {
  shared(runs).add();
  const auto small = static_cast<std::int16_t>(i);
  return {context.random().uniform(), {1.0F, static_cast<float>(i)}, {small, 0, small}};
}

int odd_ones_throw(int i) {
  shared(runs).add();
  if (i % 2 == 1) throw std::domain_error("odd: " + std::to_string(i));
  return i;
}

int dies_at_three(int i) {
  shared(runs).add();
  if (i == 3 && shared(gate).get() == 0) std::abort();
  return 10 * i;
}

std::size_t length_of(const std::string& text) { return text.size(); }

class Campaigns : public testing::Test {
 protected:
  void SetUp() override { reset_shared(); }
  std::string path() const { return folder_ / "out.h5"; }
  Campaign open(Open how, CampaignOptions options = {.name = "test", .seed = 7, .progress = false}) const {
    options.open = how;
    return session().campaign(path(), options);
  }
  /// The sentence with which `action` is refused; what the folder holds must stay as it is.
  template <class Action>
  std::string refusal(Action action) const {
    const auto before = folder_.content();
    std::string sentence = "(not refused)";
    try {
      action();
    } catch (const Error& error) {
      sentence = error.what();
    }
    EXPECT_EQ(folder_.content(), before);
    return sentence;
  }
  static std::vector<int> first(int n) {
    std::vector<int> items(static_cast<std::size_t>(n));
    std::iota(items.begin(), items.end(), 0);
    return items;
  }

  Folder folder_;
  Executor executor_ = session().executor({.workers = 2, .retries = 0});
};

TEST_F(Campaigns, go_on_after_failures_as_outcomes) {
  Executor executor = session().executor({.workers = 2});
  std::string digest;
  for (const Open how : {Open::create, Open::resume}) {
    Campaign campaign = open(how);
    std::vector<std::string> told;
    for (const auto& outcome : campaign.map_outcomes<odd_ones_throw>(executor, "s", std::vector{0, 1, 2, 3}))
      told.push_back(outcome ? std::to_string(*outcome) : outcome.failure().message);
    EXPECT_THAT(told, testing::ElementsAre("0", "odd: 1", "2", "odd: 3"));
    EXPECT_TRUE(campaign.complete());
    const std::string made = campaign.finish();
    EXPECT_EQ(digest.empty() ? made : digest, made);
    digest = made;
  }
  EXPECT_EQ(shared(runs).get(), 4u) << "what was thrown is recorded, too";
}

TEST_F(Campaigns, say_what_is_missing) {
  Executor executor = session().executor({.workers = 1});
  Campaign campaign = open(Open::create);
  {
    auto results = campaign.map<odd_ones_throw>(executor, "s", std::vector{0, 2, 1, 4}, {.window = 1});
    auto at = results.begin();
    EXPECT_THROW(++ ++at, std::domain_error);
  }
  testing::internal::CaptureStderr();
  campaign.finish();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "acre: " + path() +
                " is incomplete: it has 3 of 4 tasks of stage s; resume the campaign for the rest\n");
}

TEST_F(Campaigns, record_each_task_once_and_resume_without_running_any) {
  std::vector<double> values;
  std::string digest;
  {
    auto campaign = open(Open::create);
    campaign.parameters(Study{50});
    for (const Point& p : campaign.map<make_point>(executor_, "points", first(50))) values.push_back(p.x);
    digest = campaign.finish();
    EXPECT_TRUE(campaign.complete());
    EXPECT_EQ(campaign.recorded(), 0U);
  }
  EXPECT_EQ(shared(runs).get(), 50U);
  auto again = open(Open::resume);
  again.parameters(Study{50});
  std::vector<double> recorded;
  for (const Point& p : again.map<make_point>(executor_, "points", first(50))) recorded.push_back(p.x);
  EXPECT_EQ(recorded, values);
  EXPECT_EQ(again.recorded(), 50U);
  EXPECT_EQ(again.finish(), digest);
  EXPECT_EQ(shared(runs).get(), 50U);
}

TEST_F(Campaigns, have_the_digest_of_their_file_and_of_their_results) {
  ResultsDigest<Point> stream("points");
  std::uint64_t index = 0;
  auto campaign = open(Open::create);
  for (const Point& p : campaign.map<make_point>(executor_, "points", first(5000))) stream.add(index++, p);
  const std::string digest = campaign.finish();
  EXPECT_EQ(digest, stream.finish());
  EXPECT_EQ(digest, campaign::results_digest_of_file(path()));
}

TEST_F(Campaigns, give_the_same_bits_for_any_number_of_workers) {
  std::vector<std::string> digests;
  for (const int workers : {1, 2, 7}) {
    auto executor = session().executor({.workers = workers});
    auto campaign =
        session().campaign(folder_ / std::to_string(workers), {.name = "test", .progress = false});
    for ([[maybe_unused]] const Point& p : campaign.map<make_point>(executor, "points", first(300))) continue;
    digests.push_back(campaign.finish());
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_EQ(digests[0], digests[2]);
}

TEST_F(Campaigns, record_what_tasks_throw_and_throw_it_again_when_resumed) {
  const auto outcomes = [&](Campaign& campaign) {
    std::string text;
    auto results = campaign.map<odd_ones_throw>(executor_, "odd", first(4));
    for (bool more = true; more;) {
      try {
        auto at = results.begin();
        for (; at != results.end(); ++at) text += std::to_string(*at) + " ";
        more = false;
      } catch (const std::domain_error& error) {
        text += std::string(error.what()) + " ";
      }
    }
    return text;
  };
  std::string digest;
  {
    auto campaign = open(Open::create);
    EXPECT_EQ(outcomes(campaign), "0 odd: 1 2 odd: 3 ");
    digest = campaign.finish();
    EXPECT_TRUE(campaign.complete());
  }
  auto again = open(Open::resume);
  EXPECT_EQ(outcomes(again), "0 odd: 1 2 odd: 3 ");
  EXPECT_EQ(again.finish(), digest);
  EXPECT_EQ(shared(runs).get(), 4U);
}

TEST_F(Campaigns, with_a_death_left_are_incomplete_and_resume_tries_it_again) {
  {
    auto campaign = open(Open::create);
    auto results = campaign.map<dies_at_three>(executor_, "deaths", first(6));
    EXPECT_THROW(
        {
          for ([[maybe_unused]] const int y : results) continue;
        },
        WorkerLost);
    for ([[maybe_unused]] const int y : results) continue;
    campaign.finish();
    EXPECT_FALSE(campaign.complete());
  }
  EXPECT_EQ(shared(runs).get(), 6U);
  shared(gate).set(1);
  auto again = open(Open::resume);
  int sum = 0;
  for (const int y : again.map<dies_at_three>(executor_, "deaths", first(6))) sum += y;
  again.finish();
  EXPECT_EQ(sum, 150);
  EXPECT_TRUE(again.complete());
  EXPECT_EQ(again.recorded(), 5U);
  EXPECT_EQ(shared(runs).get(), 7U);
}

TEST_F(Campaigns, broken_off_half_way_run_only_the_rest_when_resumed) {
  {
    auto campaign = open(Open::create);
    auto executor = session().executor({.workers = 1});
    int seen = 0;
    for ([[maybe_unused]] const Point& p : campaign.map<make_point>(executor, "points", first(100)))
      if (++seen == 10) break;
    executor.shutdown();
  }
  const std::uint32_t before = shared(runs).get();
  auto again = open(Open::resume);
  for ([[maybe_unused]] const Point& p : again.map<make_point>(executor_, "points", first(100))) continue;
  again.finish();
  EXPECT_GE(again.recorded(), 10U);
  EXPECT_EQ(again.recorded(), before);
  EXPECT_EQ(shared(runs).get(), 100U);
}

TEST_F(Campaigns, refuse_an_existing_file_unless_told_to_resume) {
  open(Open::create).finish();
  EXPECT_EQ(refusal([&] { open(Open::create); }),
            path() + " exists already: resume it, or choose another name; nothing was changed");
  EXPECT_NO_THROW(open(Open::create_or_resume).finish());
}

TEST_F(Campaigns, refuse_to_resume_what_is_not_there_or_not_theirs) {
  EXPECT_EQ(refusal([&] { open(Open::resume); }), path() + " does not exist: there is nothing to resume");
  write_file(path(), "somebody's text\n");
  EXPECT_EQ(refusal([&] { open(Open::create_or_resume); }),
            path() + " is not a result file of acre: choose another name; nothing was changed");
}

TEST_F(Campaigns, refuse_another_identity_by_name) {
  {
    auto campaign = open(Open::create);
    campaign.parameters(Study{5});
    for ([[maybe_unused]] const Point& p : campaign.map<make_point>(executor_, "points", first(5))) continue;
    campaign.finish();
  }
  const auto refused = [&](const CampaignOptions& options, const Study& study) {
    return refusal([&] {
      auto campaign = open(Open::resume, options);
      campaign.parameters(study);
      campaign.map<make_point>(executor_, "points", first(5));
    });
  };
  EXPECT_THAT(refused({.name = "test", .seed = 8, .progress = false}, {5}),
              testing::HasSubstr("seed is 7 in the file and 8 here"));
  EXPECT_THAT(refused({.name = "else", .seed = 7, .progress = false}, {5}), testing::HasSubstr("name"));
  EXPECT_THAT(refused({.name = "test", .version = 2, .seed = 7, .progress = false}, {5}),
              testing::HasSubstr("version"));
  EXPECT_THAT(refused({.name = "test", .seed = 7, .progress = false}, {6}), testing::HasSubstr("points"));
}

TEST_F(Campaigns, refuse_a_changed_input_and_a_changed_stage) {
  {
    auto campaign = open(Open::create);
    for ([[maybe_unused]] const std::size_t n :
         campaign.map<length_of>(executor_, "texts", std::vector<std::string>{"a", "bb"}))
      continue;
    campaign.finish();
  }
  const std::vector<std::string> changed{"a", "cc"};
  auto campaign = open(Open::resume);
  auto results = campaign.map<length_of>(executor_, "texts", changed);
  try {
    for ([[maybe_unused]] const std::size_t n : results) continue;
    FAIL() << "a changed input was accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the input of task 1 of stage texts differs"));
  }
  EXPECT_THROW(campaign.map<length_of>(executor_, "texts", changed), Error);
  auto other = [&] { campaign.map<make_point>(executor_, "texts2", first(1)); };
  EXPECT_NO_THROW(other());
}

TEST_F(Campaigns, refuse_a_second_run_on_the_same_file) {
  const auto campaign = open(Open::create);  // before its first map, whose journal would be written meanwhile
  EXPECT_THAT(refusal([&] { open(Open::create_or_resume); }), testing::HasSubstr(std::to_string(::getpid())));
}

TEST_F(Campaigns, take_parameters_before_the_first_map_only) {
  auto campaign = open(Open::create);
  for ([[maybe_unused]] const Point& p : campaign.map<make_point>(executor_, "points", first(1))) continue;
  EXPECT_THROW(campaign.parameters(Study{1}), Error);
}

}  // namespace
}  // namespace acre::test
