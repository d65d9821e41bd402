#include "executor/exceptions.hpp"

#include <gtest/gtest.h>

#include <any>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <regex>
#include <system_error>
#include <variant>

namespace acre::test {
namespace {

class Unlucky : public std::runtime_error {
 public:
  explicit Unlucky(const std::string& words) : std::runtime_error("unlucky: " + words) {}
};
ACRE_EXCEPTION(Unlucky)

struct NotReady : std::exception {
  const char* what() const noexcept override { return "not ready"; }
};
ACRE_EXCEPTION(NotReady)

struct BadLine {
  int line = 0;
  std::vector<std::string> words;
  bool operator==(const BadLine&) const = default;
};
ACRE_RECORD(BadLine, line, words)
ACRE_EXCEPTION(BadLine)

class Diverged : public std::domain_error {
 public:
  Diverged() : std::domain_error("") {}
  Diverged(int iteration, double residual)
      : std::domain_error("diverged at " + std::to_string(iteration)),
        iteration_(iteration),
        residual_(residual) {}
  template <class Archive>
  void serialize(Archive& archive) {
    archive(iteration_, residual_);
  }
  std::pair<int, double> where() const { return {iteration_, residual_}; }

 private:
  int iteration_ = 0;
  double residual_ = 0;
};
ACRE_EXCEPTION(Diverged)

template <class T>
class Beyond : public std::out_of_range {
 public:
  using std::out_of_range::out_of_range;
};
using BeyondPair = Beyond<std::pair<int, int>>;
ACRE_EXCEPTION(Beyond<std::pair<int, int>>)

enum class Kind {
  unlucky,
  not_ready,
  bad_line,
  diverged,
  beyond,
  system_error,
  file_error,
  stream_error,
  future_error,
  regex_error,
  bad_alloc,
  bad_array,
  bad_cast,
  bad_any,
  bad_call,
  bad_variant,
  bad_optional,
  bad_weak,
  plain,
  foreign_category
};

class ForeignCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "foreign"; }
  std::string message(int) const override { return "who knows"; }
};

[[noreturn]] void throw_code(Kind kind) {
  static const ForeignCategory foreign;
  const std::error_code denied = std::make_error_code(std::errc::permission_denied);
  switch (kind) {
    case Kind::system_error:
      throw std::system_error(ENOSPC, std::system_category(), "writing");
    case Kind::file_error:
      throw std::filesystem::filesystem_error("copying", "/from/a", "/to/b", denied);
    case Kind::stream_error:
      throw std::ios_base::failure("reading");
    case Kind::future_error:
      throw std::future_error(std::future_errc::no_state);
    case Kind::regex_error:
      throw std::regex_error(std::regex_constants::error_brack);
    default:
      throw std::system_error(7, foreign, "asking");
  }
}

int throw_kind(Kind kind) {
  switch (kind) {
    case Kind::unlucky:
      throw Unlucky("thirteen");
    case Kind::not_ready:
      throw NotReady();
    case Kind::bad_line:
      throw BadLine{17, {"a", "", "b"}};
    case Kind::diverged:
      throw Diverged(5, 0.25);
    case Kind::beyond:
      throw BeyondPair("far");
    case Kind::bad_alloc:
      throw std::bad_alloc();
    case Kind::bad_array:
      throw std::bad_array_new_length();
    case Kind::bad_cast:
      throw std::bad_cast();
    case Kind::bad_any:
      return std::any_cast<int>(std::any(1.5));
    case Kind::bad_call:
      return std::function<int()>()();
    case Kind::bad_variant:
      return std::get<int>(std::variant<int, double>(1.5));
    case Kind::bad_optional:
      return std::optional<int>().value();
    case Kind::bad_weak:
      return *std::shared_ptr<int>(std::weak_ptr<int>());
    case Kind::plain:
      throw std::exception();
    default:
      throw_code(kind);
  }
}

// Gets the exception of this kind as an E, made by this process and with the message of the one thrown there.
template <class E>
void expect(
    Executor& executor, Kind kind, const std::function<void(const E&)>& look = [](const E&) {}) {
  SCOPED_TRACE(task::type_name(typeid(E)));
  std::string message = "(it is no std::exception and carries no message)";
  try {
    throw_kind(kind);
  } catch (const std::exception& here) {
    message = here.what();
  } catch (...) {
  }
  const auto future = executor.submit<throw_kind>(kind);
  try {
    future.get();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Thrown<E>& error) {
    EXPECT_EQ(typeid(error), typeid(Thrown<E>));
    const TaskInfo& info = error;
    EXPECT_EQ(info.message, message);
    EXPECT_EQ(info.type, task::type_name(typeid(E)));
    EXPECT_TRUE(info.causes.empty());
    if constexpr (std::is_base_of_v<std::exception, E>) {
      EXPECT_EQ(error.what(), message);
    }
    look(error);
  } catch (const TaskError& error) {
    ADD_FAILURE() << error.what();
  }
}

void expect_users_types(Executor& executor) {
  expect<Unlucky>(executor, Kind::unlucky);
  expect<NotReady>(executor, Kind::not_ready);
  expect<BeyondPair>(executor, Kind::beyond);
  expect<BadLine>(executor, Kind::bad_line, [](const BadLine& error) {
    EXPECT_EQ(error, (BadLine{17, {"a", "", "b"}}));
  });
  expect<Diverged>(executor, Kind::diverged,
                   [](const Diverged& error) { EXPECT_EQ(error.where(), std::pair(5, 0.25)); });
}

