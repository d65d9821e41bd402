#!/usr/bin/env bash
# check.sh: what the release build and its tests do not show: clang compiles everything too, each header
# stands alone, the build without MPI works, all compute the same bits, the manual has no gaps, and clang-tidy
# has nothing to say.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

[ -x build/bin/pi ] || die "there is no build/bin/pi: run scripts/build.sh first"

cmake --build build --target docs

cmake --preset clang -DACRE_BUILD_TESTS=OFF
cmake --build --preset clang --target all all_verify_interface_header_sets
cmake --preset nompi -DACRE_BUILD_TESTS=OFF
cmake --build --preset nompi

digest() { "$1" --samples 10000001 --tasks 33 | grep '^digest '; }
wanted=$(digest build/bin/pi)
for tree in build-clang build-nompi; do
  [ "$(digest $tree/bin/pi)" = "$wanted" ] || die "$tree/bin/pi computes other bits than build/bin/pi"
done

scripts/tidy.sh
echo "check.sh: all is well"
