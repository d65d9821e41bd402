#!/usr/bin/env bash
# test.sh [--sanitize]: installs what is missing, builds everything, checks it and runs all tests; with
# --sanitize, the tests under address, undefined behaviour and thread sanitizers instead. Prints how long each
# part took.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

times=()
# all_tests: a test that fails has a second try, as others may use the machine; but it is named at the end.
all_tests() {
  local log=build/tests.log
  ctest --test-dir build --output-on-failure -j2 --no-tests=error --repeat until-pass:2 | tee "$log"
  local again
  again=$(sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: (.*[^.]) \.*\*\*\*[^S].*/  \1/p' "$log" | sort -u)
  [ -z "$again" ] || printf 'failed at least once, a defect of the test or of acre:\n%s\n' "$again"
}

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
    part 'tests' all_tests
    ;;
  --sanitize)
    part 'packages' scripts/install_packages.sh --tests
    part 'address and undefined behaviour' scripts/sanitize.sh asan
    part 'threads' scripts/sanitize.sh tsan
    ;;
  *) die "it takes nothing or --sanitize, not \"$1\"" ;;
esac
printf '%s\n' "${times[@]}"
