// Records packed small: integers in 7 bits a byte with the high bit on all but the last (LEB128), signed ones
// and times in zigzag first, an id as slot and generation, a variant as its index and what it holds. An event
// with its actions takes a third of what fixed widths take, and writing a log costs what its bytes cost.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <acre/schedule/events.hpp>
#include <acre/wire/reader.hpp>
#include <acre/wire/record.hpp>

namespace acre::observe {

template <class T>
concept wide_id = std::same_as<T, TaskId> || std::same_as<T, ChunkId>;

/// The most bytes that a value packs into. Pure.
template <class T>
inline constexpr std::size_t most_packed = (8 * sizeof(T) + 6) / 7;
template <class... Field>
inline constexpr std::size_t most_packed<wire::Types<Field...>> = (std::size_t{0} + ... + most_packed<Field>);
template <wire::record T>
inline constexpr std::size_t most_packed<T> = most_packed<wire::RecordFields<T>>;
template <class... Kind>
inline constexpr std::size_t most_packed<std::variant<Kind...>> = 1 + std::max({most_packed<Kind>...});

/// Writes into memory that has room for it. One thread at a time; nothing blocks; throws only for a variant
/// without a value.
class Packer {
 public:
  explicit Packer(std::byte* to) noexcept : at_(to) {}

  /// Where the next byte goes.
  std::byte* at() const noexcept { return at_; }

  void integer(std::uint64_t value) noexcept {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<std::byte>(value | 0x80);
    *at_++ = static_cast<std::byte>(value);
  }
  void integer(std::int64_t value) noexcept {
    integer((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  template <class T>
  void pack(const T& value) noexcept {
    if constexpr (wire::record<T>) {
      wire::with_fields(value, [&](const auto&... field) { (pack(field), ...); });
    } else if constexpr (wide_id<T>) {
      integer(std::uint64_t{slot_of(value)});
      integer(static_cast<std::uint64_t>(value) >> 32);
    } else if constexpr (std::same_as<T, Duration>) {
      integer(std::int64_t{value.count()});
    } else if constexpr (std::is_enum_v<T>) {
      integer(std::uint64_t{static_cast<std::underlying_type_t<T>>(value)});
    } else if constexpr (std::is_signed_v<T>) {
      integer(std::int64_t{value});
    } else {
      integer(std::uint64_t{value});
    }
  }
  template <class... Kind>
  void pack(const std::variant<Kind...>& value) {
    integer(std::uint64_t{value.index()});
    std::visit([&](const auto& held) { pack(held); }, value);
  }

 private:
  std::byte* at_;
};

/// Takes values out again. One thread at a time; nothing blocks; throws wire::DecodeError for bytes that hold
/// no such value.
class Unpacker {
 public:
  explicit Unpacker(ByteView packed) noexcept : reader_(packed) {}

  /// Throws unless everything was taken.
  void expect_end() const { reader_.expect_end(); }

  /// A number of values that follow, of at least a byte each: safe to allocate for.
  std::size_t count() {
    const std::uint64_t count = raw();
    if (count > reader_.remaining()) throw wire::DecodeError("it names more values than it has bytes");
    return static_cast<std::size_t>(count);
  }
  template <std::integral T>
  T integer() {
    const std::uint64_t code = raw();
    if constexpr (std::is_signed_v<T>)
      return narrow<T>(static_cast<std::int64_t>((code >> 1) ^ (~(code & 1) + 1)));
    else
      return narrow<T>(code);
  }
  template <class T>
  T unpack() {
    if constexpr (wire::record<T>) {
      return fields<T>(wire::RecordFields<T>{});
    } else if constexpr (wide_id<T>) {
      const auto slot = integer<std::uint32_t>();
      return static_cast<T>((std::uint64_t{integer<std::uint32_t>()} << 32) | slot);
    } else if constexpr (std::same_as<T, Duration>) {
      return Duration(integer<Duration::rep>());
    } else if constexpr (std::same_as<T, schedule::Reason>) {
      const auto reason = static_cast<T>(integer<std::underlying_type_t<T>>());
      if (reason > schedule::Reason::drained) throw wire::DecodeError("a reason is unknown");
      return reason;
    } else if constexpr (std::is_enum_v<T>) {
      return static_cast<T>(integer<std::underlying_type_t<T>>());
    } else {
      return integer<T>();
    }
  }
  template <class... Kind>
  void unpack(std::variant<Kind...>& value) {
    const auto index = integer<std::uint64_t>();
    std::size_t kind = 0;
    const bool known = ((kind++ == index && (value = unpack<Kind>(), true)) || ...);
    if (!known) throw wire::DecodeError("no kind has the number " + std::to_string(index));
  }

 private:
  std::uint64_t raw() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = reader_.number<std::uint8_t>();
      if (shift == 63 && byte > 1) break;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    throw wire::DecodeError("an integer has more than 64 bits");
  }
  template <class T, class Wide>
  static T narrow(Wide value) {
    if (value < static_cast<Wide>(std::numeric_limits<T>::min()) ||
        value > static_cast<Wide>(std::numeric_limits<T>::max()))
      throw wire::DecodeError("an integer is out of range");
    return static_cast<T>(value);
  }
  template <class T, class... Field>
  T fields(wire::Types<Field...>) {
    return T{unpack<Field>()...};  // braces: from left to right
  }

  wire::Reader reader_;
};

}  // namespace acre::observe
