#!/usr/bin/env bash
# consume.sh CMAKE BUILD-TREE CONSUMER WORK-FOLDER COMPILER SANITIZERS
set -euo pipefail
cmake=$1 build=$2 consumer=$3 work=$4 compiler=$5 sanitize=$6

rm -rf "$work"
mkdir -p "$work"
"$cmake" --install "$build" --prefix "$work/prefix" >"$work/install.log"
"$cmake" -S "$consumer" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="${sanitize:+-fsanitize=$sanitize}" \
  -DCMAKE_PREFIX_PATH="$work/prefix"
"$cmake" --build "$work/build"
result=$("$work/build/consumer")
[ "$result" = "sum 14" ] || { echo "the consumer printed: $result" >&2; exit 1; }
echo "$result"
