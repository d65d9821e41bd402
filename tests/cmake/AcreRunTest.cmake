# acre_run_test(<name> SOURCES … [LINK …] [TIMEOUT s] [ENVIRONMENT NAME=value] [PROPERTIES name value…]): a
# GoogleTest program inside acre::run: its cases have a session (support/session.hpp) and workers; CTest knows
# them one by one.
function(acre_run_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;ENVIRONMENT" "SOURCES;LINK;PROPERTIES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE acre_test_session ${arg_LINK} acre_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  set(environment)
  if(arg_ENVIRONMENT)
    set(environment ENVIRONMENT ${arg_ENVIRONMENT})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${arg_TIMEOUT} ${environment} ${arg_PROPERTIES})
endfunction()
