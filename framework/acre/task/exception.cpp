#include <cxxabi.h>

#include <exception>
#include <string_view>

#include <acre/task/exception.hpp>
#include <acre/task/hook.hpp>
#include <acre/task/standard_exceptions.hpp>

namespace acre::task {
namespace {

std::atomic<const ExceptionKind*>& first_kind() {
  static std::atomic<const ExceptionKind*> first = nullptr;
  return first;
}

// std::throw_with_nested throws a type of libstdc++'s own, derived from the thrown one and nested_exception.
const std::type_info& without_nesting(const std::type_info& type) {
  const auto* derived = dynamic_cast<const abi::__vmi_class_type_info*>(&type);
  if (derived == nullptr || derived->__base_count != 2) return type;
  return type_name(type).starts_with("std::_Nested_exception<") ? *derived->__base_info[0].__base_type : type;
}

std::string message_of_current() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what() == nullptr ? "" : error.what();
  } catch (const std::string& text) {
    return text;
  } catch (const char* text) {
    return text == nullptr ? "" : text;
  } catch (...) {
    return "(it is no std::exception and carries no message)";
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
}  // namespace

void add_kind(ExceptionKind& kind) noexcept {
  kind.next = first_kind().load();
  while (!first_kind().compare_exchange_weak(kind.next, &kind)) continue;
}

const ExceptionKind* kind_of(const std::type_info& type) {
  for (const ExceptionKind& kind : standard_exceptions())
    if (*kind.type == type) return &kind;
  for (const ExceptionKind* kind = first_kind().load(); kind != nullptr; kind = kind->next)
    if (*kind->type == type) return kind;
  return nullptr;
}

const ExceptionKind* kind_named(const std::string& name) {
  for (const ExceptionKind& kind : standard_exceptions())
    if (type_name(*kind.type) == name) return &kind;
  const ExceptionKind* found = nullptr;
  for (const ExceptionKind* kind = first_kind().load(); kind != nullptr; kind = kind->next) {
    if (type_name(*kind->type) != name) continue;
    if (found != nullptr && *found->type != *kind->type) return nullptr;
    found = kind;
  }
  return found;
}

Caught describe_current_exception() {
  const std::type_info* thrown = abi::__cxa_current_exception_type();
  if (thrown == nullptr) return {"an exception of a foreign language", message_of_current()};
  const std::type_info& type = without_nesting(*thrown);
  Caught caught{type_name(type), message_of_current()};
  const ExceptionKind* kind = kind_of(type);
  if (kind == nullptr) return caught;
  try {
    kind->describe(caught);
  } catch (...) {
    caught.state.clear();  // it cannot be encoded: then its words are all that travels
  }
  return caught;
}

Bytes detail_of_current_exception(Bytes state) {
  ThrownDetail detail{std::move(state), {}};
  for (std::exception_ptr cause = nested_in_current(); cause && detail.causes.size() < most_causes;) {
    try {
      std::rethrow_exception(cause);
    } catch (...) {
      detail.causes.push_back(describe_current_exception());
      cause = nested_in_current();
    }
  }
  if (detail.state.empty() && detail.causes.empty()) return {};
  return wire::to_bytes(detail);
}

}  // namespace acre::task
