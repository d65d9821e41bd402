#include <acre/wire/cereal.hpp>

struct Value {
#ifdef ACRE_CONTROL
  int number;
#else
  int* number;
#endif
  template <class Archive>
  void serialize(Archive& archive) {
    archive(number);
  }
};
template acre::Bytes acre::wire::to_bytes(const Value&);
template Value acre::wire::from_bytes(acre::ByteView);
