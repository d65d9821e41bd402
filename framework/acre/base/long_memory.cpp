#include <sys/mman.h>

#include <acre/base/long_memory.hpp>
#include <cstdint>
#include <new>
#include <utility>

namespace acre {
namespace {
thread_local LongSource* source_here = nullptr;

void delete_memory(LongMemory& memory) noexcept { ::operator delete(&memory); }
}  // namespace

FromSource::FromSource(LongSource* source) noexcept : before_(source_here) {
  if (source != nullptr) source_here = source;
}

FromSource::~FromSource() { source_here = before_; }

void* allocate_long(std::size_t size) {
  if (source_here != nullptr)
    if (LongMemory* taken = source_here->take(size)) return taken->bytes();
  auto* memory = ::new (::operator new(long_memory_offset + size)) LongMemory{delete_memory};
  expect_to_fill(memory->bytes(), size);
  return memory->bytes();
}

void free_long(void* bytes) noexcept {
  LongMemory& memory = LongMemory::of(bytes);
  memory.give_back(memory);
}

void expect_to_fill_mapped(void* memory, std::size_t size) noexcept {
  constexpr std::uintptr_t page = 4096;
  const std::uintptr_t skipped = (page - reinterpret_cast<std::uintptr_t>(memory) % page) % page;
  ::madvise(static_cast<std::byte*>(memory) + skipped, (size - skipped) / page * page, MADV_HUGEPAGE);
}

}  // namespace acre
