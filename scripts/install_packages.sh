#!/usr/bin/env bash
# install_packages.sh [--tests] [--bench]: installs the Debian packages that are missing; touches no network
# if none is. --tests adds what only the tests and the checks need, --bench what acre is measured with and
# against.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

packages=(
  g++ cmake ninja-build libopenmpi-dev openmpi-bin libhdf5-dev hdf5-tools libfmt-dev libcli11-dev
  libeigen3-dev libhwloc-dev librandom123-dev libssl-dev zlib1g-dev
)
test_packages=(
  libgtest-dev python3 python3-h5py clang clang-format clang-tidy libclang-rt-dev llvm git procps slurm-wlm
  munge iproute2 doxygen valgrind
)
bench_packages=(
  python3 python3-joblib python3-mpi4py python3-distributed parallel findutils linux-perf
)

for word in "$@"; do
  case "$word" in
    --tests) packages+=("${test_packages[@]}") ;;
    --bench) packages+=("${bench_packages[@]}") ;;
    *) die "unknown argument $word: there are --tests and --bench" ;;
  esac
done

command -v dpkg-query >/dev/null ||
  die "this is no Debian or Ubuntu: install the like of these, then run scripts/build.sh: ${packages[*]}"

missing=()
for package in "${packages[@]}"; do
  # shellcheck disable=SC2016 # the format is dpkg-query's, not the shell's
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=(env)
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
  as_root=(sudo env)
else
  die "these packages are missing and only root can install them, so ask for: apt-get install ${missing[*]}"
fi
as_root+=(DEBIAN_FRONTEND=noninteractive)

apt=(apt-get -q -o DPkg::Lock::Timeout=300)
"${as_root[@]}" "${apt[@]}" update ||
  die "apt-get update failed; is there a network? Still missing: ${missing[*]}"
"${as_root[@]}" "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
  die "apt-get could not install all of: ${missing[*]}"
