#include "support.hpp"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace acre::campaign::test {

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

Identity some_identity() {
  return {.name = "pi",
          .version = 3,
          .seed = 1,
          .parameters_schema = {"Setup", {{"rate", wire::Scalar::f64, {}}, {"grid", wire::Scalar::i32, {2}}}},
          .parameters = pack(0.5, std::int32_t{4}, std::int32_t{-8})};
}

StageInfo pi_stage() {
  return {.name = "pi",
          .input = {"u64", {{"samples", wire::Scalar::u64, {}}}},
          .result = {"Hits", {{"inside", wire::Scalar::u64, {}}, {"samples", wire::Scalar::u64, {}}}}};
}

bool append_pi(Journal& journal, std::uint32_t stage, std::uint64_t index, const std::string& host) {
  const std::uint64_t input = 1000 + index;
  const Bytes result = pack(3 * index, 4 * index);
  Row row;
  row.stage = stage;
  row.index = index;
  row.input_digest = input_digest(bytes_of(input));
  row.input = bytes_of(input);
  row.result = result;
  row.execution = {.attempt = 1,
                   .worker = static_cast<std::uint32_t>(index % 7),
                   .rank = static_cast<std::int32_t>(index % 3),
                   .host = host,
                   .start_ns = static_cast<std::int64_t>(5000 + index),
                   .run_ns = 17};
  return journal.append(row);
}

void append_failure(Journal& journal, std::uint32_t stage, std::uint64_t index, const Failure& failure) {
  const std::uint64_t input = 1000 + index;
  Row row;
  row.stage = stage;
  row.index = index;
  row.input_digest = input_digest(bytes_of(input));
  row.input = bytes_of(input);
  row.failure = failure;
  row.execution.host = "node1";
  journal.append(row);
}

bool is_pi(const Row& row, std::uint64_t index) {
  const std::uint64_t input = 1000 + index;
  return row.index == index && !row.failure && row.input_digest == input_digest(bytes_of(input)) &&
         row.input.size() == 8 && unpack<std::uint64_t>(row.input) == input && row.result.size() == 16 &&
         unpack<std::uint64_t>(row.result) == 3 * index &&
         unpack<std::uint64_t>(row.result, 8) == 4 * index && row.execution.worker == index % 7 &&
         row.execution.rank == static_cast<std::int32_t>(index % 3) && row.execution.attempt == 1 &&
         row.execution.run_ns == 17 && row.execution.start_ns == static_cast<std::int64_t>(5000 + index);
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

pid_t in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int code = 99;
  try {
    code = body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
  }
  ::_exit(code);
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string output_of(const std::string& command, int& code) {
  FILE* const pipe = ::popen(("(" + command + ") 2>&1").c_str(), "r");
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  const int status = ::pclose(pipe);
  code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

}  // namespace acre::campaign::test
