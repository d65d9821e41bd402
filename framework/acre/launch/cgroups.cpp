#include <algorithm>
#include <optional>

#include <acre/launch/cgroups.hpp>
#include <acre/launch/host.hpp>
#include <acre/launch/text.hpp>

namespace acre::launch {
namespace {
/// A mounted hierarchy.
struct Mount {
  std::string root;   ///< the group that is seen at `place`
  std::string place;  ///< where it is mounted
};

/// Puts back the blanks and backslashes that mountinfo writes in octal ("\040").
std::string unescape(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const bool escaped = text.size() >= 4 && text.front() == '\\';
    plain += escaped ? static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'))
                     : text.front();
    text.remove_prefix(escaped ? 4 : 1);
  }
  return plain;
}

bool lists(std::string_view list, std::string_view word) {
  do {
    if (take_until(list, ',') == word) return true;
  } while (!list.empty());
  return false;
}

/// The group of `controller` in the text of /proc/self/cgroup; "" asks for the one of version 2.
std::optional<std::string_view> group_of(std::string_view controller, std::string_view proc_self_cgroup) {
  while (!proc_self_cgroup.empty()) {
    std::string_view path = take_until(proc_self_cgroup, '\n');
    take_until(path, ':');
    const std::string_view controllers = take_until(path, ':');
    if (lists(controllers, controller)) return path;
  }
  return std::nullopt;
}

/// The mounts of the hierarchy of `controller`; "" asks for those of version 2.
std::vector<Mount> mounts_of(std::string_view controller, std::string_view mountinfo) {
  std::vector<Mount> mounts;
  while (!mountinfo.empty()) {
    std::string_view line = take_until(mountinfo, '\n');
    for (int field = 0; field < 3; ++field) take_until(line, ' ');
    const std::string_view root = take_until(line, ' ');
    const std::string_view place = take_until(line, ' ');
    while (!line.empty() && take_until(line, ' ') != "-") {
    }
    const std::string_view type = take_until(line, ' ');
    take_until(line, ' ');
    if (controller.empty() ? type == "cgroup2" : type == "cgroup" && lists(line, controller))
      mounts.push_back({unescape(root), unescape(place)});
  }
  return mounts;
}

/// What leads from `root` to `group`; nothing if `group` is not below it.
std::optional<std::string_view> way_down(std::string_view root, std::string_view group) {
  if (root == "/") return group;
  if (!group.starts_with(root)) return std::nullopt;
  const std::string_view way = group.substr(root.size());
  return way.empty() || way.front() == '/' ? std::optional(way) : std::nullopt;
}

void add_folders(std::string_view controller, const CgroupTexts& texts,
                 std::vector<std::filesystem::path>& folders) {
  const std::optional<std::string_view> group = group_of(controller, texts.cgroup);
  if (!group || group->starts_with("/..")) return;  // outside of what this namespace of groups shows
  const std::vector<Mount> mounts = mounts_of(controller, texts.mountinfo);
  if (mounts.empty()) return;
  const auto leads = [&](const Mount& mount) { return way_down(mount.root, *group).has_value(); };
  const auto found = std::ranges::find_if(mounts, leads);
  const Mount& mount = found == mounts.end() ? mounts.front() : *found;
  folders.emplace_back(mount.place);
  for (std::string_view way = way_down(mount.root, *group).value_or(""); !way.empty();)
    if (const std::string_view name = take_until(way, '/'); !name.empty())
      folders.push_back(folders.back() / name);
}
}  // namespace

CgroupTexts read_cgroup_texts() {
  return {read_text_file("/proc/self/cgroup").value_or(""),
          read_text_file("/proc/self/mountinfo").value_or("")};
}

std::vector<std::filesystem::path> cgroup_folders(std::string_view controller, const CgroupTexts& texts) {
  std::vector<std::filesystem::path> folders;
  add_folders("", texts, folders);
  add_folders(controller, texts, folders);
  return folders;
}

}  // namespace acre::launch
