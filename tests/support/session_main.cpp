// The main of test programs that have none of their own.
#include "support/session.hpp"

int main(int argc, char** argv) { return acre::test::run_tests(argc, argv); }
