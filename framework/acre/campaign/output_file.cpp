#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include <acre/base/error.hpp>
#include <acre/campaign/output_file.hpp>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

namespace acre::campaign::hdf5 {
namespace {

/// What HDF5 holds of an open file; its own part comes first.
struct DriverFile {
  H5FD_t library{};
  OutputFile::Target* target = nullptr;
  haddr_t allocated = 0;
  haddr_t size = 0;
};

DriverFile* self(H5FD_t* file) { return reinterpret_cast<DriverFile*>(file); }
const DriverFile* self(const H5FD_t* file) { return reinterpret_cast<const DriverFile*>(file); }

H5FD_t* open(const char*, unsigned, hid_t access, haddr_t) {
  auto* file = new (std::nothrow) DriverFile;
  if (file == nullptr) return nullptr;
  file->target = *static_cast<OutputFile::Target* const*>(H5Pget_driver_info(access));
  return &file->library;
}

herr_t close(H5FD_t* file) {
  delete self(file);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

haddr_t get_allocated(const H5FD_t* file, H5FD_mem_t) { return self(file)->allocated; }

herr_t set_allocated(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  self(file)->allocated = address;
  return 0;
}

haddr_t get_size(const H5FD_t* file, H5FD_mem_t) { return self(file)->size; }

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  OutputFile::Target& target = *self(file)->target;
  std::size_t got = 0;
  try {
    got = target.file.read(address, static_cast<std::byte*>(buffer), size);
  } catch (const Error&) {
    if (target.error == 0) target.error = EIO;
  }
  std::memset(static_cast<std::byte*>(buffer) + got, 0, size - got);
  return 0;
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, const void* buffer) {
  OutputFile::Target& target = *self(file)->target;
  if (target.error == 0)
    target.error = target.file.write(address, {static_cast<const std::byte*>(buffer), size});
  self(file)->size = std::max<haddr_t>(self(file)->size, address + size);
  return 0;
}

herr_t truncate(H5FD_t* file, hid_t, hbool_t) {
  OutputFile::Target& target = *self(file)->target;
  self(file)->size = self(file)->allocated;
  if (target.error != 0) return 0;
  try {
    target.file.truncate(self(file)->allocated);
  } catch (const Error&) {
    target.error = errno;
  }
  return 0;
}

const H5FD_class_t& driver_class() {
  static const H5FD_class_t driver = [] {
    H5FD_class_t made{};
#if H5_VERSION_GE(1, 13, 0)
    made.version = H5FD_CLASS_VERSION;
    made.value = static_cast<H5FD_class_value_t>(600);
#endif
    made.name = "acre";
    made.maxaddr = (haddr_t{1} << 62) - 1;
    made.fc_degree = H5F_CLOSE_WEAK;
    made.fapl_size = sizeof(OutputFile::Target*);
    made.open = open;
    made.close = close;
    made.query = query;
    made.get_eoa = get_allocated;
    made.set_eoa = set_allocated;
    made.get_eof = get_size;
    made.read = read;
    made.write = write;
    made.truncate = truncate;
    const H5FD_mem_t kinds[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
    std::copy(std::begin(kinds), std::end(kinds), made.fl_map);
    return made;
  }();
  return driver;
}

}  // namespace

OutputFile::OutputFile(const std::string& path)
    : target_{PosixFile::open(path, O_RDWR | O_CREAT | O_TRUNC, "cannot create the result file")} {
  const Handle driver = own(H5FDregister(&driver_class()), H5FDunregister, "register a file driver");
  const Handle access = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make a property list");
  Target* target = &target_;
  hdf5::check(H5Pset_driver(access, driver, &target), "select a file driver");
  file_ = own(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose, "create a file");
}

void OutputFile::check() const {
  if (target_.error != 0) throw Error(errno_text(target_.error));
}

void OutputFile::finish() {
  file_.close("close the file");
  check();
  target_.file.sync();
}

}  // namespace acre::campaign::hdf5
