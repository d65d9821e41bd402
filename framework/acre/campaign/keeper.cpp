#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <acre/base/error.hpp>
#include <acre/campaign/keeper.hpp>
#include <acre/observe/say.hpp>

namespace acre::campaign {
namespace {
namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

std::string journal_path(const std::string& path) { return path + ".journal"; }

// Whether a file can be made there at all, said of the folder and not of one of the files that would go into
// it.
void check_place(const std::string& path) {
  std::error_code ignored;
  if (path.empty()) throw Error("a campaign needs the name of a file");
  if (fs::is_directory(path, ignored)) throw Error(path + " is a folder: name a file");
  const fs::path parent = fs::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  if (!fs::is_directory(folder, ignored))
    throw Error("there is no folder " + folder + " to put " + path +
                " into: create it, or choose another name");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    throw Error("the folder " + folder + " cannot be written into (" + errno_text(errno) +
                "): choose another place for " + path);
}

// What the way of opening allows, decided before anything is written.
void check_files(const std::string& path, Open open) {
  const bool file = exists(path), journal = exists(journal_path(path));
  if (open == Open::create && (file || journal))
    throw Error((file ? path : journal_path(path)) +
                " exists already: resume it, or choose another name; nothing was changed");
  if (open == Open::resume && !journal && !file)
    throw Error(path + " does not exist: there is nothing to resume");
  if (!file) return;
  if (!is_result_file(path))
    throw Error(path + " is not a result file of acre: choose another name; nothing was changed");
  if (!journal)
    throw Error("the journal " + journal_path(path) + " of " + path +
                " is gone, so it cannot be resumed: choose another name; nothing was changed");
}
}  // namespace

Keeper::Keeper(std::string path, const CampaignOptions& options, Surroundings surroundings)
    : path_(std::move(path)),
      open_(options.open),
      progress_(options.progress),
      surroundings_(std::move(surroundings)),
      identity_{options.name, options.version, options.seed, {}, {}} {
  check_place(path_);
  check_files(path_, open_);
  lock_ = std::make_shared<LockFile>(path_ + ".lock", surroundings_.lock);
}

void Keeper::set_parameters(wire::Schema schema, Bytes values) {
  if (journal_ != nullptr) throw Error("a campaign's parameters are set before its first map");
  identity_.parameters_schema = std::move(schema);
  identity_.parameters = std::move(values);
}

void Keeper::open_journal() {
  if (journal_ != nullptr) return;
  JournalOptions options;
  options.lock = lock_.get();
  const std::string path = journal_path(path_);
  auto journal = exists(path) ? Journal::resume(path, identity_, surroundings_.build, options)
                              : Journal::create(path, identity_, surroundings_.build, options);
  journal_ = std::shared_ptr<Journal>(journal.release(), [lock = lock_](Journal* closed) { delete closed; });
}

std::shared_ptr<StageRecorder> Keeper::open_stage(const StageInfo& stage,
                                                  std::shared_ptr<executor::Engine> engine,
                                                  std::optional<std::uint64_t> total) {
  if (stages_.contains(stage.name))
    throw Error("the campaign has mapped stage " + stage.name + " already: each map has a name of its own");
  open_journal();
  auto recorder = std::make_shared<StageRecorder>(journal_, stage, std::move(engine), total, progress_);
  stages_.emplace(stage.name, recorder);
  return recorder;
}

bool Keeper::complete() const {
  for (const auto& [name, stage] : stages_)
    if (!stage->complete()) return false;
  return true;
}

std::uint64_t Keeper::recorded() const {
  std::uint64_t sum = 0;
  for (const auto& [name, stage] : stages_) sum += stage->found();
  return sum;
}

std::string Keeper::finish() {
  open_journal();
  journal_->flush();
  surroundings_.provenance.complete = complete();
  for (const auto& [name, stage] : stages_)
    if (!stage->complete())
      observe::say(path_ + " is incomplete: it has " + stage->extent() +
                   "; resume the campaign for the rest");
  surroundings_.provenance.finished = utc_text(wall_clock_ns());
  return write_result_file(path_, *journal_, surroundings_.provenance).results;
}

}  // namespace acre::campaign
