// HDF5's calls, checked: each throws acre::Error with the library's own words; destructors use unchecked
// twins.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <acre/wire/schema.hpp>

namespace acre::campaign::hdf5 {

/// While it lives this thread alone is in HDF5 (as far as acre goes) and the library prints nothing.
class Session {
 public:
  Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

 private:
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// Owns one identifier.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }  // NOLINT: an identifier is what the library's calls take
  /// Closes now, and throws if that fails; `doing` as below.
  void close(const char* doing);

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// Throws acre::Error("HDF5 cannot <doing>: <reason>") for a negative status or identifier.
void check(herr_t status, const char* doing);
Handle own(hid_t id, Handle::Close close, const char* doing);

/// Element types as they stand in the file: little-endian, booleans and complex numbers as h5py has them.
Handle element_type(wire::Scalar scalar);
/// UTF-8: of any length, or padded with zeros to `size` bytes.
Handle text_type();
Handle text_type(std::size_t size);
/// The element type that is stored like this; none if it is not one of acre's.
std::optional<wire::Scalar> scalar_of(hid_t type);

/// Sets an attribute of an object; the library keeps them below 64 KiB.
void set_attribute(hid_t object, const char* name, const std::string& text);
void set_attribute(hid_t object, const char* name, std::int32_t value);

/// Creates a dataset of fixed size: one text, a list of texts, one value of a column.
void write_value(hid_t group, const char* name, const std::string& text);
void write_value(hid_t group, const char* name, const std::vector<std::string>& texts);
void write_value(hid_t group, const wire::Column& column, const void* value);

/// A new group that remembers the order of its members.
Handle create_group(hid_t parent, const std::string& name);

/// A dataset that grows by rows.
class GrowingDataset {
 public:
  /// `shape` is that of one row; chunks fit `expected_rows` and about 512 KiB.
  GrowingDataset(hid_t group, const std::string& name, Handle type, const std::vector<std::uint64_t>& shape,
                 std::uint64_t expected_rows);
  void append(const void* rows, std::uint64_t count);

 private:
  Handle type_;
  Handle dataset_;
  std::vector<hsize_t> extent_;
};

}  // namespace acre::campaign::hdf5
