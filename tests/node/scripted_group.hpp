// A group of members that do what the test says, and a completion that keeps what it hears.
#pragma once

#include <acre/node/dealer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace acre::test {

class ScriptedGroup : public node::MemberGroup {
 public:
  struct Dealt {
    MemberId member;
    ChunkId chunk;
    std::uint32_t first, count;
    task::TaskHead head;  ///< of the first task
    Bytes arguments;      ///< of all
  };
  struct Recalled {
    MemberId member;
    ChunkId chunk;
    std::uint32_t count;
    bool unwanted;
  };
  using Report = std::function<void(node::MemberEvents&)>;

  /// What the next poll() reports.
  void report(Report what) { reports_.push_back(std::move(what)); }
  void join(MemberId* member, std::uint32_t workers = 1) {
    report([this, member, workers](node::MemberEvents& events) {
      *member = events.enroll(*this);
      events.joined(*member, workers, workers > 1);
    });
  }
  void end(const Dealt& ended, const std::string& value, std::uint32_t place = 0) {
    report([ended, value, place](node::MemberEvents& events) {
      task::Outcome outcome;
      const ByteView bytes = bytes_of_text(value);
      outcome.value.assign(bytes.begin(), bytes.end());
      events.ended(ended.chunk, place, std::move(outcome));
    });
  }

  void dispatch(MemberId member, const node::Deal& deal, const node::TaskRequest& request) override {
    if (refusal) throw Error(*refusal);
    const ByteView arguments = request.arguments_of(deal.first, deal.count);
    dealt.push_back({member, deal.chunk, deal.first, deal.count, request.head_of(deal.first, deal.attempt),
                     Bytes(arguments.begin(), arguments.end())});
  }
  void recall(MemberId member, ChunkId chunk, std::uint32_t count, bool unwanted) override {
    recalled.push_back({member, chunk, count, unwanted});
  }
  void resize(std::uint32_t workers) override { resized_to = workers; }
  void kill(MemberId member) override { killed.push_back(member); }
  void watch_starts() override { watches_starts = true; }
  void abandon() override { abandoned = true; }
  void share(const task::SharedHandle& value) override { shared.push_back(value->place().id); }
  void unshare(std::uint64_t id) override { std::erase(shared, id); }
  void request_stop() override { stop_requested = true; }
  bool heeds_stop() const override { return false; }
  void flush() override {}
  void hint() override {}
  bool poll(node::MemberEvents& events) override {
    const auto reports = std::exchange(reports_, {});
    for (const Report& what : reports) what(events);
    return !reports.empty();
  }
  bool prepare_sleep(const node::SleepPlan& plan) override {
    last_plan = plan;
    return reports_.empty();
  }
  void add_descriptors(std::vector<pollfd>& descriptors) const override { descriptors.push_back({7, 0, 0}); }
  Duration longest_sleep() const override { return std::chrono::milliseconds(3); }
  bool all_ready() const override { return is_ready; }
  void close() override { is_closed = true; }
  bool closed() const override { return is_closed; }

  std::vector<Dealt> dealt;
  std::vector<Recalled> recalled;
  std::vector<MemberId> killed;
  bool watches_starts = false, abandoned = false, stop_requested = false;
  std::uint32_t resized_to = 0;
  std::vector<std::uint64_t> shared;
  node::SleepPlan last_plan;
  std::optional<std::string> refusal;
  bool is_ready = false, is_closed = false;

 private:
  std::vector<Report> reports_;
};

class Heard final : public node::Completion {
 public:
  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override {
    places.push_back(place);
    outcomes.push_back(std::move(outcome));
  }
  std::vector<task::Outcome> outcomes;
  std::vector<std::uint32_t> places;  ///< of each in its range
};

}  // namespace acre::test
