#!/usr/bin/env bash
# instructions.sh [--record] [acre-bench]: counts what the root executes for a task, and compares it with
# apps/bench/instructions.json: no more than 5 % above it. --record writes that file instead.
#
# Counted by callgrind are the instructions in user space of all threads of the root alone: from submit() to
# the end of get() for 2000 tasks submitted and then waited for, for a map of 20,000 items, and for 50 round
# trips one after another; the least of five blocks each. Times are too noisy to be compared, these are not.
# They depend on compiler and libraries: record them where they are compared, from the release build.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

record=()
if [ "${1-}" = --record ]; then
  record=(--record)
  shift
fi
bench=${1:-build/bin/acre-bench}
[ -x "$bench" ] || die "there is no $bench: run scripts/build.sh first"
command -v valgrind >/dev/null || die "valgrind is missing: run scripts/install_packages.sh --tests"

dumps=$(mktemp -d)
trap 'rm -rf "$dumps"' EXIT
valgrind -q --tool=callgrind --instr-atstart=no --callgrind-out-file="$dumps/%p" \
  "$bench" instructions --runs 5 >&2
/usr/bin/python3 scripts/instructions.py "$dumps" apps/bench/instructions.json "${record[@]}"
