// Eigen's matrices, vectors and arrays: as bytes, through workers, and as columns of a campaign.
#include <gtest/gtest.h>

#include <complex>
#include <cstdint>

#include <acre/wire/eigen.hpp>

#include "support/folder.hpp"
#include "support/session.hpp"

namespace acre::test {
namespace {
using Eigen::Dynamic;
using wire::from_bytes;
using wire::to_bytes;
using RowMajor = Eigen::Matrix<double, Dynamic, Dynamic, Eigen::RowMajor>;
using Small = Eigen::Matrix<double, Dynamic, Dynamic, Eigen::ColMajor, 2, 3>;
using Texts = Eigen::Array<std::string, Dynamic, 1>;

Eigen::MatrixXd two_by_three() {
  Eigen::MatrixXd matrix(2, 3);
  matrix << 1, 2, 3, 4, 5, 6;
  return matrix;
}

template <class T>
void expect_round_trip(const T& value) {
  const T back = from_bytes<T>(to_bytes(value));
  ASSERT_EQ(back.rows(), value.rows());
  ASSERT_EQ(back.cols(), value.cols());
  for (Eigen::Index row = 0; row < value.rows(); ++row)
    for (Eigen::Index column = 0; column < value.cols(); ++column)
      EXPECT_EQ(back(row, column), value(row, column));
  constexpr std::uintptr_t alignment = std::min<std::size_t>(EIGEN_MAX_ALIGN_BYTES, 16);
  if (T::SizeAtCompileTime == Dynamic) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(back.data()) % alignment, 0u);
  }
}

TEST(Eigens, come_back_as_they_went) {
  expect_round_trip(two_by_three());
  expect_round_trip<RowMajor>(two_by_three());
  expect_round_trip<Small>(two_by_three());
  expect_round_trip<Eigen::MatrixXcf>(two_by_three().cast<std::complex<float>>());
  expect_round_trip<Eigen::ArrayXXd>(two_by_three().array());
  expect_round_trip<Eigen::VectorXi>(Eigen::VectorXi::LinSpaced(1000, 0, 999));
  expect_round_trip<Eigen::RowVectorXd>(two_by_three().row(1));
  expect_round_trip<Eigen::Matrix<bool, Dynamic, 2>>(Eigen::Matrix<bool, Dynamic, 2>::Identity(3, 2));
  expect_round_trip<Eigen::Matrix<double, 2, 3>>(two_by_three());
  expect_round_trip<Eigen::Matrix<float, 2, 3, Eigen::RowMajor>>(two_by_three().cast<float>());
  expect_round_trip<Eigen::Vector4f>(Eigen::Vector4f(1, 2, 3, 4));
  expect_round_trip<Eigen::Array22i>((Eigen::Array22i() << 1, 2, 3, 4).finished());
  Texts texts(3);
  texts << "a", "", "long enough to be on the heap of a string";
  expect_round_trip(texts);
}

TEST(Eigens, that_are_empty_keep_their_shape) {
  expect_round_trip(Eigen::MatrixXd());
  expect_round_trip(Eigen::MatrixXd(0, 5));
  expect_round_trip(RowMajor(7, 0));
  expect_round_trip(Eigen::VectorXd(0));
  expect_round_trip(Eigen::RowVectorXd(0));
  expect_round_trip(Eigen::Matrix<double, 3, Dynamic>(3, 0));
  expect_round_trip(Eigen::Matrix<double, 0, 3>());
  EXPECT_TRUE(to_bytes(Eigen::Matrix<double, 0, 3>()).empty());
}

TEST(Eigens, say_their_shape_and_order_in_their_bytes) {
  const Eigen::MatrixXd columns = two_by_three();
  const RowMajor rows = columns;
  const std::array<double, 6> by_columns{1, 4, 2, 5, 3, 6}, by_rows{1, 2, 3, 4, 5, 6};
  using Head = std::tuple<std::uint64_t, std::uint64_t, bool>;
  EXPECT_EQ(to_bytes(columns), to_bytes(std::pair(Head(2, 3, false), by_columns)));
  EXPECT_EQ(to_bytes(rows), to_bytes(std::pair(Head(2, 3, true), by_rows)));
  EXPECT_EQ(from_bytes<RowMajor>(to_bytes(columns)), rows);
  EXPECT_EQ(from_bytes<Eigen::MatrixXd>(to_bytes(rows)), columns);
  EXPECT_EQ(to_bytes(Eigen::Matrix<double, 2, 3>(columns)), to_bytes(by_rows)) << "of a fixed size";
}

template <class T>
std::string refusal(std::uint64_t rows, std::uint64_t columns, std::size_t coefficients = 2) {
  Bytes bytes = to_bytes(std::tuple(rows, columns, false));
  bytes.resize(bytes.size() + coefficients * sizeof(double));
  try {
    from_bytes<T>(bytes);
  } catch (const wire::DecodeError& error) {
    return error.what();
  }
  return "none";
}

