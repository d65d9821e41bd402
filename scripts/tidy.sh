#!/usr/bin/env bash
# tidy.sh [-p build-dir] [files]: clang-tidy over the given sources, or over all sources but the tests, with
# the compile commands of build-dir (build/ unless told). clang-tidy 14 cannot read all of libstdc++ 12.
set -euo pipefail

build=
if [ "${1-}" = -p ]; then
  build=$(realpath -- "${2:?-p needs a folder}")
  shift 2
fi
files=()
if [ $# -gt 0 ]; then
  mapfile -t files < <(realpath -- "$@")
fi
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

build=${build:-$PWD/build}
commands=$build/compile_commands.json
[ -f "$commands" ] || die "there is no $commands: run scripts/build.sh first"
if [ ${#files[@]} -eq 0 ]; then
  ours="$PWD/(framework|apps)/"
  mapfile -t files < <(sed -nE "s#^ *\"file\": \"(${ours}[^\"]*)\",?\$#\1#p" "$commands" | sort -u)
fi
[ ${#files[@]} -gt 0 ] || die "no sources to look at"

# The compile commands may be g++'s, whose warnings clang does not all know.
printf '%s\0' "${files[@]}" |
  xargs -0 -n1 -P "$(nproc)" clang-tidy --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option
