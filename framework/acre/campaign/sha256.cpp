#include <openssl/evp.h>

#include <acre/base/error.hpp>
#include <acre/campaign/sha256.hpp>

namespace acre::campaign {
namespace {
EVP_MD_CTX* context_of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

void require(int ok) {
  if (ok != 1)
    throw Error("SHA-256 is not available from this machine's libcrypto; check the OpenSSL set-up");
}
}  // namespace

void Sha256::Free::operator()(void* context) const noexcept { EVP_MD_CTX_free(context_of(context)); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(EVP_DigestInit_ex(context_of(context_.get()), EVP_sha256(), nullptr));
}

// Without naming the digest again, whose look-up takes longer than a small digest.
void Sha256::restart() { require(EVP_DigestInit_ex(context_of(context_.get()), nullptr, nullptr)); }

void Sha256::update(ByteView bytes) {
  require(EVP_DigestUpdate(context_of(context_.get()), bytes.data(), bytes.size()));
}

Sha256::Digest Sha256::finish() {
  Digest digest;
  require(EVP_DigestFinal_ex(context_of(context_.get()), reinterpret_cast<unsigned char*>(digest.data()),
                             nullptr));
  restart();
  return digest;
}

std::string hex(ByteView bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const std::byte byte : bytes) {
    out += digits[std::to_integer<unsigned>(byte) >> 4];
    out += digits[std::to_integer<unsigned>(byte) & 15];
  }
  return out;
}

}  // namespace acre::campaign
