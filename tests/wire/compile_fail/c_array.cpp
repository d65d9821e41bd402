#include <array>

#include <acre/wire/codec.hpp>

#ifdef ACRE_CONTROL
void use(acre::wire::Writer& writer) { acre::wire::encode(writer, std::array{'t', 'e', 'x', 't'}); }
#else
void use(acre::wire::Writer& writer) { acre::wire::encode(writer, "text"); }
#endif
