#!/usr/bin/env bash
# soak.sh: what is too long for every test run: simulated clusters of ever new seeds, ten thousand real deaths
# of workers, tasks that scribble, and the tests with real kills again and again; where scripts/sanitize.sh
# has built them, the fuzzers for minutes. Takes the minutes to go on for (60 if none are given); needs a
# build (scripts/build.sh).
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

minutes=${1:-60}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || die "soak.sh takes a number of minutes, not \"$minutes\""
[ -x build/bin/acre-simulate ] || die "there is no build/bin/acre-simulate: run scripts/build.sh first"

end=$((SECONDS + 60 * minutes))
build/bin/acre-simulate --seeds 0..100000
build/bin/acre-simulate --enumerate
for fuzzer in build-asan/tests/*_fuzzer; do
  [ -x "$fuzzer" ] || continue
  mkdir -p "$fuzzer.corpus"
  "$fuzzer" -max_total_time=300 "$fuzzer.corpus"
done
first=$(($(date +%s) * 1000))
while [ $SECONDS -lt $end ]; do
  build/bin/acre-simulate --seeds $first..$((first + 100000))
  first=$((first + 100000))
  build/bin/acre-bench chaos --deaths 10000 --tasks 1000000 --seed $first
  for _ in {1..50}; do
    build/tests/fuzz_scribble_test --gtest_random_seed=$((1 + RANDOM))
  done
  ctest --test-dir build --output-on-failure -j2 --no-tests=error -R 'real_run|e2e|cluster_farm|executor'
done
echo "soak.sh: $minutes minutes without a failure"