TEST(Eigens, of_hostile_sizes_are_refused) {
  using Matrix = Eigen::MatrixXd;
  EXPECT_EQ(refusal<Matrix>(2, 1), "none");
  EXPECT_EQ(refusal<Matrix>(3, 1), "an encoding claims a matrix of 3 x 1, but only 16 bytes are left");
  for (const std::uint64_t huge : {std::uint64_t{1} << 32, std::uint64_t{1} << 62, ~std::uint64_t{0}}) {
    EXPECT_NE(refusal<Matrix>(huge, 1), "none") << huge;
    EXPECT_NE(refusal<Matrix>(huge, huge), "none") << huge;
    EXPECT_NE(refusal<Matrix>(1, huge), "none") << huge;
  }
  EXPECT_EQ(refusal<Eigen::VectorXd>(1, 2),
            "an encoding holds a matrix of extent 2, which its type cannot have");
  EXPECT_EQ(refusal<Small>(3, 0, 0), "an encoding holds a matrix of extent 3, which its type cannot have");
  EXPECT_EQ(refusal<Texts>(5, 1, 0), "an encoding claims a matrix of 5 x 1, but only 0 bytes are left");
}

static_assert(wire::encodable<std::vector<Eigen::MatrixXd>>);
static_assert(!wire::encodable<Eigen::Map<Eigen::MatrixXd>>);
static_assert(!wire::encodable<Eigen::Ref<Eigen::VectorXd>>);
static_assert(!wire::encodable<decltype(Eigen::MatrixXd() + Eigen::MatrixXd())>);
static_assert(!wire::encodable<Eigen::Matrix<long double, 2, 2>>);
static_assert(!wire::columnar<Eigen::MatrixXd>);

Eigen::MatrixXd product(const Eigen::MatrixXd& a, const RowMajor& b) { return a * b; }

TEST(Eigens, are_arguments_and_results_of_tasks) {
  for (const StartMethod start : {StartMethod::fork, StartMethod::threads}) {
    Executor executor = session().executor({.workers = 1, .start = start});
    const Eigen::MatrixXd a = Eigen::MatrixXd::Random(40, 300);
    const RowMajor b = Eigen::MatrixXd::Random(300, 20);
    EXPECT_EQ(executor.submit<product>(a, b).get(), product(a, b));
    EXPECT_EQ(executor.submit<product>(a + a, b).get(), product(a + a, b)) << "an expression";
    EXPECT_EQ(executor.submit<product>(Eigen::MatrixXd(0, 300), b).get().cols(), 20);
  }
}

struct Body {
  double mass = 0;
  Eigen::Vector3d at;
  Eigen::Matrix<float, 2, 3> moments;
};
ACRE_RECORD(Body, mass, at, moments)

Body make_body(int i) {
  Body body{0.5 * i, Eigen::Vector3d::Constant(i), {}};
  body.moments << 1, 2, 3, 4, 5, static_cast<float>(i);
  return body;
}

TEST(Eigens, of_a_fixed_size_are_columns_of_a_campaign) {
  EXPECT_EQ(wire::schema_of<Body>().text(), "Body{mass:f64,at:f64[3],moments:f32[2][3]}");
  const Folder folder;
  Campaign campaign = session().campaign(folder / "out.h5", {.name = "bodies", .progress = false});
  Executor executor = session().executor({.workers = 1});
  int next = 0;
  for (const Body& body : campaign.map<make_body>(executor, "bodies", std::vector<int>{0, 1, 2})) {
    EXPECT_EQ(body.at, make_body(next).at);
    EXPECT_EQ(body.moments, make_body(next).moments);
    ++next;
  }
  EXPECT_EQ(next, 3);
  EXPECT_EQ(campaign.finish().size(), 64u);
}

// The element if the view looks as the decoded matrix does, aligned, and in other memory than that.
template <class T>
double element_of(const Broadcast<T>& matrix, int row, int column) {
  const Eigen::Map<const T> view = matrix.view();
  const bool aligned = reinterpret_cast<std::uintptr_t>(view.data()) % 64 == 0;
  if (!aligned || view.data() == matrix->data() || view != *matrix) return -1;
  return static_cast<double>(view(row, column));
}

TEST(Eigens, are_looked_at_in_a_broadcast_without_a_copy) {
  Executor executor = session().executor({.workers = 1});
  const auto matrix = executor.broadcast(two_by_three());
  EXPECT_EQ((matrix.view() * matrix.view().transpose())(1, 1), 16. + 25 + 36);
  EXPECT_EQ(executor.submit<element_of<Eigen::MatrixXd>>(matrix, 1, 0).get(), 4);
  EXPECT_EQ(executor.submit<element_of<RowMajor>>(executor.broadcast(RowMajor(two_by_three())), 1, 0).get(),
            4);
  const Eigen::VectorXi numbers = Eigen::VectorXi::LinSpaced(1000, 0, 999);
  EXPECT_EQ(executor.submit<element_of<Eigen::VectorXi>>(executor.broadcast(numbers), 700, 0).get(), 700);
}

}  // namespace
}  // namespace acre::test
