// Bytes, errors, identities, time, checks.
#include <gtest/gtest.h>

#include <acre/base/bytes.hpp>
#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <cerrno>
#include <chrono>
#include <numeric>
#include <vector>

namespace acre::test {
namespace {

TEST(Bytes, grow_without_being_zeroed_and_keep_what_they_have) {
  Bytes bytes;
  for (int i = 0; i < 100; ++i) bytes.push_back(std::byte(i));
  bytes.resize(1000);
  EXPECT_EQ(bytes.size(), 1000u);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(bytes[i], std::byte(i));
  const Bytes filled(3, std::byte{9});
  EXPECT_EQ(filled[2], std::byte{9});
}

TEST(Bytes, view_objects_and_texts) {
  const std::uint16_t number = 0x0102;
  EXPECT_EQ(bytes_of(number).size(), 2u);
  EXPECT_EQ(bytes_of(number)[0], std::byte{2});
  const std::string text = "ab";
  EXPECT_EQ(bytes_of_text(text)[1], std::byte{'b'});
  EXPECT_EQ(bytes_of_text(text).data(), reinterpret_cast<const std::byte*>(text.data()));
}

TEST(Bytes, of_any_length_are_copied_and_nothing_beside_them) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, copy_piece, copy_piece + 1, 3 * copy_piece}) {
    std::vector<std::uint32_t> from(size / sizeof(std::uint32_t) + 2);
    std::iota(from.begin(), from.end(), 1U);
    Bytes to(size + 2, std::byte{0xee});
    copy_memory(to.data() + 1, from.data(), size);
    EXPECT_EQ(to.front(), std::byte{0xee});
    EXPECT_EQ(to.back(), std::byte{0xee});
    EXPECT_EQ(std::memcmp(to.data() + 1, from.data(), size), 0) << size;
  }
}

TEST(Errors, say_what_failed_and_why) {
  errno = ENOENT;
  try {
    throw_errno("cannot open x");
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot open x: No such file or directory");
  }
  EXPECT_EQ(errno_text(EACCES), "Permission denied");
}

TEST(Ids, of_tasks_hold_a_slot_and_a_generation) {
  const TaskId id = make_task_id(0xffff'fffe, 0xabcd'0001);
  EXPECT_EQ(slot_of(id), 0xffff'fffeu);
  EXPECT_EQ(static_cast<std::uint64_t>(id), 0xabcd'0001'ffff'fffeu);
  EXPECT_NE(make_task_id(1, 2), make_task_id(1, 3));
  EXPECT_EQ(index_of(MemberId{7}), 7u);
}

TEST(Time, is_counted_in_nanoseconds) {
  const Instant begin{100};
  EXPECT_EQ(begin + std::chrono::microseconds(1), Instant{1100});
  EXPECT_EQ((begin + Duration(5)) - begin, Duration(5));
  EXPECT_EQ(begin - Duration(1), Instant{99});
  EXPECT_LT(begin, Instant::never());
}

TEST(Time, does_not_go_back) {
  for (Instant last = now(), i{0}; i.ns < 1000; ++i.ns) {
    const Instant at = now();
    ASSERT_LE(last, at);
    last = at;
  }
}

TEST(Time, of_the_wall_is_written_in_utc) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(951'782'400'000'000'000), "2000-02-29T00:00:00Z");
  EXPECT_EQ(utc_text(1'769'860'800'999'999'999), "2026-01-31T12:00:00Z");
  EXPECT_GT(wall_clock_ns(), 1'700'000'000'000'000'000);
}

TEST(CheckDeathTest, aborts_with_what_it_knows) {
  const int two = 2;
  ACRE_CHECK(two == 2, "holds");
  EXPECT_DEATH(ACRE_CHECK(two == 3, "two is not three"),
               "^acre: bug at .*base_test.cpp:[0-9]+: two == 3 does not hold: two is not three\n$");
}

}  // namespace
}  // namespace acre::test
