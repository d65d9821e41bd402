// A folder of its own for each test, and what is in it.
#pragma once

#include <map>
#include <string>

namespace acre::test {

/// A new folder below the system's folder for temporary files; it goes, with all that is in it, with this
/// object.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  const std::string& path() const noexcept { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// The content of each file in it, by name; folders in it are listed as "<name>/".
  std::map<std::string, std::string> content() const;

 private:
  std::string path_;
};

/// The content of a file; empty if there is none.
std::string content_of(const std::string& path);
void write_file(const std::string& path, const std::string& content);
/// The size of a file in bytes; 0 if there is none.
std::size_t size_of(const std::string& path);
/// Lines of a text file.
std::size_t lines_in(const std::string& path);

}  // namespace acre::test
