# acre_layer(<name> SOURCES … HEADERS … DEPENDS …): one library target per layer, with verified headers.
include(GNUInstallDirs)

add_library(acre_options INTERFACE)
set_target_properties(acre_options PROPERTIES EXPORT_NAME options)
target_compile_features(acre_options INTERFACE cxx_std_20)
# Streams and reductions must not depend on how a compiler contracts a*b+c; a task's function is found again
# in another process by its module's build id.
target_compile_options(acre_options INTERFACE $<BUILD_INTERFACE:-ffp-contract=off>)
target_link_options(acre_options INTERFACE -Wl,--build-id)
if(ACRE_SANITIZE)
  target_compile_options(acre_options INTERFACE -fsanitize=${ACRE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(acre_options INTERFACE -fsanitize=${ACRE_SANITIZE})
endif()

add_library(acre_warnings INTERFACE)
target_compile_options(acre_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wvla
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wlogical-op;-Wno-restrict>
  $<$<BOOL:${ACRE_WERROR}>:-Werror>)

set(ACRE_LAYERS "" CACHE INTERNAL "")

function(acre_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;DEPENDS;LINK")
  add_library(acre_${name} STATIC ${arg_SOURCES})
  add_library(acre::${name} ALIAS acre_${name})
  target_sources(acre_${name} PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR}/framework FILES ${arg_HEADERS})
  set_target_properties(acre_${name} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON
    POSITION_INDEPENDENT_CODE ON)
  list(TRANSFORM arg_DEPENDS PREPEND acre_ OUTPUT_VARIABLE layers)
  target_link_libraries(acre_${name} PUBLIC acre_options ${layers} ${arg_LINK}
    PRIVATE $<BUILD_INTERFACE:acre_warnings>)
  set(ACRE_LAYERS ${ACRE_LAYERS} acre_${name} CACHE INTERNAL "")
endfunction()
