// Events and actions in words, for people.
#pragma once

#include <string>

#include <acre/schedule/events.hpp>

namespace acre::simulate {

/// Short words: "finished c3.1[0..4] in 1.2 ms". Ranges are r, chunks c, members m; the number after a point
/// counts the uses of a slot; places are in brackets, both ends included. Any thread; does not block; throws
/// when memory runs out.
std::string words(const schedule::Event& event);
std::string words(const schedule::Action& action);
std::string words(schedule::Reason reason);
std::string words(TaskId task);
std::string words(ChunkId chunk);
std::string words(MemberId member);

/// "1.5 ms".
std::string words(Duration time);

}  // namespace acre::simulate
