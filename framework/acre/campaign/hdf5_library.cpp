#include <algorithm>
#include <string_view>

#include <acre/base/error.hpp>
#include <acre/campaign/hdf5_library.hpp>

namespace acre::campaign::hdf5 {
namespace {

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// The innermost message; of a failed system call only the system's words, the rest being addresses.
std::string reason() {
  std::string text;
  const auto take_first = [](unsigned depth, const H5E_error2_t* error, void* out) -> herr_t {
    if (depth == 0 && error->desc != nullptr) *static_cast<std::string*>(out) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &text);
  constexpr std::string_view quote = "error message = '";
  const std::size_t start = text.find(quote);
  if (start == text.npos) return text.empty() ? "no reason given" : text;
  const std::size_t from = start + quote.size();
  return text.substr(from, text.find('\'', from) - from);
}

Handle scalar_space() { return own(H5Screate(H5S_SCALAR), H5Sclose, "make a data space"); }

Handle array_space(const std::vector<hsize_t>& extent) {
  return own(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr), H5Sclose,
             "make a data space");
}

void write_attribute(hid_t object, const char* name, hid_t type, const void* value) {
  const Handle attribute = own(H5Acreate2(object, name, type, scalar_space(), H5P_DEFAULT, H5P_DEFAULT),
                               H5Aclose, "create an attribute");
  check(H5Awrite(attribute, type, value), "write an attribute");
}

void write_dataset(hid_t group, const char* name, hid_t type, hid_t space, const void* value) {
  const Handle dataset = own(H5Dcreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                             H5Dclose, "create a dataset");
  check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value), "write a dataset");
}

Handle copy_type(hid_t type) { return own(H5Tcopy(type), H5Tclose, "copy a type"); }

Handle boolean_type() {
  Handle type = own(H5Tenum_create(H5T_STD_I8LE), H5Tclose, "make the type of booleans");
  for (const auto& [name, value] : {std::pair{"FALSE", std::int8_t{0}}, std::pair{"TRUE", std::int8_t{1}}}) {
    check(H5Tenum_insert(type, name, &value), "make the type of booleans");
  }
  return type;
}

Handle complex_type(hid_t part) {
  const std::size_t size = H5Tget_size(part);
  Handle type = own(H5Tcreate(H5T_COMPOUND, 2 * size), H5Tclose, "make the type of complex numbers");
  check(H5Tinsert(type, "r", 0, part), "make the type of complex numbers");
  check(H5Tinsert(type, "i", size, part), "make the type of complex numbers");
  return type;
}

/// Chunk of about 512 KiB (the library's chunk cache holds 1 MiB): whole rows if they fit, parts of one if
/// not.
std::vector<hsize_t> chunk_for(std::size_t element, const std::vector<std::uint64_t>& shape,
                               std::uint64_t rows) {
  constexpr std::uint64_t target = std::uint64_t{512} << 10;
  std::vector<hsize_t> chunk{1};
  chunk.insert(chunk.end(), shape.begin(), shape.end());
  const auto bytes = [&] {
    std::uint64_t product = element;
    for (const hsize_t extent : chunk) product *= extent;
    return product;
  };
  while (bytes() > target) {
    hsize_t& largest = *std::max_element(chunk.begin(), chunk.end());
    if (largest == 1) break;
    largest = (largest + 1) / 2;
  }
  chunk[0] = std::clamp<std::uint64_t>(target / bytes(), 1, std::max<std::uint64_t>(rows, 1));
  return chunk;
}

}  // namespace

