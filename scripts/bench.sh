#!/usr/bin/env bash
# bench.sh [acre-bench options]: builds, then measures everything acre-bench knows on this machine.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

scripts/install_packages.sh
scripts/build.sh -DACRE_BUILD_TESTS=OFF >&2
date -u +%Y-%m-%d
for what in kernel roundtrip submit map efficiency startup results; do
  build/bin/acre-bench "$what" "$@"
done
