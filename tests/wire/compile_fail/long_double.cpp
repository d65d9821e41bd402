#include <complex>

#include <acre/wire/codec.hpp>

#ifdef ACRE_CONTROL
using Value = std::complex<double>;
#else
using Value = std::complex<long double>;
#endif
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
