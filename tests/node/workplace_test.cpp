// What a worker offers its attempts, without any worker.
#include <gtest/gtest.h>

#include <acre/base/error.hpp>
#include <acre/base/time.hpp>
#include <acre/node/workplace.hpp>
#include <atomic>
#include <chrono>
#include <filesystem>

#include "support/folder.hpp"

namespace acre::test {
namespace {
using std::chrono::seconds;

class Workplaces : public testing::Test {
 protected:
  node::Workplace make(std::int64_t job_end_wall_ns = 0) {
    return {{stage, stop, heeds}, {folder.path() + "/run", folder.path() + "/run/7", job_end_wall_ns}};
  }
  std::atomic<std::uint32_t> stage = 0, stop = 0, heeds = 0;
  const Folder folder;
};

TEST_F(Workplaces, tell_the_time_until_the_job_ends_or_the_timeout) {
  node::Workplace place = make(wall_clock_ns() + Duration(seconds(1000)).count());
  place.begin(7);
  EXPECT_LE(place.remaining(), seconds(1000));
  EXPECT_GT(place.remaining(), seconds(900));
  place.begin(7, seconds(100));
  EXPECT_LE(place.remaining(), seconds(100));
  EXPECT_GT(place.remaining(), seconds(50));
  place.begin(7, Duration(1));
  EXPECT_EQ(place.remaining(), Duration::zero()) << "it is over";
  EXPECT_EQ(make(wall_clock_ns() - 1).remaining(), Duration::zero());
  EXPECT_EQ(make().remaining(), Duration::max());
}

TEST_F(Workplaces, say_that_an_attempt_looks_whether_to_stop) {
  node::Workplace place = make();
  place.begin(7);
  EXPECT_EQ(heeds, 0u);
  EXPECT_FALSE(place.stop_requested());
  EXPECT_EQ(heeds, 1u);
  stop = 1;
  EXPECT_TRUE(place.stop_requested());
  place.end();
  EXPECT_EQ(heeds, 0u) << "the next one has not looked";
}

TEST_F(Workplaces, make_folders_when_asked_and_remove_them) {
  {
    node::Workplace place = make();
    place.begin(7);
    place.end();
    EXPECT_TRUE(folder.content().empty()) << "nobody asked";
    place.begin(7);
    const std::string scratch = place.scratch();
    EXPECT_EQ(place.scratch(), scratch);
    write_file(scratch + "/file", "text");
    place.end();
    EXPECT_FALSE(std::filesystem::exists(scratch));
    place.begin(7);
    EXPECT_NE(place.scratch(), scratch);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "run/7")) << "with the worker";
}

TEST_F(Workplaces, say_when_there_is_no_room_for_folders) {
  write_file(folder / "run", "in the way");
  node::Workplace place = make();
  place.begin(7);
  try {
    place.scratch();
    ADD_FAILURE() << "it was made";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), "cannot make the folder " + folder.path() +
                                "/run/7 for a task's scratch files (Not a directory): set TMPDIR to a folder "
                                "with room");
  }
}

}  // namespace
}  // namespace acre::test
