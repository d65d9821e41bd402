#include "twin.hpp"

#include <acre/task/exception.hpp>
#include <acre/task/hook.hpp>

namespace acre::test {
namespace {
struct Twin : std::logic_error {
  using std::logic_error::logic_error;
};
ACRE_EXCEPTION(Twin)
}  // namespace

task::Outcome twin_of_another_file() {
  task::Outcome outcome;
  outcome.ending = task::Ending::thrown;
  outcome.type = task::type_name(typeid(Twin));
  outcome.message = "one of two";
  outcome.execution = {2, 5, 0, 0, 0};
  return outcome;
}

}  // namespace acre::test
