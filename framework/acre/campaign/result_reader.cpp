// Reads a result file again, through HDF5 alone, to compute its digests.
#include <algorithm>

#include <acre/base/error.hpp>
#include <acre/campaign/hdf5_library.hpp>
#include <acre/campaign/result_file.hpp>

namespace acre::campaign {
namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{16} << 20;

hdf5::Handle open_file(const std::string& path) {
  const hdf5::Handle access = hdf5::own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make a property list");
#if H5_VERSION_GE(1, 10, 7)
  hdf5::check(H5Pset_file_locking(access, 0, 1), "switch off file locking");
#endif
  return hdf5::own(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose, "open the file");
}

std::vector<std::string> members(hid_t group, H5_index_t order) {
  H5G_info_t info{};
  hdf5::check(H5Gget_info(group, &info), "list a group");
  std::vector<std::string> names;
  for (hsize_t n = 0; n < info.nlinks; ++n) {
    const auto name = [&](char* into, std::size_t size) {
      const ssize_t length = H5Lget_name_by_idx(group, ".", order, H5_ITER_INC, n, into, size, H5P_DEFAULT);
      if (length < 0) hdf5::check(-1, "list a group");
      return static_cast<std::size_t>(length);
    };
    std::string text(name(nullptr, 0), '\0');
    name(text.data(), text.size() + 1);
    names.push_back(std::move(text));
  }
  return names;
}

/// One field's dataset, read in pieces.
class FieldReader {
 public:
  FieldReader(hid_t group, const std::string& name)
      : dataset_(hdf5::own(H5Dopen2(group, name.c_str(), H5P_DEFAULT), H5Dclose, "open a dataset")),
        type_(hdf5::own(H5Dget_type(dataset_), H5Tclose, "read a dataset's type")),
        space_(hdf5::own(H5Dget_space(dataset_), H5Sclose, "read the extent of a dataset")),
        column_{name, wire::Scalar::u8, {}} {
    extent_.resize(static_cast<std::size_t>(std::max(H5Sget_simple_extent_ndims(space_), 0)));
    H5Sget_simple_extent_dims(space_, extent_.data(), nullptr);
    if (extent_.empty()) throw Error("dataset '" + name + "' has no rows");
    column_.shape.assign(extent_.begin() + 1, extent_.end());
    if (is_text()) return;
    const std::optional<wire::Scalar> scalar = hdf5::scalar_of(type_);
    if (!scalar) throw Error("dataset '" + name + "' has a type that acre does not write");
    column_.scalar = *scalar;
  }

  std::string digest_line() {
    FieldDigest digest = is_text() ? FieldDigest(column_.name) : FieldDigest(column_);
    const std::uint64_t width = is_text() ? sizeof(char*) : std::max<std::size_t>(column_.width(), 1);
    const std::uint64_t most = std::max<std::uint64_t>(piece_bytes / width, 1);
    for (std::uint64_t row = 0; row < extent_[0];) {
      const std::uint64_t count = std::min<std::uint64_t>(most, extent_[0] - row);
      is_text() ? feed_texts(digest, row, count) : feed_numbers(digest, row, count, width);
      row += count;
    }
    return digest.line();
  }

 private:
  bool is_text() const { return H5Tis_variable_str(type_) > 0; }

  hdf5::Handle read(std::uint64_t row, std::uint64_t count, hid_t type, void* into) {
    std::vector<hsize_t> start(extent_.size(), 0);
    std::vector<hsize_t> piece = extent_;
    start[0] = row;
    piece[0] = count;
    hdf5::check(H5Sselect_hyperslab(space_, H5S_SELECT_SET, start.data(), nullptr, piece.data(), nullptr),
                "select rows");
    hdf5::Handle memory = hdf5::own(H5Screate_simple(static_cast<int>(piece.size()), piece.data(), nullptr),
                                    H5Sclose, "make a data space");
    hdf5::check(H5Dread(dataset_, type, memory, space_, H5P_DEFAULT, into), "read rows");
    return memory;
  }

  void feed_numbers(FieldDigest& digest, std::uint64_t row, std::uint64_t count, std::uint64_t width) {
    bytes_.resize(count * width);
    read(row, count, hdf5::element_type(column_.scalar), bytes_.data());
    digest.update(ByteView(bytes_));
  }

  void feed_texts(FieldDigest& digest, std::uint64_t row, std::uint64_t count) {
    std::vector<char*> texts(count, nullptr);
    const hdf5::Handle type = hdf5::text_type();
    const hdf5::Handle memory = read(row, count, type, texts.data());
    for (const char* text : texts) digest.update(std::string_view(text == nullptr ? "" : text));
    hdf5::check(H5Dvlen_reclaim(type, memory, H5P_DEFAULT, texts.data()), "free texts");
  }

  hdf5::Handle dataset_, type_, space_;
  wire::Column column_;
  std::vector<hsize_t> extent_;
  Bytes bytes_;
};

std::string digest_of_part(hid_t file, const char* part) {
  const hdf5::Handle group = hdf5::own(H5Gopen2(file, part, H5P_DEFAULT), H5Gclose, "open a group");
  std::map<std::string, std::vector<std::string>> lines;
  for (const std::string& stage : members(group, H5_INDEX_NAME)) {
    const hdf5::Handle fields =
        hdf5::own(H5Gopen2(group, stage.c_str(), H5P_DEFAULT), H5Gclose, "open a group");
    std::vector<std::string>& of_stage = lines[stage];
    for (const std::string& field : members(fields, H5_INDEX_CRT_ORDER)) {
      of_stage.push_back(FieldReader(fields, field).digest_line());
    }
  }
  return part_digest(lines);
}

}  // namespace

Digests digests_of_file(const std::string& path) {
  const hdf5::Session session;
  try {
    const hdf5::Handle file = open_file(path);
    if (H5Aexists(file, "acre_format") <= 0) throw Error("acre did not write it");
    return {digest_of_part(file, "inputs"), digest_of_part(file, "results"),
            digest_of_part(file, "failures")};
  } catch (const Error& error) {
    throw Error(path + ": cannot read the result file: " + error.what());
  }
}

bool is_result_file(const std::string& path) {
  const hdf5::Session session;
  try {
    return H5Aexists(open_file(path), "acre_format") > 0;
  } catch (const Error&) {
    return false;
  }
}

std::string results_digest_of_file(const std::string& path) { return digests_of_file(path).results; }

}  // namespace acre::campaign
