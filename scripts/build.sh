#!/usr/bin/env bash
# build.sh [cmake options]: configures and builds the release preset in build/.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

cmake --preset release "$@"
cmake --build --preset release
