#!/usr/bin/env bash
# mutate.sh [--sample N] [--seed S] [--jobs J] [file.cpp ...]: do the tests of the scheduler bite?
# Changes framework/acre/schedule/*.cpp in one place at a time, in a copy, and counts the changes that no test
# notices. Tells the score and the survivors; ends with 1 below a score of 90 %.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

command -v ninja >/dev/null || die "needs ninja: install ninja-build"
build=build/mutation
cmake -S . -B "$build" -G Ninja -DACRE_WITH_MPI=OFF -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O1 >/dev/null
cmake --build "$build" --target schedule_test acre-simulate >/dev/null
exec python3 scripts/mutate.py --build "$build" "$@"
