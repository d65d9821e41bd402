// What an event log holds is read back; what is none, is cut off or damaged is told apart.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <limits>
#include <random>
#include <set>

#include <acre/base/error.hpp>
#include <acre/observe/event_frame.hpp>
#include <acre/observe/event_records.hpp>
#include <acre/observe/mapped_file.hpp>
#include <acre/observe/packing.hpp>

#include "sample_steps.hpp"
#include "support/folder.hpp"

namespace acre::test {
namespace {
using observe::EventLog;
using observe::EventLogReader;
using observe::LoggedStep;

/// What `action` throws as acre::Error says; empty if it does not throw.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(EventLog, gives_back_each_kind_of_event_and_action) {
  const Folder folder;
  const auto steps = sample_steps();
  const Reading reading = read_log(write_log(folder / "a.events", steps));
  EXPECT_EQ(reading.error, "");
  EXPECT_FALSE(reading.torn);
  ASSERT_EQ(reading.steps.size(), steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i)
    EXPECT_TRUE(equal(reading.steps[i], steps[i])) << "step " << i;
}

TEST(EventLog, the_sample_has_each_kind) {
  std::set<std::size_t> events, actions;
  for (const LoggedStep& step : sample_steps()) {
    events.insert(step.event.index());
    for (const auto& action : step.actions) actions.insert(action.index());
  }
  EXPECT_EQ(events.size(), std::variant_size_v<schedule::Event>);
  EXPECT_EQ(actions.size(), std::variant_size_v<schedule::Action>);
}

TEST(EventLog, tells_which_scheduler_it_is_of) {
  const Folder folder;
  const std::int64_t before = wall_clock_ns();
  const std::string bytes = write_log(folder / "a.events", {});
  const EventLogReader reader("a", bytes_of_text(bytes));
  EXPECT_TRUE(observe::equal_fields(reader.header().policy, sample_policy()));
  EXPECT_FALSE(observe::equal_fields(reader.header().policy, schedule::Policy{}));
  EXPECT_EQ(reader.header().rank, -3);
  EXPECT_EQ(reader.header().executor, 7U);
  EXPECT_GE(reader.header().begin_wall_ns, before);
  EXPECT_LE(reader.header().begin_wall_ns, wall_clock_ns());
}

// A change of the format that nobody meant shows here; one that is meant needs another version.
TEST(EventLog, has_these_bytes) {
  const Folder folder;
  const std::string bytes =
      write_log(folder / "a.events", {{{300}, schedule::Started{make_chunk_id(200, 3)}, {}}});
  constexpr std::size_t policy = 64, header = 8 + 4 + 12 + policy + 4 + 4 + 8;
  ASSERT_EQ(bytes.size(), header + 12 + 7);
  EXPECT_EQ(bytes.substr(0, 12), std::string("acreevt\n\x02\0\0\0", 12));
  EXPECT_EQ(bytes.substr(header, 8), std::string("\x07\0\0\0\xf8\xff\xff\xff", 8));
  EXPECT_EQ(bytes.substr(header + 12), std::string("\xac\x02\x04\xc8\x01\x03\x00", 7));
  const std::string all = write_log(folder / "b.events", sample_steps()).substr(header);
  EXPECT_EQ(observe::event_checksum(bytes_of_text(all), 0), 0x3f53568aU);
}

TEST(EventLog, holds_steps_back_until_it_is_flushed_or_its_buffer_is_full) {
  const Folder folder;
  const std::string path = folder / "a.events";
  EventLog log(path, {}, 0, 0);
  const std::size_t empty = size_of(path);
  log.record({1}, schedule::Tick{}, {});
  EXPECT_EQ(size_of(path), empty);
  log.flush();
  EXPECT_EQ(read_log(content_of(path)).steps.size(), 1U);
  for (int i = 0; i < 10'000; ++i) log.record({2}, schedule::Tick{}, {});
  EXPECT_EQ(size_of(path) / 65536, 10'000 * 15 / 65536);
  const Reading reading = read_log(content_of(path));
  EXPECT_EQ(reading.error, "");
  EXPECT_FALSE(reading.torn);
  EXPECT_GT(reading.steps.size(), 8000U);
  EXPECT_LT(reading.steps.size(), 10'001U);
}

TEST(EventLog, takes_a_step_larger_than_its_buffer) {
  const Folder folder;
  const LoggedStep large{
      {1}, schedule::Tick{}, schedule::Actions(100'000, schedule::Retire{MemberId{70000}})};
  const std::vector<LoggedStep> steps{large, {{2}, schedule::Tick{}, {}}, large};
  const Reading reading = read_log(write_log(folder / "a.events", steps));
  EXPECT_EQ(reading.error, "");
  EXPECT_EQ(reading.steps.size(), 3U);
  EXPECT_TRUE(begins(steps, reading.steps));
}

TEST(EventLog, makes_its_folder) {
  const Folder folder;
  const std::string path = observe::event_log_path(folder / "run/logs", 2, 5);
  EXPECT_EQ(path, folder / "run/logs/rank2-executor5.events");
  EventLog(path, {}, 2, 5);
  EXPECT_GT(size_of(path), 0U);
}

TEST(EventLog, never_overwrites) {
  const Folder folder;
  const std::string path = folder / "a.events";
  write_file(path, "mine");
  EXPECT_EQ(error_of([&] { EventLog(path, {}, 0, 0); }),
            "the event log " + path + " exists and is not overwritten: name another folder");
  EXPECT_EQ(content_of(path), "mine");
}

TEST(EventLog, says_that_its_folder_cannot_be_made) {
  const Folder folder;
  write_file(folder / "file", "");
  EXPECT_EQ(error_of([&] { EventLog(folder / "file/a.events", {}, 0, 0); }),
            "the folder " + (folder / "file") +
                " for event logs cannot be made (Not a directory): name another one");
}

TEST(EventLog, that_cannot_be_written_says_so_once_and_lets_the_run_go_on) {
  const Folder folder;
  const std::string path = folder / "a.events";
  testing::internal::CaptureStderr();
  {
    EventLog log(path, {}, 0, 0);
    const std::size_t empty = size_of(path);
    struct rlimit before {};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = before;
    small.rlim_cur = empty + 20;
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 10; ++i) {
      log.record({i}, schedule::Tick{}, {});
      log.flush();
    }
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    log.record({11}, schedule::Tick{}, {});
  }
  EXPECT_EQ(
      testing::internal::GetCapturedStderr(),
      "acre: the event log " + path + " cannot be written (File too large): it ends here, the run goes on\n");
  const Reading reading = read_log(content_of(path));
  EXPECT_EQ(reading.steps.size(), 1U);
  EXPECT_TRUE(reading.torn);
}

TEST(EventLogReader, that_hits_a_torn_tail_says_so_and_gives_all_before_it) {
  const Folder folder;
  const auto steps = sample_steps();
  const std::size_t header = write_log(folder / "empty.events", {}).size();
  const std::string bytes = write_log(folder / "a.events", steps);
  std::size_t whole = 0, whole_steps = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const Reading reading = read_log(bytes.substr(0, size));
    if (size < header) {
      EXPECT_EQ(
          reading.error,
          "the event log the.events ends within its header, so it tells nothing: the run was killed as it "
          "began");
      continue;
    }
    EXPECT_EQ(reading.error, "");
    EXPECT_TRUE(begins(steps, reading.steps));
    if (reading.steps.size() > whole_steps || size == header) whole = size;
    EXPECT_EQ(reading.torn, size != whole) << size;
    whole_steps = reading.steps.size();
  }
  EXPECT_EQ(whole_steps, steps.size());
}

TEST(EventLogReader, notices_each_flipped_bit_and_gives_only_what_is_before_it) {
  const Folder folder;
  const auto steps = sample_steps();
  std::string bytes = write_log(folder / "a.events", steps);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const auto flip = static_cast<char>(1U << bit % 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ flip);
    const Reading reading = read_log(bytes);
    EXPECT_NE(reading.error, "") << "bit " << bit;
    EXPECT_LT(reading.steps.size(), steps.size());
    EXPECT_TRUE(begins(steps, reading.steps));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ flip);
  }
  EXPECT_EQ(read_log(bytes).error, "");
}

TEST(EventLogReader, names_the_place_of_the_damage) {
  const Folder folder;
  const std::size_t header = write_log(folder / "empty.events", {}).size();
  const std::string good =
      write_log(folder / "a.events", {{{1}, schedule::Tick{}, {}}, {{2}, schedule::Tick{}, {}}});
  const std::size_t second = header + (good.size() - header) / 2;
  const auto damaged = [&good](std::size_t at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] + 1);
    return read_log(bytes).error;
  };
  const auto words = [](const std::string& what, std::size_t offset, const std::string& how) {
    return "the event log the.events is damaged: its " + what + " at byte " + std::to_string(offset) +
           " cannot be read (" + how + "); only what comes before can be used";
  };
  EXPECT_EQ(damaged(second), words("step 2", second, "its length is wrong"));
  EXPECT_EQ(damaged(good.size() - 1), words("step 2", second, "its checksum is wrong"));
  EXPECT_EQ(damaged(header + 12), words("step 1", header, "its checksum is wrong"));
  EXPECT_EQ(damaged(30), words("header", 12, "its checksum is wrong"));
}

