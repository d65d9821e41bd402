// What members report, for tests that care for a part of it.
#pragma once

#include <acre/node/member_group.hpp>

namespace acre::test {

/// Hears nothing but what a class derived from it listens to.
class DeafToMembers : public node::MemberEvents {
 public:
  MemberId enroll(node::MemberGroup&) override { return {}; }
  void joined(MemberId, std::uint32_t, bool) override {}
  void lost(MemberId, const node::Loss&) override {}
  void unborn(const std::string&) override {}
  void started(ChunkId) override {}
  void ended(ChunkId, std::uint32_t, task::Outcome&&) override {}
  void returned(ChunkId, std::uint32_t, const task::Values&) override {}
  void taken_back(ChunkId, std::uint32_t, std::uint32_t, const node::Losses&) override {}
  void kept(ChunkId) override {}
  void broken(const std::string&) override {}
};

}  // namespace acre::test
