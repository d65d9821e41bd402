// What the tests of the campaign's storage share.
#pragma once

#include <sys/types.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include <acre/base/error.hpp>
#include <acre/campaign/journal.hpp>

#include "support/folder.hpp"

namespace acre::campaign::test {

using acre::test::Folder;

/// Packs values one after the other, as a codec would.
template <class... T>
Bytes pack(const T&... values) {
  static_assert((std::is_trivially_copyable_v<T> && ...));
  Bytes out((sizeof(T) + ... + 0));
  std::size_t at = 0;
  ((std::memcpy(out.data() + at, &values, sizeof values), at += sizeof values), ...);
  return out;
}

template <class T>
T unpack(ByteView bytes, std::size_t at = 0) {
  T value;
  std::memcpy(&value, bytes.subspan(at).data(), sizeof value);
  return value;
}

/// The sentence of the acre::Error that `action` throws, "" if it throws none.
std::string error_of(const std::function<void()>& action);

Identity some_identity();

/// Stage "pi": input samples:u64, result inside:u64, samples:u64.
StageInfo pi_stage();

/// Appends row `index` of the stage "pi", whose content follows from the index.
bool append_pi(Journal& journal, std::uint32_t stage, std::uint64_t index, const std::string& host = "node1");
void append_failure(Journal& journal, std::uint32_t stage, std::uint64_t index, const Failure& failure);
/// Whether a row read back is what append_pi() appended.
bool is_pi(const Row& row, std::uint64_t index);

std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);

/// Runs `body` in a forked child that ends with the code it returns; the parent goes on with the child's pid.
pid_t in_child(const std::function<int()>& body);
/// Waits for a child; its exit code, or minus the signal that ended it.
int wait_for(pid_t child);

/// Runs a command and returns what it prints (both streams); `code` gets its exit code.
std::string output_of(const std::string& command, int& code);

}  // namespace acre::campaign::test
