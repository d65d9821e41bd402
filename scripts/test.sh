#!/usr/bin/env bash
# test.sh [--sanitize]: installs what is missing, builds everything, checks it and runs all tests; with
# --sanitize, the tests under address, undefined behaviour and thread sanitizers instead. Prints how long each
# part took.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

times=()
# part NAME COMMAND…: runs the command and notes how long it took.
part() {
  local begin=$SECONDS
  "${@:2}"
  times+=("$(printf '%5d s  %s' $((SECONDS - begin)) "$1")")
}

case "${1-}" in
  '')
    part 'packages' scripts/install_packages.sh --tests
    part 'build' scripts/build.sh
    part 'checks' scripts/check.sh
    part 'tests' ctest --test-dir build --output-on-failure -j2 --no-tests=error
    ;;
  --sanitize)
    part 'packages' scripts/install_packages.sh --tests
    part 'address and undefined behaviour' scripts/sanitize.sh asan
    part 'threads' scripts/sanitize.sh tsan
    ;;
  *) die "it takes nothing or --sanitize, not \"$1\"" ;;
esac
printf '%s\n' "${times[@]}"
