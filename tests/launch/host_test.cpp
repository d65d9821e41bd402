#include <unistd.h>

#include <thread>

#include <gtest/gtest.h>

#include <acre/launch/host.hpp>

namespace acre::launch {
namespace {
const std::string fields_3_to_21 = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18";

TEST(Host, StartTimeIsField22) {
  EXPECT_EQ(parse_start_time("17 (pi)" + fields_3_to_21 + " 114602 3133440 370\n"), 114602U);
  EXPECT_EQ(parse_start_time("17 (pi)" + fields_3_to_21 + " 18446744073709551615 1"), 18446744073709551615U);
}

TEST(Host, StartTimeSurvivesAnyName) {
  EXPECT_EQ(parse_start_time("17 (a (b) ) 1 2 3)" + fields_3_to_21 + " 114602 1"), 114602U);
  EXPECT_EQ(parse_start_time("17 ()" + fields_3_to_21 + " 114602 1"), 114602U);
}

TEST(Host, StartTimeOfAnotherTextIsNothing) {
  EXPECT_EQ(parse_start_time(""), std::nullopt);
  EXPECT_EQ(parse_start_time("17 pi S 1"), std::nullopt);
  EXPECT_EQ(parse_start_time("17 (pi)" + fields_3_to_21), std::nullopt);
  EXPECT_EQ(parse_start_time("17 (pi)" + fields_3_to_21 + " soon"), std::nullopt);
}

TEST(Host, ProcessesStartInOrder) {
  const auto own = process_start_time(getpid());
  const auto parents = process_start_time(getppid());
  ASSERT_TRUE(own && parents);
  EXPECT_GT(*parents, 0U);
  EXPECT_LE(*parents, *own);
}

TEST(Host, MissingProcessHasNoStartTime) { EXPECT_EQ(process_start_time(0x7fffffff), std::nullopt); }

TEST(Host, ThreadCountIsRead) {
  EXPECT_EQ(parse_thread_count("Name:\tThreads: 9\nState:\tR\nThreads:\t12\nSigQ:\t0/1\n"), 12);
  EXPECT_EQ(parse_thread_count("Name:\tpi\n"), std::nullopt);
  EXPECT_EQ(parse_thread_count("Name:\tpi\nThreads:\tmany\n"), std::nullopt);
}

TEST(Host, ThreadsOfThisProcessAreCounted) {
  const int before = thread_count();
  EXPECT_GE(before, 1);
  int with_another = 0;
  std::thread([&with_another] { with_another = thread_count(); }).join();
  EXPECT_EQ(with_another, before + 1);
}

TEST(Host, IdentityIsStable) {
  EXPECT_FALSE(host_name().empty());
  EXPECT_EQ(host_name(), host_name());
  EXPECT_EQ(boot_id().size(), 36U);
  EXPECT_EQ(boot_id(), boot_id());
}

TEST(Host, FileIsReadWhole) {
  const std::string path = testing::TempDir() + "host_test_file_" + std::to_string(getpid());
  const std::string text(10'000, 'x');
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  EXPECT_EQ(read_text_file(path), text);
  unlink(path.c_str());
  EXPECT_EQ(read_text_file(path), std::nullopt);
  EXPECT_EQ(read_text_file("/"), std::nullopt);
}
}  // namespace
}  // namespace acre::launch