TEST(EventLogReader, takes_a_step_in_its_own_place_only) {
  const Folder folder;
  const std::size_t header = write_log(folder / "empty.events", {}).size();
  const LoggedStep tick{{1}, schedule::Tick{}, {}};
  std::string bytes = write_log(folder / "a.events", {tick, tick, {{1}, schedule::MemberUnborn{}, {}}});
  const std::size_t size = (bytes.size() - header) / 3;
  bytes.erase(header + size, size);
  EXPECT_NE(read_log(bytes).error, "");
}

TEST(EventLogReader, refuses_what_is_no_log_or_of_another_version) {
  const Folder folder;
  EXPECT_EQ(read_log("a text file").error, "the.events is no event log: name a file that a run wrote");
  std::string bytes = write_log(folder / "a.events", {});
  bytes[8] = 3;
  EXPECT_EQ(
      read_log(bytes).error,
      "the event log the.events has version 3 of the format, and 2 can be read: take the acre that wrote it");
}

/// A log whose only step has this payload and a right checksum.
std::string log_of(const std::string& empty, const std::string& payload) {
  const auto length = static_cast<std::uint32_t>(payload.size());
  const observe::FrameHead head{length, ~length,
                                observe::event_checksum(bytes_of_text(payload), empty.size())};
  return empty + std::string(reinterpret_cast<const char*>(&head), sizeof head) + payload;
}

