// A group of members that do what the test says, and a completion that keeps what it hears.
#pragma once

#include <acre/node/dealer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace acre::test {

class ScriptedGroup final : public node::MemberGroup {
 public:
  struct Dealt {
    MemberId member;
    TaskId task;
    task::TaskHead head;
    Bytes arguments;
  };
  using Report = std::function<void(node::MemberEvents&)>;

  /// What the next poll() reports.
  void report(Report what) { reports_.push_back(std::move(what)); }
  void join(MemberId* member, std::uint32_t workers = 1) {
    report([this, member, workers](node::MemberEvents& events) {
      *member = events.enroll(*this);
      events.joined(*member, workers);
    });
  }
  void end(const Dealt& ended, const std::string& value) {
    report([ended, value](node::MemberEvents& events) {
      task::Outcome outcome;
      const ByteView bytes = bytes_of_text(value);
      outcome.value.assign(bytes.begin(), bytes.end());
      events.ended(ended.member, ended.task, std::move(outcome));
    });
  }

  void dispatch(MemberId member, TaskId task, const task::TaskHead& head, ByteView arguments) override {
    if (refusal) throw Error(*refusal);
    dealt.push_back({member, task, head, Bytes(arguments.begin(), arguments.end())});
  }
  void recall(MemberId member, TaskId task) override { recalled.emplace_back(member, task); }
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
  void close() override { is_closed = true; }
  bool closed() const override { return is_closed; }

  std::vector<Dealt> dealt;
  std::vector<std::pair<MemberId, TaskId>> recalled;
  node::SleepPlan last_plan;
  std::optional<std::string> refusal;
  bool is_closed = false;

 private:
  std::vector<Report> reports_;
};

class Heard final : public node::Completion {
 public:
  void complete(task::Outcome&& outcome) noexcept override { outcomes.push_back(std::move(outcome)); }
  std::vector<task::Outcome> outcomes;
};

}  // namespace acre::test
