#include <algorithm>
#include <numeric>

#include <acre/base/error.hpp>
#include <acre/cluster/batches.hpp>

namespace acre::cluster {
namespace {

// Do the ends cut exactly so many bytes into pieces?
template <class Ends, class End>
bool cuts(const Ends& ends, End end, std::size_t bytes) {
  return std::ranges::is_sorted(ends, {}, end) && (ends.empty() ? 0 : end(ends.back())) == bytes;
}

// The sum of a 32-bit field over all.
template <class Column, class Field>
std::uint64_t sum(const Column& column, Field field) {
  return std::accumulate(column.begin(), column.end(), std::uint64_t{0},
                         [field](std::uint64_t total, const auto& entry) { return total + entry.*field; });
}

template <class Column, class Field>
bool all_positive(const Column& column, Field field) {
  return std::ranges::all_of(column, [field](const auto& entry) { return entry.*field != 0; });
}
}  // namespace

void TaskBatch::add(const node::Deal& deal, const node::TaskRequest& request) {
  const node::Terms& terms = request.terms;
  TaskOrder& order = orders.emplace_back(TaskOrder{.chunk = deal.chunk,
                                                   .task = deal.task,
                                                   .head = request.head_of(deal.first, deal.attempt),
                                                   .first = deal.first,
                                                   .count = deal.count,
                                                   .max_attempts = terms.max_attempts,
                                                   .limit = terms.chunk,
                                                   .priority = terms.priority,
                                                   .expected_ns = terms.expected_ns,
                                                   .timeout_ns = terms.timeout_ns});
  const std::uint64_t begin = arguments.size();
  append(arguments, request.arguments_of(deal.first, deal.count));
  if (request.ends.empty()) {
    ends.push_back(arguments.size());
  } else {
    const std::uint64_t skipped = deal.first == 0 ? 0 : request.ends[deal.first - 1];
    for (std::uint32_t i = 0; i < deal.count; ++i)
      ends.push_back(begin + request.ends[deal.first + i] - skipped);
  }
  for (auto at = request.account.lower_bound(deal.first);
       at != request.account.end() && at->first - deal.first < deal.count; ++at) {
    accounts.push_back({at->first - deal.first, at->second});
    ++order.accounts;
  }
}

void TaskBatch::clear() {
  orders.clear();
  ends.clear();
  accounts.clear();
  arguments.clear();
}

void TaskBatch::check() const {
  const bool fits = all_positive(orders, &TaskOrder::count) &&
                    sum(orders, &TaskOrder::count) == ends.size() &&
                    sum(orders, &TaskOrder::accounts) == accounts.size() &&
                    cuts(
                        ends, [](std::uint64_t end) { return end; }, arguments.size());
  if (!fits) throw Error("the root sent tasks whose numbers do not fit together");
}

node::TaskRequest OrderReader::next(const TaskOrder& order) {
  const auto end_of = [&](std::size_t task) { return task == 0 ? 0 : batch_.ends[task - 1]; };
  const std::uint64_t begin = end_of(task_);
  node::TaskRequest request{
      .head = order.head, .arguments = {}, .ends = {}, .terms = order.terms(), .completion = nullptr};
  if (batch_.orders.size() == 1)
    request.arguments = std::move(batch_.arguments);  // it may be large
  else
    append(request.arguments, ByteView(batch_.arguments).subspan(begin, end_of(task_ + order.count) - begin));
  if (order.count > 1) {
    request.ends.reserve(order.count);
    for (std::uint32_t i = 1; i <= order.count; ++i) request.ends.push_back(end_of(task_ + i) - begin);
  }
  for (std::uint32_t i = 0; i < order.accounts; ++i) {
    const TaskAccount& account = batch_.accounts[account_ + i];
    request.account[account.place] = account.words;
  }
  task_ += order.count;
  account_ += order.accounts;
  return request;
}

void ValueBatch::add(ChunkId chunk, std::uint32_t first, const task::Values& values, std::uint32_t from,
                     std::uint32_t count) {
  rank = values.rank;
  const bool follows = !runs.empty() && runs.back().chunk == chunk &&
                       runs.back().first + runs.back().count == first &&
                       runs.back().attempt == values.attempt && runs.back().worker == values.worker;
  if (!follows) runs.push_back({chunk, first, 0, values.attempt, values.worker});
  runs.back().count += count;
  const std::uint64_t begin = bytes.size(), skipped = from == 0 ? 0 : values.marks[from - 1].end;
  append(bytes, values.bytes_of(from, count));
  for (std::uint32_t i = from; i < from + count; ++i) {
    marks.push_back(values.marks[i]);
    marks.back().end += begin - skipped;
  }
}

void ValueBatch::clear() {
  runs.clear();
  marks.clear();
  bytes.clear();
}

void ValueBatch::check() const {
  const bool fits = all_positive(runs, &ValueRun::count) && sum(runs, &ValueRun::count) == marks.size() &&
                    cuts(
                        marks, [](const task::ValueMark& mark) { return mark.end; }, bytes.size());
  if (!fits) throw Error("rank " + std::to_string(rank) + " sent values whose numbers do not fit together");
}

void ValueBatch::tell(node::MemberEvents& events, task::Values& scratch) const {
  auto mark = marks.begin();
  std::uint64_t begin = 0;
  scratch.rank = rank;
  for (const ValueRun& run : runs) {
    scratch.attempt = run.attempt;
    scratch.worker = run.worker;
    scratch.marks.assign(mark, mark + run.count);
    mark += run.count;
    const std::uint64_t end = scratch.marks.back().end;
    scratch.bytes.clear();
    append(scratch.bytes, ByteView(bytes).subspan(begin, end - begin));
    for (task::ValueMark& value : scratch.marks) value.end -= begin;
    begin = end;
    events.returned(run.chunk, run.first, scratch);
  }
}

}  // namespace acre::cluster
