#include <unistd.h>

#include <cstdio>

#include <acre/base/error.hpp>
#include <acre/campaign/output_file.hpp>
#include <acre/campaign/result_file.hpp>
#include <acre/campaign/table.hpp>

namespace acre::campaign {
namespace {

constexpr std::int32_t format_version = 1;

/// One group of datasets with the same rows: `index` and one dataset per field.
class TableWriter {
 public:
  TableWriter(hid_t part, const std::string& stage, std::uint64_t expected_rows)
      : group_(hdf5::create_group(part, stage)), expected_rows_(expected_rows) {
    add({"index", wire::Scalar::u64, {}});
  }

  void add(const wire::Column& column) { add(column.name, hdf5::element_type(column.scalar), column.shape); }
  void add(const std::vector<wire::Column>& columns) {
    for (const wire::Column& column : columns) add(column);
  }
  void add(const std::string& name, hdf5::Handle type, const std::vector<std::uint64_t>& shape = {}) {
    fields_.emplace_back(group_, name, std::move(type), shape, expected_rows_);
  }

  void append(const Table& table) {
    const std::uint64_t rows = table.index.size();
    fields_[0].append(table.index.data(), rows);
    for (std::size_t n = 0; n < table.columns.size(); ++n)
      fields_[n + 1].append(table.columns[n].data(), rows);
  }
  void append(const decltype(Piece::failures)& failures) {
    fields_[0].append(failures.index.data(), failures.index.size());
    append_texts(fields_[1], failures.type);
    append_texts(fields_[2], failures.message);
  }

 private:
  static void append_texts(hdf5::GrowingDataset& field, const std::vector<std::string>& texts) {
    std::vector<const char*> pointers;
    for (const std::string& text : texts) pointers.push_back(text.c_str());
    field.append(pointers.data(), pointers.size());
  }

  hdf5::Handle group_;
  std::uint64_t expected_rows_;
  std::vector<hdf5::GrowingDataset> fields_;
};

/// The four groups under the root, and what they get of each stage.
class ResultWriter {
 public:
  ResultWriter(hdf5::OutputFile& file, const Journal& journal)
      : file_(file),
        journal_(journal),
        inputs_(hdf5::create_group(file.id(), "inputs")),
        results_(hdf5::create_group(file.id(), "results")),
        failures_(hdf5::create_group(file.id(), "failures")),
        execution_(hdf5::create_group(file.id(), "execution")) {}

  StageDigest::Lines write(std::uint32_t number, const StageInfo& stage) {
    const std::uint64_t rows = journal_.rows(number);
    const std::uint64_t failed = journal_.failures(number);
    TableWriter inputs(inputs_, stage.name, rows);
    inputs.add(input_columns(stage));
    TableWriter results(results_, stage.name, rows - failed);
    results.add(stage.result.columns);
    TableWriter failures(failures_, stage.name, failed);
    failures.add("type", hdf5::text_type());
    failures.add("message", hdf5::text_type());
    TableWriter execution(execution_, stage.name, rows);
    execution.add(execution_columns());
    execution.add("host", hdf5::text_type(longest(journal_.hosts())));
    execution.add("build", hdf5::text_type(longest(journal_.builds())));
    StageDigest digest(stage);
    for_each_piece(journal_, number, [&](const Piece& piece) {
      digest.update(piece);
      inputs.append(piece.inputs);
      results.append(piece.results);
      failures.append(piece.failures);
      execution.append(piece.execution);
      file_.check();
    });
    return digest.finish();
  }

 private:
  hdf5::OutputFile& file_;
  const Journal& journal_;
  hdf5::Handle inputs_, results_, failures_, execution_;
};

void write_parameters(hid_t provenance, const Identity& identity) {
  const hdf5::Handle group = hdf5::create_group(provenance, "parameters");
  const std::byte* at = identity.parameters.data();
  for (const wire::Column& column : identity.parameters_schema.columns) {
    hdf5::write_value(group, column, at);
    at += column.width();
  }
  if (identity.parameters_schema.columns.empty() && !identity.parameters.empty()) {
    hdf5::write_value(group, {"encoded", wire::Scalar::u8, {identity.parameters.size()}}, at);
  }
}

void write_provenance(hid_t file, const Journal& journal, const Provenance& from) {
  const hdf5::Handle group = hdf5::create_group(file, "provenance");
  const Identity& identity = journal.identity();
  const auto version = static_cast<std::int32_t>(identity.version);
  hdf5::write_value(group, "name", identity.name);
  hdf5::write_value(group, {"version", wire::Scalar::i32, {}}, &version);
  hdf5::write_value(group, {"seed", wire::Scalar::u64, {}}, &identity.seed);
  hdf5::write_value(group, "argv", from.argv);
  hdf5::write_value(group, "code_version", from.code_version);
  hdf5::write_value(group, "builds", journal.builds());
  hdf5::write_value(group, "numeric_class", from.numeric_class);
  hdf5::write_value(group, "libraries", from.libraries);
  hdf5::write_value(group, "hosts", journal.hosts());
  hdf5::write_value(group, "launcher", from.launcher);
  hdf5::write_value(group, "job_id", from.job_id);
  hdf5::write_value(group, "started", from.started);
  hdf5::write_value(group, "finished", from.finished);
  const std::uint8_t complete = from.complete ? 1 : 0;
  hdf5::write_value(group, {"complete", wire::Scalar::boolean, {}}, &complete);
  hdf5::write_value(group, "parameters_record", identity.parameters_schema.text());
  write_parameters(group, identity);
}

Digests write_content(hdf5::OutputFile& file, const Journal& journal, const Provenance& provenance) {
  CampaignDigest all;
  ResultWriter writer(file, journal);
  const std::vector<StageInfo> stages = journal.stages();
  for (std::uint32_t number = 0; number < stages.size(); ++number) {
    all.add(stages[number].name, writer.write(number, stages[number]));
  }
  write_provenance(file.id(), journal, provenance);
  const Digests digests = all.finish();
  hdf5::set_attribute(file.id(), "acre_format", format_version);
  hdf5::set_attribute(file.id(), "digest", digests.results);
  hdf5::set_attribute(file.id(), "inputs_digest", digests.inputs);
  hdf5::set_attribute(file.id(), "failures_digest", digests.failures);
  return digests;
}

}  // namespace

Digests write_result_file(const std::string& path, const Journal& journal, const Provenance& provenance) {
  const std::string unfinished = path + ".tmp";
  const hdf5::Session session;
  try {
    hdf5::OutputFile file(unfinished);
    const Digests digests = write_content(file, journal, provenance);
    file.finish();
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) throw_errno("cannot rename " + unfinished);
    sync_directory_of(path);
    return digests;
  } catch (const Error& error) {
    ::unlink(unfinished.c_str());
    throw Error(path + ": cannot write the result file: " + error.what() + "; the journal keeps all results");
  }
}

}  // namespace acre::campaign