Session::Session() : lock_(library_mutex()) {
  H5open();
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Session::~Session() { H5Eset_auto2(H5E_DEFAULT, print_, print_data_); }

void check(herr_t status, const char* doing) {
  if (status < 0) throw Error(std::string("HDF5 cannot ") + doing + ": " + reason());
}

Handle own(hid_t id, Handle::Close close, const char* doing) {
  if (id < 0) check(-1, doing);
  return {id, close};
}

void Handle::close(const char* doing) {
  if (id_ >= 0) check(close_(std::exchange(id_, -1)), doing);
}

Handle element_type(wire::Scalar scalar) {
  switch (scalar) {
    case wire::Scalar::boolean:
      return boolean_type();
    case wire::Scalar::i8:
      return copy_type(H5T_STD_I8LE);
    case wire::Scalar::u8:
      return copy_type(H5T_STD_U8LE);
    case wire::Scalar::i16:
      return copy_type(H5T_STD_I16LE);
    case wire::Scalar::u16:
      return copy_type(H5T_STD_U16LE);
    case wire::Scalar::i32:
      return copy_type(H5T_STD_I32LE);
    case wire::Scalar::u32:
      return copy_type(H5T_STD_U32LE);
    case wire::Scalar::i64:
      return copy_type(H5T_STD_I64LE);
    case wire::Scalar::u64:
      return copy_type(H5T_STD_U64LE);
    case wire::Scalar::f32:
      return copy_type(H5T_IEEE_F32LE);
    case wire::Scalar::f64:
      return copy_type(H5T_IEEE_F64LE);
    case wire::Scalar::c64:
      return complex_type(H5T_IEEE_F32LE);
    case wire::Scalar::c128:
      return complex_type(H5T_IEEE_F64LE);
  }
  throw Error("HDF5 cannot store an unknown element type");
}

std::optional<wire::Scalar> scalar_of(hid_t type) {
  for (std::uint8_t number = 0; number <= static_cast<std::uint8_t>(wire::Scalar::c128); ++number) {
    const wire::Scalar scalar{number};
    if (H5Tequal(type, element_type(scalar)) > 0) return scalar;
  }
  return std::nullopt;
}

Handle text_type() {
  Handle type = copy_type(H5T_C_S1);
  check(H5Tset_size(type, H5T_VARIABLE), "make the type of texts");
  check(H5Tset_cset(type, H5T_CSET_UTF8), "make the type of texts");
  return type;
}

Handle text_type(std::size_t size) {
  Handle type = copy_type(H5T_C_S1);
  check(H5Tset_size(type, size), "make the type of texts");
  check(H5Tset_strpad(type, H5T_STR_NULLPAD), "make the type of texts");
  check(H5Tset_cset(type, H5T_CSET_UTF8), "make the type of texts");
  return type;
}

void set_attribute(hid_t object, const char* name, const std::string& text) {
  const char* value = text.c_str();
  write_attribute(object, name, text_type(), &value);
}

void set_attribute(hid_t object, const char* name, std::int32_t value) {
  write_attribute(object, name, element_type(wire::Scalar::i32), &value);
}

void write_value(hid_t group, const char* name, const std::string& text) {
  const char* value = text.c_str();
  write_dataset(group, name, text_type(), scalar_space(), &value);
}

void write_value(hid_t group, const char* name, const std::vector<std::string>& texts) {
  std::vector<const char*> values;
  for (const std::string& text : texts) values.push_back(text.c_str());
  write_dataset(group, name, text_type(), array_space({texts.size()}), values.data());
}

void write_value(hid_t group, const wire::Column& column, const void* value) {
  const std::vector<hsize_t> shape(column.shape.begin(), column.shape.end());
  write_dataset(group, column.name.c_str(), element_type(column.scalar),
                shape.empty() ? scalar_space() : array_space(shape), value);
}

Handle create_group(hid_t parent, const std::string& name) {
  const Handle how = own(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "make a property list");
  check(H5Pset_link_creation_order(how, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
        "keep the order of members");
  return own(H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, how, H5P_DEFAULT), H5Gclose, "create a group");
}

GrowingDataset::GrowingDataset(hid_t group, const std::string& name, Handle type,
                               const std::vector<std::uint64_t>& shape, std::uint64_t expected_rows)
    : type_(std::move(type)), extent_{0} {
  extent_.insert(extent_.end(), shape.begin(), shape.end());
  std::vector<hsize_t> most = extent_;
  most[0] = H5S_UNLIMITED;
  const std::vector<hsize_t> chunk = chunk_for(H5Tget_size(type_), shape, expected_rows);
  const int rank = static_cast<int>(extent_.size());
  const Handle space =
      own(H5Screate_simple(rank, extent_.data(), most.data()), H5Sclose, "make a data space");
  const Handle how = own(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "make a property list");
  check(H5Pset_chunk(how, rank, chunk.data()), "set the chunk of a dataset");
  dataset_ = own(H5Dcreate2(group, name.c_str(), type_, space, H5P_DEFAULT, how, H5P_DEFAULT), H5Dclose,
                 "create a dataset");
}

void GrowingDataset::append(const void* rows, std::uint64_t count) {
  if (count == 0) return;
  std::vector<hsize_t> start(extent_.size(), 0);
  std::vector<hsize_t> piece = extent_;
  start[0] = extent_[0];
  piece[0] = count;
  extent_[0] += count;
  check(H5Dset_extent(dataset_, extent_.data()), "extend a dataset");
  const Handle file = own(H5Dget_space(dataset_), H5Sclose, "read the extent of a dataset");
  check(H5Sselect_hyperslab(file, H5S_SELECT_SET, start.data(), nullptr, piece.data(), nullptr),
        "select rows");
  check(H5Dwrite(dataset_, type_, array_space(piece), file, H5P_DEFAULT, rows), "write rows");
}

}  // namespace acre::campaign::hdf5
