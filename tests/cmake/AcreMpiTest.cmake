# acre_mpi_test(<name> COMMAND … [RANKS n…] [RANKS_PER_NODE all|n…] [WRAPPER …] [TIMEOUT s]): a program
# under mpirun, itself started by the wrapper, a
# test for each number of ranks and each way in which they pretend to be nodes: "<name>.<ranks>-ranks" with
# all of them on one node, else "<name>.<ranks>-ranks.<n>-per-node". More ranks than cores are wanted.
execute_process(COMMAND id -u OUTPUT_VARIABLE acre_user_id OUTPUT_STRIP_TRAILING_WHITESPACE)

function(acre_mpi_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "COMMAND;RANKS;RANKS_PER_NODE;WRAPPER")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(NOT arg_RANKS)
    set(arg_RANKS 1 2 3 4 8)
  endif()
  if(NOT arg_RANKS_PER_NODE)
    set(arg_RANKS_PER_NODE all)
  endif()
  set(environment)
  if(acre_user_id EQUAL 0)  # Open MPI refuses to run as root without both
    set(environment OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
  endif()
  foreach(ranks IN LISTS arg_RANKS)
    foreach(per_node IN LISTS arg_RANKS_PER_NODE)
      set(test ${name}.${ranks}-ranks)
      set(layout)
      if(NOT per_node STREQUAL all)
        if(ranks LESS_EQUAL per_node)
          continue()  # one node again
        endif()
        string(APPEND test .${per_node}-per-node)
        set(layout ACRE_RANKS_PER_NODE=${per_node})
      endif()
      add_test(NAME ${test}
        COMMAND ${arg_WRAPPER} ${MPIEXEC_EXECUTABLE} --oversubscribe -n ${ranks} ${arg_COMMAND})
      # Both slots of `ctest -j2`: ranks that share cores with other tests say little about waiting.
      set_tests_properties(${test} PROPERTIES TIMEOUT ${arg_TIMEOUT} PROCESSORS 2
        ENVIRONMENT "${environment};${layout}")
    endforeach()
  endforeach()
endfunction()
