# acre_compile_fail_test(<name> SOURCE file MESSAGE regex [LINK targets…]): two tests from one file. <name>
# compiles it and wants the message in an error; <name>.control compiles it with ACRE_CONTROL defined, where
# the mistake is put right, and wants success: so neither a broken include nor any other error can pass for
# the message.
function(acre_compile_fail_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SOURCE;MESSAGE" "LINK")
  set(folders "")
  foreach(target ${arg_LINK})
    list(APPEND folders $<TARGET_PROPERTY:${target},INTERFACE_INCLUDE_DIRECTORIES>)
  endforeach()
  set(includes "-I$<JOIN:$<REMOVE_DUPLICATES:${folders}>,;-I>")
  set(compile ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -Werror)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SOURCE})
  add_test(NAME ${name} COMMAND ${compile} "${includes}" ${source} COMMAND_EXPAND_LISTS)
  add_test(NAME ${name}.control COMMAND ${compile} "${includes}" -DACRE_CONTROL ${source}
    COMMAND_EXPAND_LISTS)
  set_tests_properties(${name} PROPERTIES PASS_REGULAR_EXPRESSION "error: [^\n]*${arg_MESSAGE}" TIMEOUT 60)
  set_tests_properties(${name}.control PROPERTIES TIMEOUT 60)
endfunction()