void expect_types_with_codes(Executor& executor) {
  expect<std::system_error>(executor, Kind::system_error, [](const std::system_error& error) {
    EXPECT_EQ(error.code(), std::error_code(ENOSPC, std::system_category()));
    EXPECT_EQ(error.code(), std::errc::no_space_on_device);
  });
  using FileError = std::filesystem::filesystem_error;
  expect<FileError>(executor, Kind::file_error, [](const FileError& error) {
    EXPECT_EQ(error.code(), std::errc::permission_denied);
    EXPECT_EQ(error.path1(), "/from/a");
    EXPECT_EQ(error.path2(), "/to/b");
  });
  expect<std::ios_base::failure>(executor, Kind::stream_error, [](const std::ios_base::failure& error) {
    EXPECT_EQ(error.code(), std::io_errc::stream);
  });
  expect<std::future_error>(executor, Kind::future_error, [](const std::future_error& error) {
    EXPECT_EQ(error.code(), std::future_errc::no_state);
  });
  expect<std::regex_error>(executor, Kind::regex_error, [](const std::regex_error& error) {
    EXPECT_EQ(error.code(), std::regex_constants::error_brack);
  });
  try {
    executor.submit<throw_kind>(Kind::foreign_category).get();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.type, "std::system_error");
    EXPECT_EQ(error.message, "asking: who knows");
  }
}

void expect_types_without_words(Executor& executor) {
  expect<std::bad_alloc>(executor, Kind::bad_alloc);
  expect<std::bad_array_new_length>(executor, Kind::bad_array);
  expect<std::bad_cast>(executor, Kind::bad_cast);
  expect<std::bad_any_cast>(executor, Kind::bad_any);
  expect<std::bad_function_call>(executor, Kind::bad_call);
  expect<std::bad_variant_access>(executor, Kind::bad_variant);
  expect<std::bad_optional_access>(executor, Kind::bad_optional);
  expect<std::bad_weak_ptr>(executor, Kind::bad_weak);
  expect<std::exception>(executor, Kind::plain);
}

struct Unknown {};

// An exception of each link of a chain, the innermost first.
int throw_nested(int levels) {
  try {
    if (levels > 0) throw_nested(levels - 1);
    throw BadLine{3, {"innermost"}};
  } catch (...) {
    if (levels == 0) throw;
    if (levels % 2 == 1) std::throw_with_nested(Unlucky("level " + std::to_string(levels)));
    std::throw_with_nested(Unknown{});
  }
}

std::exception_ptr nested_in_current() {
  try {
    throw;
  } catch (const std::nested_exception& outer) {
    return outer.nested_ptr();
  } catch (...) {
    return nullptr;
  }
}

// What std::rethrow_if_nested throws again and again.
std::vector<std::string> chain_of(std::exception_ptr next) {
  std::vector<std::string> links;
  while (next != nullptr) {
    try {
      std::rethrow_exception(next);
    } catch (const TaskInfo& info) {
      links.push_back(info.type + "|" + info.message);
      next = nested_in_current();
    }
  }
  return links;
}
}  // namespace

void expect_exceptions(Executor& executor) {
  expect_users_types(executor);
  expect_types_with_codes(executor);
  expect_types_without_words(executor);
}

void expect_nested_exceptions(Executor& executor) {
  const auto future = executor.submit<throw_nested>(1);
  try {
    future.get();
    FAIL() << "nothing was thrown";
  } catch (const Unlucky& outer) {
    EXPECT_STREQ(outer.what(), "unlucky: level 1");
    const auto& info = dynamic_cast<const TaskInfo&>(outer);
    EXPECT_EQ(info.type, task::type_name(typeid(Unlucky)));
    ASSERT_EQ(info.causes.size(), 1u);
    EXPECT_EQ(info.causes[0].type, task::type_name(typeid(BadLine)));
    try {
      std::rethrow_if_nested(outer);
      FAIL() << "nothing was nested";
    } catch (const BadLine& inner) {
      EXPECT_EQ(inner, (BadLine{3, {"innermost"}}));
    }
  }
  EXPECT_EQ(chain_of(executor.submit<throw_nested>(3).exception()),
            (std::vector<std::string>{
                task::type_name(typeid(Unlucky)) + "|unlucky: level 3",
                task::type_name(typeid(Unknown)) + "|(it is no std::exception and carries no message)",
                task::type_name(typeid(Unlucky)) + "|unlucky: level 1",
                task::type_name(typeid(BadLine)) + "|(it is no std::exception and carries no message)"}));
  EXPECT_EQ(chain_of(executor.submit<throw_nested>(200).exception()).size(), task::most_causes + 1);
}

int throw_code_around_record() {
  try {
    return throw_kind(Kind::bad_line);
  } catch (...) {
    std::throw_with_nested(std::system_error(ENOSPC, std::system_category(), "writing"));
  }
}

int expect_code_around_record(const Future<int>& future) {
  try {
    future.get();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::error_code(ENOSPC, std::system_category()));
    EXPECT_STREQ(error.what(), "writing: No space left on device");
    EXPECT_THROW(std::rethrow_if_nested(error), BadLine);
    return dynamic_cast<const TaskInfo&>(error).rank;
  }
  return -1;
}

}  // namespace acre::test
