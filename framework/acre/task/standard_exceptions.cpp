#include <acre/task/standard_exceptions.hpp>

#include <any>
#include <array>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <memory>
#include <optional>
#include <regex>
#include <stdexcept>
#include <system_error>
#include <variant>

#include <acre/base/error.hpp>

namespace acre::task {
namespace {

// A code travels as the name of its category and its number.
struct Code {
  std::string category;
  std::int32_t value = 0;
};
ACRE_RECORD(Code, category, value)

// What a std::filesystem::filesystem_error holds.
struct FileTrouble {
  Code code;
  std::string path1, path2;
};
ACRE_RECORD(FileTrouble, code, path1, path2)

Code as_data(const std::error_code& code) { return {code.category().name(), code.value()}; }

// A category of a library is not known here by its name: then the exception cannot be made.
std::error_code code_of(const Code& code) {
  for (const std::error_category* category : {&std::generic_category(), &std::system_category(),
                                              &std::iostream_category(), &std::future_category()})
    if (code.category == category->name()) return {code.value, *category};
  throw Error("there is no error category " + code.category);
}

// How one type is taken apart and made again.
template <class E>
struct Standard {
  static void take(const E&, Caught&) {}
  static E make(const TaskInfo& info, ByteView) {
    if constexpr (std::is_constructible_v<E, const std::string&>)
      return E(info.message);
    else
      return E();
  }
};

template <class E>
requires requires(std::error_code code) { E(code, std::string()); }
struct Standard<E> {
  static void take(const E& error, Caught& caught) { caught.state = wire::to_bytes(as_data(error.code())); }
  static E make(const TaskInfo& info, ByteView state) {
    return E(code_of(wire::from_bytes<Code>(state)), info.message);
  }
};

template <>
struct Standard<std::ios_base::failure> {
  using E = std::ios_base::failure;
  static void take(const E& error, Caught& caught) { caught.state = wire::to_bytes(as_data(error.code())); }
  static E make(const TaskInfo& info, ByteView state) {
    return E(info.message, code_of(wire::from_bytes<Code>(state)));
  }
};

template <>
struct Standard<std::filesystem::filesystem_error> {
  using E = std::filesystem::filesystem_error;
  static void take(const E& error, Caught& caught) {
    caught.state =
        wire::to_bytes(FileTrouble{as_data(error.code()), error.path1().native(), error.path2().native()});
  }
  static E make(const TaskInfo& info, ByteView state) {
    const auto trouble = wire::from_bytes<FileTrouble>(state);
    return {info.message, trouble.path1, trouble.path2, code_of(trouble.code)};
  }
};

template <>
struct Standard<std::future_error> {
  using E = std::future_error;
  static void take(const E& error, Caught& caught) {
    caught.state = wire::to_bytes(std::int32_t{error.code().value()});
  }
  static E make(const TaskInfo&, ByteView state) {
    return E(static_cast<std::future_errc>(wire::from_bytes<std::int32_t>(state)));
  }
};

template <>
struct Standard<std::regex_error> {
  using E = std::regex_error;
  static void take(const E& error, Caught& caught) {
    caught.state = wire::to_bytes(static_cast<std::int32_t>(error.code()));
  }
  static E make(const TaskInfo&, ByteView state) {
    return E(static_cast<std::regex_constants::error_type>(wire::from_bytes<std::int32_t>(state)));
  }
};

template <class E>
void describe(Caught& caught) {
  try {
    throw;
  } catch (const E& error) {
    Standard<E>::take(error, caught);
  }
}

template <class E>
void raise(const TaskInfo& info, ByteView state, bool nested) {
  std::optional<E> made;
  try {
    made.emplace(Standard<E>::make(info, state));
  } catch (const std::exception&) {
    return;  // of damaged bytes, or an unknown category
  }
  throw_made(std::move(*made), info, nested);
}

template <class E>
constexpr ExceptionKind kind{&typeid(E), &describe<E>, &raise<E>, nullptr};

template <class... E>
constexpr std::array<ExceptionKind, sizeof...(E)> kinds{kind<E>...};
}  // namespace

std::span<const ExceptionKind> standard_exceptions() noexcept {
  return kinds<std::runtime_error, std::logic_error, std::invalid_argument, std::domain_error,
               std::length_error, std::out_of_range, std::range_error, std::overflow_error,
               std::underflow_error, std::exception, std::bad_alloc, std::bad_array_new_length, std::bad_cast,
               std::bad_typeid, std::bad_exception, std::bad_any_cast, std::bad_function_call,
               std::bad_optional_access, std::bad_variant_access, std::bad_weak_ptr, std::system_error,
               std::ios_base::failure, std::filesystem::filesystem_error, std::future_error,
               std::regex_error>;
}

}  // namespace acre::task
