#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <complex>
#include <filesystem>
#include <limits>

#include <acre/campaign/result_file.hpp>

#include "support.hpp"

namespace acre::campaign::test {
namespace {

Provenance some_provenance() {
  return {.argv = {"./pi", "--seed", "1"},
          .code_version = "v1-3-gabc",
          .numeric_class = "avx2",
          .libraries = {"glibc 2.36", "HDF5 1.10.8"},
          .launcher = "none",
          .job_id = "17",
          .started = "2026-01-02T03:04:05Z",
          .finished = "2026-01-02T03:04:06Z",
          .complete = true};
}

/// One column of each element type, and arrays of three kinds.
StageInfo every_type() {
  using wire::Scalar;
  StageInfo stage{.name = "every", .input = {}, .result = {"Every", {}}};
  for (std::uint8_t n = 0; n <= static_cast<std::uint8_t>(Scalar::c128); ++n) {
    stage.result.columns.push_back({std::string("a_") + wire::name_of(Scalar{n}), Scalar{n}, {}});
  }
  stage.result.columns.push_back({"matrix", Scalar::f64, {2, 3}});
  stage.result.columns.push_back({"flags", Scalar::boolean, {2}});
  stage.result.columns.push_back({"modes", Scalar::c64, {2}});
  return stage;
}

Bytes every_row(int n) {
  const auto i = [n](auto zero) { return static_cast<decltype(zero)>(zero - n); };
  const auto u = [n](auto zero) { return static_cast<decltype(zero)>(zero + n); };
  const double x = n;
  return pack(static_cast<std::uint8_t>(n % 2), i(std::int8_t{0}), u(std::uint8_t{0}), i(std::int16_t{0}),
              u(std::uint16_t{0}), i(std::int32_t{0}), u(std::uint32_t{0}), i(std::int64_t{0}),
              u(std::uint64_t{0}), static_cast<float>(n) / 2, x / 4,
              std::complex<float>(1, static_cast<float>(n)), std::complex<double>(x, -1),
              std::array{x, x + 1, x + 2, x + 3, x + 4, x + 5}, std::array<std::uint8_t, 2>{0, 1},
              std::array{std::complex<float>(1, 2), std::complex<float>(3, 4)});
}

/// A journal of two stages with gaps and failures, in no order.
std::unique_ptr<Journal> some_journal(const std::string& path) {
  auto journal = Journal::create(path, some_identity(), "build-a");
  const std::uint32_t pi = journal->stage(pi_stage());
  const std::uint32_t every = journal->stage(every_type());
  for (const std::uint64_t index : {4, 2, 0}) append_pi(*journal, pi, index, index == 2 ? "long-name" : "n1");
  append_failure(*journal, pi, 1, {"std::domain_error", "√ of −1"});
  for (int n = 0; n < 3; ++n) {
    const Bytes packed = every_row(n);
    Row row;
    row.stage = every;
    row.index = static_cast<std::uint64_t>(n);
    row.input_digest = input_digest(bytes_of(n));
    row.result = packed;
    row.execution.host = "n1";
    journal->append(row);
  }
  return journal;
}

std::string python(const std::string& file, const std::string& program) {
  const Folder folder;
  write_text(folder / "p.py", "import h5py, numpy as np\nf = h5py.File('" + file + "', 'r')\n" + program);
  int code = 0;
  const std::string out = output_of("/usr/bin/python3 " + (folder / "p.py"), code);
  EXPECT_EQ(code, 0) << out;
  return out;
}

TEST(ResultFile, IsReadByH5py) {
  const Folder folder;
  const auto journal = some_journal(folder / "j");
  const Digests digests = write_result_file(folder / "r.h5", *journal, some_provenance());
  EXPECT_EQ(python(folder / "r.h5", R"py(
print(list(f), f.attrs['acre_format'], f.attrs['digest'])
print(f.attrs['inputs_digest'], f.attrs['failures_digest'])
r = f['results/pi']
print(list(r), r['index'][:], r['inside'][:], r['samples'].dtype, r['index'].maxshape)
print(f['inputs/pi/index'][:], f['inputs/pi/samples'][:])
x = f['failures/pi']
print(x['index'][:], x['type'].asstr()[:], x['message'].asstr()[:])
e = f['execution/pi']
print(list(e))
print(e['host'].asstr()[:], e['worker'][:], e['rank'][:], e['start_ns'][:])
print(e['build'].asstr()[:])
)py"),
            "['execution', 'failures', 'inputs', 'provenance', 'results'] 1 " + digests.results + "\n" +
                digests.inputs + " " + digests.failures + "\n" +
                R"py(['index', 'inside', 'samples'] [0 2 4] [ 0  6 12] uint64 (None,)
[0 1 2 4] [1000 1001 1002 1004]
[1] ['std::domain_error'] ['√ of −1']
['index', 'worker', 'rank', 'attempt', 'start_ns', 'run_ns', 'host', 'build']
['n1' 'node1' 'long-name' 'n1'] [0 0 2 4] [0 0 2 1] [5000    0 5002 5004]
['build-a' 'build-a' 'build-a' 'build-a']
)py");
}

TEST(ResultFile, HasEveryElementTypeAsH5pyWritesIt) {
  const Folder folder;
  write_result_file(folder / "r.h5", *some_journal(folder / "j"), some_provenance());
  EXPECT_EQ(python(folder / "r.h5", R"py(
r = f['results/every']
for name in r: print(name, r[name].dtype, r[name].shape, r[name][1].tolist())
print(f['inputs/every/digest'].shape, f['inputs/every/digest'].dtype)
)py"),
            R"py(index uint64 (3,) 1
a_bool bool (3,) True
a_i8 int8 (3,) -1
a_u8 uint8 (3,) 1
a_i16 int16 (3,) -1
a_u16 uint16 (3,) 1
a_i32 int32 (3,) -1
a_u32 uint32 (3,) 1
a_i64 int64 (3,) -1
a_u64 uint64 (3,) 1
a_f32 float32 (3,) 0.5
a_f64 float64 (3,) 0.25
a_c64 complex64 (3,) (1+1j)
a_c128 complex128 (3,) (1-1j)
matrix float64 (3, 2, 3) [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
flags bool (3, 2) [False, True]
modes complex64 (3, 2) [(1+2j), (3+4j)]
(3, 16) uint8
)py");
}

TEST(ResultFile, CarriesItsProvenance) {
  const Folder folder;
  write_result_file(folder / "r.h5", *some_journal(folder / "j"), some_provenance());
  EXPECT_EQ(python(folder / "r.h5", R"py(
def show(name, o):
    if isinstance(o, h5py.Dataset):
        v = o.asstr()[()] if h5py.check_string_dtype(o.dtype) else o[()]
        print(name, v.tolist() if hasattr(v, 'tolist') else v)
p = f['provenance']
for name in p:
    if name != 'parameters': show(name, p[name])
p['parameters'].visititems(show)
)py"),
            R"py(name pi
version 3
seed 1
argv ['./pi', '--seed', '1']
code_version v1-3-gabc
builds ['build-a']
numeric_class avx2
libraries ['glibc 2.36', 'HDF5 1.10.8']
hosts ['n1', 'long-name', 'node1']
launcher none
job_id 17
started 2026-01-02T03:04:05Z
finished 2026-01-02T03:04:06Z
complete True
parameters_record Setup{rate:f64,grid:i32[2]}
grid [4, -8]
rate 0.5
)py");
}

TEST(ResultFile, IsReadByH5dump) {
  const Folder folder;
  write_result_file(folder / "r.h5", *some_journal(folder / "j"), some_provenance());
  int code = 0;
  const std::string out = output_of("h5dump -d /results/pi/inside " + (folder / "r.h5"), code);
  EXPECT_EQ(code, 0);
  EXPECT_NE(out.find("(0): 0, 6, 12"), out.npos) << out;
  EXPECT_NE(out.find("SIMPLE { ( 3 ) / ( H5S_UNLIMITED ) }"), out.npos) << out;
}

TEST(ResultFile, HasTheDigestsOfItsJournal) {
  const Folder folder;
  const auto journal = some_journal(folder / "j");
  const Digests written = write_result_file(folder / "r.h5", *journal, some_provenance());
  EXPECT_EQ(written, digests(*journal));
  EXPECT_EQ(digests_of_file(folder / "r.h5"), written);
  EXPECT_EQ(results_digest_of_file(folder / "r.h5"), results_digest(*journal));
  python(folder / "r.h5", "f.close()\nf = h5py.File('" + folder / "r.h5" +
                              "', 'r+')\nf['results/every/matrix'][2, 1, 1] += 1\n");
  EXPECT_NE(digests_of_file(folder / "r.h5").results, written.results);
  EXPECT_EQ(digests_of_file(folder / "r.h5").inputs, written.inputs);
}

TEST(ResultFile, OfManyPiecesIsWhole) {
  const Folder folder;
  const auto journal = Journal::create(folder / "j", some_identity(), "b");
  const std::uint32_t stage = journal->stage(pi_stage());
  constexpr std::uint64_t rows = 200000;
  for (std::uint64_t n = 0; n < rows; ++n)
    append_pi(*journal, stage, (n * 77773) % rows, "n" + std::to_string(n % 3));
  const Digests written = write_result_file(folder / "r.h5", *journal, some_provenance());
  EXPECT_EQ(digests_of_file(folder / "r.h5"), written);
  EXPECT_EQ(python(folder / "r.h5", R"py(
r = f['results/pi']; n = np.arange(200000, dtype='u8')
print((r['index'][:] == n).all(), (r['inside'][:] == 3 * n).all(), (r['samples'][:] == 4 * n).all())
print((f['execution/pi/start_ns'][:] == 5000 + n).all())
)py"),
            "True True True\nTrue\n");
}

TEST(ResultFile, OfLargeRowsAndOfNoneIsWhole) {
  const Folder folder;
  const auto journal = Journal::create(folder / "j", some_identity(), "b");
  const StageInfo large{
      .name = "large", .input = {}, .result = {"M", {{"m", wire::Scalar::f64, {1000, 700}}}}};
  const std::uint32_t stage = journal->stage(large);
  journal->stage(pi_stage());
  for (std::uint64_t index = 0; index < 5; ++index) {
    const std::vector<double> matrix(700000, static_cast<double>(index));
    Row row;
    row.stage = stage;
    row.index = index;
    row.result = std::as_bytes(std::span(matrix));
    journal->append(row);
  }
  const Digests written = write_result_file(folder / "r.h5", *journal, {});
  EXPECT_EQ(digests_of_file(folder / "r.h5"), written);
  EXPECT_EQ(python(folder / "r.h5", "print(f['results/large/m'][3].sum(), f['results/pi/inside'].shape)\n"),
            "2100000.0 (0,)\n");
}

/// In a child whose files cannot grow beyond `bytes`: 0 if the sentence is the one expected, and the exit is
/// clean.
int write_on_a_full_disk(const Folder& folder, rlim_t bytes) {
  const auto journal = Journal::read(folder / "j");
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::string sentence =
      error_of([&] { write_result_file(folder / "r.h5", *journal, some_provenance()); });
  const std::string expected =
      folder / "r.h5" + ": cannot write the result file: File too large; the journal keeps all results";
  if (sentence != expected) {
    std::fprintf(stderr, "limit %lu: %s\n", static_cast<unsigned long>(bytes), sentence.c_str());
    return 1;
  }
  std::exit(0);  // as a program ends: HDF5's own exit handler runs
}

TEST(ResultFile, AFullDiskGivesOneSentenceAndLeavesTheOldFile) {
  const Folder folder;
  {
    const auto journal = some_journal(folder / "j");
    const std::uint32_t pi = journal->stage(pi_stage());
    for (std::uint64_t index = 10; index < 100000; ++index) append_pi(*journal, pi, index);
  }
  write_result_file(folder / "r.h5", *Journal::read(folder / "j"), some_provenance());
  const rlim_t whole = std::filesystem::file_size(folder / "r.h5");
  write_text(folder / "r.h5", "older");
  for (const rlim_t bytes :
       {rlim_t{0}, rlim_t{100}, rlim_t{5000}, whole / 10, whole / 2, whole - 2000, whole - 1}) {
    EXPECT_EQ(wait_for(in_child([&] { return write_on_a_full_disk(folder, bytes); })), 0) << bytes;
    EXPECT_EQ(read_text(folder / "r.h5"), "older");
    EXPECT_FALSE(std::filesystem::exists(folder / "r.h5.tmp"));
  }
}

TEST(ResultFile, AFailingRenameOrFolderLeavesNothingBehind) {
  const Folder folder;
  const auto journal = some_journal(folder / "j");
  std::filesystem::create_directories(folder / "taken/inside");
  EXPECT_EQ(error_of([&] { write_result_file(folder / "taken", *journal, {}); }),
            folder / "taken" + ": cannot write the result file: cannot rename " + (folder / "taken.tmp") +
                ": Is a directory; the journal keeps all results");
  EXPECT_FALSE(std::filesystem::exists(folder / "taken.tmp"));
  EXPECT_EQ(error_of([&] { write_result_file(folder / "none/r.h5", *journal, {}); }),
            folder / "none/r.h5" + ": cannot write the result file: " + (folder / "none/r.h5.tmp") +
                ": cannot create the result file: No such file or directory; the journal keeps all results");
}

TEST(ResultFile, OthersAreRefused) {
  const Folder folder;
  write_text(folder / "text", "not HDF5");
  EXPECT_EQ(
      error_of([&] { digests_of_file(folder / "text"); }),
      folder / "text" + ": cannot read the result file: HDF5 cannot open the file: file signature not found");
  int code = 0;
  output_of("/usr/bin/python3 -c \"import h5py; h5py.File('" + (folder / "x.h5") + "', 'w')['a'] = 1\"",
            code);
  ASSERT_EQ(code, 0);
  EXPECT_EQ(error_of([&] { digests_of_file(folder / "x.h5"); }),
            folder / "x.h5" + ": cannot read the result file: acre did not write it");
}

}  // namespace
}  // namespace acre::campaign::test
