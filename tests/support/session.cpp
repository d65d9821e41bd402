#include "support/session.hpp"

#include <gtest/gtest.h>

namespace {
acre::Session* the_session = nullptr;
}

acre::Session& acre::test::session() { return *the_session; }

int acre::test::run_tests(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return acre::run(argc, argv, [](acre::Session& session) {
    the_session = &session;
    return RUN_ALL_TESTS();
  });
}
