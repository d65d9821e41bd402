// ACRE_RECORD: names the fields of a struct once, for the codec, the columns of result files, and messages.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <acre/wire/encodable.hpp>

namespace acre::wire {

/// What ACRE_RECORD knows of the struct `S`: its name and its fields' names and types. `Access` calls a
/// function with all fields of an object.
template <class S, class Access, class FieldTypes>
struct RecordInfo;
template <class S, class Access, class... Field>
struct RecordInfo<S, Access, Types<Field...>> {
  using Self = S;
  using Fields = Types<Field...>;
  static constexpr bool has_array = (std::is_array_v<Field> || ...);
  static constexpr bool has_reference = (std::is_reference_v<Field> || ...);

  std::string_view name;
  std::array<std::string_view, sizeof...(Field)> field_names;
  std::array<std::size_t, sizeof...(Field)> offsets;

  template <class Object, class Visit>
  static constexpr decltype(auto) visit(Object& object, Visit&& visitor) {
    return Access{}(object, std::forward<Visit>(visitor));
  }
};

namespace detail {

template <class T>
using InfoOf = decltype(acre_record(static_cast<const T*>(nullptr)));

/// Stands for a value of type T and nothing it converts to.
template <class T>
struct Exactly {
  template <std::same_as<T> U>
  operator U() const;  // NOLINT(google-explicit-constructor): brace-initialisation is to find it
};

struct Anything {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor): as above
};

/// With all fields given in order, S can be built from them and from not one value more.
template <class S, class... Field>
constexpr bool fields_build(Types<Field...>) {
  if constexpr (requires { S{Exactly<std::remove_cvref_t<Field>>{}...}; }) return !requires {
      S{Exactly<std::remove_cvref_t<Field>>{}..., {}};
    }
  &&!requires { S{Exactly<std::remove_cvref_t<Field>>{}..., Anything{}}; };
  else return false;
}

template <class S>
constexpr bool names_every_field() {
  using Info = InfoOf<S>;
  if constexpr (!std::is_aggregate_v<S> || Info::has_array || Info::has_reference)
    return true;  // refused with other words
  else
    return fields_build<S>(typename Info::Fields{}) &&
           std::ranges::is_sorted(acre_record(static_cast<const S*>(nullptr)).offsets, std::less_equal{});
}

}  // namespace detail

/// T is a struct whose fields ACRE_RECORD has named. A class derived from one is none.
template <class T>
concept record = std::is_class_v<T> && requires {
  requires std::same_as<typename detail::InfoOf<T>::Self, T>;
};

/// The types of the fields, in order, as Types<…>.
template <record T>
using RecordFields = typename detail::InfoOf<T>::Fields;

/// The name of a record as ACRE_RECORD was given it.
template <record T>
constexpr std::string_view record_name() {
  return acre_record(static_cast<const T*>(nullptr)).name;
}

/// The names of the fields, in order.
template <record T>
constexpr auto record_names() {
  return acre_record(static_cast<const T*>(nullptr)).field_names;
}

/// Calls `f(field, field, …)` with references to all fields of `value` (const if it is), and returns what f
/// returns.
template <class T, class F>
requires record<std::remove_const_t<T>>
constexpr decltype(auto) with_fields(T& value, F&& f) {
  return detail::InfoOf<std::remove_const_t<T>>::visit(value, std::forward<F>(f));
}

/// Calls `f(name, field)` for every field of `value` in order, with a std::string_view and a reference.
template <class T, class F>
requires record<std::remove_const_t<T>>
constexpr void for_each_field(T& value, F&& f) {
  with_fields(value, [&](auto&... field) {
    constexpr auto names = record_names<std::remove_const_t<T>>();
    [[maybe_unused]] std::size_t i = 0;
    (f(names[i++], field), ...);
  });
}

/// The fields one after the other, nothing between them.
template <record T>
struct Codec<T> {
  using Parts = RecordFields<T>;
  static constexpr Width width() { return sum(Parts{}); }
  /// Without padding the memory is the encoding.
  static constexpr bool flat() { return all_flat(Parts{}) && width().least == sizeof(T); }

  static void encode(Writer& writer, const T& value) {
    if constexpr (width().fixed) {
      encode_fields(writer, value);
    } else {  // only such a record can hold records of its own type
      const Nesting level(writer);
      encode_fields(writer, value);
    }
  }
  static T decode(Reader& reader) {
    if constexpr (width().fixed) {
      return decode_fields(reader, Parts{});
    } else {
      const Nesting level(reader);
      return decode_fields(reader, Parts{});
    }
  }

