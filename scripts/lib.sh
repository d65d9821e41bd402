# shellcheck shell=bash
# Sourced by the other scripts: goes to the top of the tree and lets root start MPI jobs.
CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit

# Open MPI refuses to run as root without both; containers and CI machines have no other user.
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# Ends the script with one sentence.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
