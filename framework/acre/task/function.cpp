#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/task/function.hpp>

namespace acre::task {
namespace {

struct Module {
  std::uint64_t id;
  std::uintptr_t base, size;
  std::string build_id;
};

std::vector<Module>& modules() {
  static std::vector<Module> list;
  return list;
}

std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

// The descriptor of the GNU build id note in a note segment, or nothing.
std::span<const unsigned char> find_build_id(const unsigned char* at, std::size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof note);
    const std::size_t name = (note.n_namesz + 3u) & ~3u, content = (note.n_descsz + 3u) & ~3u;
    const std::size_t whole = sizeof note + name + content;
    if (whole > size) break;
    const unsigned char* text = at + sizeof note;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(text, "GNU", 4) == 0)
      return {text + name, note.n_descsz};
    at += whole;
    size -= whole;
  }
  return {};
}

int note_module(dl_phdr_info* info, std::size_t, void*) {
  Module module{0, info->dlpi_addr, 0, {}};
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type == PT_LOAD) module.size = std::max(module.size, segment.p_vaddr + segment.p_memsz);
    if (segment.p_type != PT_NOTE) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader gives addresses as numbers
    const auto* at = reinterpret_cast<const unsigned char*>(info->dlpi_addr + segment.p_vaddr);
    const auto build_id = find_build_id(at, segment.p_memsz);
    if (build_id.size() < sizeof module.id) continue;
    std::memcpy(&module.id, build_id.data(), sizeof module.id);
    module.build_id = hex(build_id);
  }
  modules().push_back(std::move(module));
  return 0;
}
}  // namespace

void note_modules() {
  modules().clear();
  ::dl_iterate_phdr(note_module, nullptr);
  ACRE_CHECK(!modules().empty(), "a process has at least its program loaded");
  if (modules().front().id == 0)
    throw Error(
        "this program has no build id, by which ranks recognise each other: link it with -Wl,--build-id");
}

FunctionId function_id(const void* code) {
  const auto address = reinterpret_cast<std::uintptr_t>(code);
  for (const Module& module : modules()) {
    if (address < module.base || address - module.base >= module.size) continue;
    if (module.id == 0)
      throw Error(
          "a task function lives in a library without a build id: link that library with -Wl,--build-id");
    return {module.id, address - module.base};
  }
  throw Error(
      "a task function lives in a library that was loaded after acre::run began: link it to the program "
      "instead");
}

const void* function_at(FunctionId id) {
  for (const Module& module : modules())
    if (module.id == id.module && id.offset < module.size)
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader gives addresses as numbers
      return reinterpret_cast<const void*>(module.base + id.offset);
  throw Error(
      "a task function lives in a library that this process has not loaded: all ranks must run the same "
      "build");
}

const std::string& program_build_id() {
  ACRE_CHECK(!modules().empty(), "note_modules() comes first");
  return modules().front().build_id;
}

}  // namespace acre::task
