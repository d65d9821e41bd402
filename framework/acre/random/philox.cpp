#include <Random123/philox.h>

#include <acre/random/philox.hpp>

namespace acre::random {

Block philox_block(const Block& counter, const Key& key) noexcept {
  const philox4x32_ctr_t in = {{counter[0], counter[1], counter[2], counter[3]}};
  const philox4x32_key_t with = {{key[0], key[1]}};
  const philox4x32_ctr_t out = philox4x32_R(10, in, with);
  return {out.v[0], out.v[1], out.v[2], out.v[3]};
}

std::uint64_t stream_key(std::uint64_t seed, std::uint64_t stage) noexcept {
  const Block block = philox_block(counter_of(seed, stage), {0x61637265, 0x73656564});
  return (static_cast<std::uint64_t>(block[1]) << 32) | block[0];
}

std::uint64_t stream_key(std::uint64_t seed, std::string_view stage) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : stage) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return stream_key(seed, hash);
}

}  // namespace acre::random