TEST(EventLogReader, refuses_steps_that_cannot_be) {
  const Folder folder;
  const std::string empty = write_log(folder / "a.events", {});
  const auto error = [&empty](const std::string& payload) {
    const std::string words = read_log(log_of(empty, payload)).error;
    const std::size_t begin = words.find('(') + 1;
    return words.empty() ? words : words.substr(begin, words.find(')') - begin);
  };
  const std::string tick("\0\x0a\0", 3);
  EXPECT_EQ(error(tick), "");
  EXPECT_NE(error(""), "");
  EXPECT_NE(error(tick.substr(0, 2)), "");
  EXPECT_NE(error(tick + '\0'), "");
  EXPECT_EQ(error(std::string("\0\x0c\0", 3)), "no kind has the number 12");
  EXPECT_EQ(error(std::string("\0\x0a\x01\x07", 4)), "no kind has the number 7");
  EXPECT_EQ(error(std::string("\0\x0a\x02\x06", 4)), "it names more values than it has bytes");
  EXPECT_EQ(error(std::string("\0\x0a\x01\x02\0\x05", 6)), "a reason is unknown");
  EXPECT_EQ(error(std::string("\0\x02\0\x02\0", 5)), "an integer is out of range");
  EXPECT_EQ(error(std::string(9, '\x80') + std::string("\x02\x0a\0", 3)), "an integer has more than 64 bits");
  EXPECT_EQ(error(std::string(9, '\xff') + std::string("\x01\x0a\0", 3)), "");
}

