#!/usr/bin/env bash
# test.sh: installs what is missing, builds everything, checks it and runs all tests.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

scripts/install_packages.sh --tests
scripts/build.sh
scripts/check.sh
ctest --test-dir build --output-on-failure -j2 --no-tests=error
