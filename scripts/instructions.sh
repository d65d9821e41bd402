#!/usr/bin/env bash
# instructions.sh [--record] [acre-bench-count]: counts what root and worker execute for a task that is
# submitted, that is one of a map, and that is waited for before the next one, and compares it with
# data/instructions.json, within 5 % either way; --record writes that file instead. A minute.
#
# Times are too noisy to be compared on a shared machine; instructions in user space, counted by callgrind,
# are the same to about 1 %, those of submits to 5 %, as what else runs decides how bursts are gathered: they
# are counted again. They depend on compiler and libraries: record them where they are compared, from the
# release build.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

record=()
if [ "${1-}" = --record ]; then
  record=(--record)
  shift
fi
program=${1:-build/bin/acre-bench-count}
[ -x "$program" ] || die "there is no $program: run scripts/build.sh first"
exec /usr/bin/python3 scripts/instructions.py "$program" data/instructions.json "${record[@]}"
