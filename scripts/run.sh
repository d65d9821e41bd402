#!/usr/bin/env bash
# run.sh: from a fresh clone to a result: installs, builds, estimates pi and shows the HDF5 file it wrote.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

scripts/install_packages.sh
scripts/build.sh -DACRE_BUILD_TESTS=OFF

# A folder of its own, emptied first, so that each run starts afresh.
out=build/run
rm -rf "$out"
mkdir -p "$out"
build/bin/pi --samples 20000000000 --tasks 2000 --out "$out/pi.h5"
echo
h5ls -r "$out/pi.h5"
echo
echo "The result is in $PWD/$out/pi.h5; look into it with h5dump or h5py."