 private:
  template <class... Field>
  static constexpr Width sum(Types<Field...>) {
    return (Width{0, true} + ... + width_of<std::remove_cv_t<Field>>());
  }
  template <class... Field>
  static constexpr bool all_flat(Types<Field...>) {
    return (is_flat<std::remove_cv_t<Field>>() && ...);
  }
  static void encode_fields([[maybe_unused]] Writer& writer, const T& value) {
    with_fields(value,
                [&]<class... Field>(const Field&... field) { (Codec<Field>::encode(writer, field), ...); });
  }
  template <class... Field>
  static T decode_fields([[maybe_unused]] Reader& reader, Types<Field...>) {
    return T{Codec<std::remove_cv_t<Field>>::decode(reader)...};  // braces: from left to right
  }
};

}  // namespace acre::wire

/// Lists the fields of the struct `Type`, all of them and in order, so that its values can cross processes
/// and be columns of a result file. Stands at namespace scope after the struct, in the struct's namespace. A
/// field left out is a compile error. An instance of a template gets a name by `using` first.
#define ACRE_RECORD(Type, ...)                                                                              \
  ACRE_RECORD_INFO(Type __VA_OPT__(, ) __VA_ARGS__)                                                         \
  static_assert(std::is_aggregate_v<Type>,                                                                  \
                "acre: ACRE_RECORD(" #Type ", ...) needs a plain struct: public fields, no constructors."); \
  static_assert(!::acre::wire::detail::InfoOf<Type>::has_array,                                             \
                "acre: ACRE_RECORD(" #Type ", ...) has a C array: make it a std::array.");                  \
  static_assert(::acre::wire::detail::names_every_field<Type>(),                                            \
                "acre: ACRE_RECORD(" #Type                                                                  \
                ", ...) must name every field of the struct once, in the order of"                          \
                " their declaration, and a base class must become a field.");

// offsetof is allowed for every struct by the compilers there are, and serves only to see the order of the
// fields.
#define ACRE_RECORD_INFO(Type, ...)                                                           \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Winvalid-offsetof\"")     \
      [[maybe_unused]] constexpr auto                                                         \
      acre_record(const Type*) {                                                              \
    using Self = Type;                                                                        \
    constexpr auto access = []([[maybe_unused]] auto& self, auto&& visit) -> decltype(auto) { \
      return visit(ACRE_FOR_EACH(ACRE_RECORD_FIELD, __VA_ARGS__));                            \
    };                                                                                        \
    using Fields = ::acre::wire::Types<ACRE_FOR_EACH(ACRE_RECORD_TYPE, __VA_ARGS__)>;         \
    return ::acre::wire::RecordInfo<Self, std::remove_const_t<decltype(access)>, Fields>{     \
        #Type,                                                                                \
        {ACRE_FOR_EACH(ACRE_RECORD_NAME, __VA_ARGS__)},                                       \
        {ACRE_FOR_EACH(ACRE_RECORD_OFFSET, __VA_ARGS__)}};                                    \
  }                                                                                           \
  _Pragma("GCC diagnostic pop")

#define ACRE_RECORD_FIELD(field) self.field
#define ACRE_RECORD_TYPE(field) decltype(Self::field)
#define ACRE_RECORD_NAME(field) #field
#define ACRE_RECORD_OFFSET(field) offsetof(Self, field)

// macro(a), macro(b), …: each rescan of ACRE_EXPAND unrolls one more step, up to 340 fields.
#define ACRE_FOR_EACH(macro, ...) __VA_OPT__(ACRE_EXPAND(ACRE_FOR_EACH_STEP(macro, __VA_ARGS__)))
#define ACRE_FOR_EACH_STEP(macro, first, ...) \
  macro(first) __VA_OPT__(, ACRE_FOR_EACH_AGAIN ACRE_PARENS(macro, __VA_ARGS__))
#define ACRE_FOR_EACH_AGAIN() ACRE_FOR_EACH_STEP
#define ACRE_PARENS ()
#define ACRE_EXPAND(...) ACRE_EXPAND_3(ACRE_EXPAND_3(ACRE_EXPAND_3(ACRE_EXPAND_3(__VA_ARGS__))))
#define ACRE_EXPAND_3(...) ACRE_EXPAND_2(ACRE_EXPAND_2(ACRE_EXPAND_2(ACRE_EXPAND_2(__VA_ARGS__))))
#define ACRE_EXPAND_2(...) ACRE_EXPAND_1(ACRE_EXPAND_1(ACRE_EXPAND_1(ACRE_EXPAND_1(__VA_ARGS__))))
#define ACRE_EXPAND_1(...) ACRE_EXPAND_0(ACRE_EXPAND_0(ACRE_EXPAND_0(ACRE_EXPAND_0(__VA_ARGS__))))
#define ACRE_EXPAND_0(...) __VA_ARGS__