TEST(EventLogReader, survives_random_bytes) {
  const Folder folder;
  const std::string empty = write_log(folder / "a.events", {});
  const std::string good = write_log(folder / "b.events", sample_steps());
  std::mt19937 random(1);
  const auto noise = [&random](std::size_t most) {
    std::string bytes(random() % most, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() % 12 : random());
    return bytes;
  };
  int accepted = 0;
  for (int i = 0; i < 30'000; ++i) {
    read_log(noise(200));
    read_log(empty + noise(200));
    accepted += read_log(log_of(empty, std::string(1, '\0') + noise(6))).error.empty() ? 1 : 0;
    std::string mixed = good;
    const std::string piece = noise(30);
    mixed.replace(random() % mixed.size(), piece.size(), piece);
    EXPECT_TRUE(begins(sample_steps(), read_log(mixed).steps));
  }
  EXPECT_GT(accepted, 0);
}

/// Bytes that `value` packs into.
template <class T>
std::size_t packed_size(const T& value) {
  std::array<std::byte, 256> room;
  observe::Packer packer(room.data());
  packer.pack(value);
  return static_cast<std::size_t>(packer.at() - room.data());
}

TEST(Packing, takes_few_bytes_and_never_more_than_it_asks_room_for) {
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  EXPECT_EQ(packed_size(std::uint32_t{127}), 1U);
  EXPECT_EQ(packed_size(std::uint32_t{128}), 2U);
  EXPECT_EQ(packed_size(-64), 1U);
  EXPECT_EQ(packed_size(64), 2U);
  EXPECT_EQ(packed_size(most), observe::most_packed<std::uint32_t>);
  EXPECT_EQ(packed_size(make_task_id(most, most)), observe::most_packed<TaskId>);
  EXPECT_EQ(packed_size(Duration::min()), observe::most_packed<Duration>);
  const schedule::Submitted largest{
      make_task_id(most, most), most,           most, most, most, most, std::numeric_limits<int>::min(),
      Duration::min(),          Duration::max()};
  EXPECT_EQ(packed_size(largest), observe::most_packed<schedule::Submitted>);
  EXPECT_EQ(packed_size(schedule::Event(largest)), observe::most_packed<schedule::Event>);
  const schedule::Dispatch dispatch{
      MemberId{most}, make_chunk_id(most, most), make_task_id(most, most), most, most, most};
  EXPECT_EQ(packed_size(schedule::Action(dispatch)), observe::most_packed<schedule::Action>);
}

TEST(MappedFile, is_the_bytes_of_a_file) {
  const Folder folder;
  write_file(folder / "a", "some bytes");
  const observe::MappedFile file(folder / "a");
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()),
            "some bytes");
  write_file(folder / "empty", "");
  EXPECT_TRUE(observe::MappedFile(folder / "empty").bytes().empty());
}

TEST(MappedFile, refuses_what_is_no_file) {
  const Folder folder;
  EXPECT_EQ(error_of([&] { observe::MappedFile(folder / "none"); }),
            "cannot read " + (folder / "none") + ": No such file or directory");
  EXPECT_EQ(error_of([&] { observe::MappedFile(folder.path()); }),
            "cannot read " + folder.path() + ": it is no ordinary file");
}

}  // namespace
}  // namespace acre::test
