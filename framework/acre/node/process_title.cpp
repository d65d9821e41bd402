#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <vector>

#include <acre/launch/host.hpp>
#include <acre/node/process.hpp>

namespace acre::node {
namespace {
/// The memory map of this process as /proc/self/stat tells it (proc(5)), which is without the heap's end;
/// nothing if it does not.
std::optional<prctl_mm_map> memory_map() {
  constexpr std::size_t last_field = 51;
  const std::string stat = launch::read_text_file("/proc/self/stat").value_or("");
  const std::size_t name_end = stat.rfind(')');  // the name may hold blanks and parentheses itself
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream words(stat.substr(name_end + 1));
  std::vector<std::string> fields(3);  // number 3 is the first one behind the name
  for (std::string word; words >> word;) fields.push_back(word);
  if (fields.size() <= last_field) return std::nullopt;
  const auto address = [&](std::size_t field) { return std::strtoull(fields[field].c_str(), nullptr, 10); };
  prctl_mm_map map{};
  map.start_code = address(26);
  map.end_code = address(27);
  map.start_stack = address(28);
  map.start_data = address(45);
  map.end_data = address(46);
  map.start_brk = address(47);
  map.env_start = address(50);
  map.env_end = address(51);
  map.exe_fd = static_cast<unsigned>(-1);  // stays as it is
  return map;
}

constexpr std::size_t size = 256;

// Makes the kernel show what is at this place, of `size` bytes, as the command line. Where the last byte is
// no zero it takes it for the title of a process, up to the first zero, so the place can be written to later.
char* place_to_show() {
  // The kernel shows titles from anonymous memory only, and a static array may lie in the program's file.
  void* const page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::optional<prctl_mm_map> map = memory_map();
  if (page == MAP_FAILED || !map) return nullptr;
  auto* const shown = static_cast<char*>(page);
  shown[size - 1] = '.';
  map->arg_start = reinterpret_cast<std::uintptr_t>(shown);
  map->arg_end = map->arg_start + size;
  // Last of all, since each malloc and free may move it, and the kernel believes what it is told.
  map->brk = static_cast<unsigned long>(::syscall(SYS_brk, 0));
  ::prctl(PR_SET_MM, PR_SET_MM_MAP, &*map, sizeof *map, 0);
  return shown;
}
}  // namespace

// Once for a process and all that are forked from it: beside threads, which move the heap's end, it must not
// be done.
void set_process_title(const std::string& title) {
  ::prctl(PR_SET_NAME, title.substr(0, title.find(" (")).c_str());
  static char* const shown = place_to_show();
  if (shown == nullptr) return;
  const std::size_t length = title.copy(shown, size - 2);
  std::fill(shown + length, shown + size - 1, '\0');
}

}  // namespace acre::node
