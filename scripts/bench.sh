#!/usr/bin/env bash
# bench.sh [--long] [--quick]: builds, measures acre and its peers in turn on this machine, prints the figures
# and their ratios, draws their curves and, once all of it is done, writes both into framework/. Ten minutes
# on an idle machine; --long adds 10^8 tasks and a million simulated workers (an hour); --quick does a
# hundredth of the work, to see whether everything runs, and writes nothing into framework/.
# Raw figures: build/bench/figures.jsonl; BENCH_BUILD names another release build
# (a folder in the tree), to be measured as it is.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

long=() little=() keep=yes
for word in "$@"; do
  case "$word" in
    --long) long=(--large) ;;
    --quick) little=(--runs 1 --scale 0.01) keep= ;;
    *) die "it takes --long and --quick, not \"$word\"" ;;
  esac
done

scripts/install_packages.sh --bench
[ -n "${BENCH_BUILD-}" ] || scripts/build.sh -DACRE_BUILD_TESTS=OFF >&2
cores=$(nproc) bin=${BENCH_BUILD:-build}/bin peers=apps/bench/peers python=/usr/bin/python3
out=build/bench/figures.jsonl
mkdir -p build/bench
export BENCH_TURN=$PWD/$bin/libacre-bench-turn.so
"$python" scripts/bench_about.py "$@" >"$out"

# measure COMMAND…: its lines go to the file and, shortened, to the terminal; what fails or hangs is noted
# there, and nothing of it counts.
measure() {
  local begin=$SECONDS lines=build/bench/lines.jsonl
  printf '%s  %s\n' "$(date +%T)" "$*" >&2
  if timeout -k 10 "${limit:-300}" "$@" "${little[@]}" >"$lines"; then
    cut -c1-110 "$lines"
    cat "$lines" >>"$out"
  else
    echo "bench.sh: this failed: $*" >&2
    printf '{"failed": "%s"}\n' "$*" >>"$out"
  fi
  printf '%12d s\n' $((SECONDS - begin)) >&2
}
acre() { measure "${launch[@]}" "$bin/acre-bench" "$@" --json --system "$system"; }
ranks=(mpirun --oversubscribe --bind-to none)

[ -z "${long[*]}" ] || limit=7200
launch=() system=acre
for what in roundtrip submit map metg efficiency bandwidth preload replace startup shell results pending \
  speedup kernel simulated; do
  acre "$what" --workers "$cores" "${long[@]}"
done
measure "$python" scripts/syscalls.py "$bin/acre-bench-count"
measure "$bin/acre-bench-pingpong" --json

launch=("${ranks[@]}" -n 2) system='acre, mpirun -n 2'
for what in roundtrip submit map metg efficiency bandwidth startup results; do
  acre "$what" --workers "$cores" --cores "$cores"
done
# As on two machines, but that they share this one's cores: two agents, each with its own workers.
launch=("${ranks[@]}" -x ACRE_RANKS_PER_NODE=1 -n 2) system='acre, 2 nodes'
for what in roundtrip submit map metg efficiency; do
  acre "$what" --workers $(((cores + 1) / 2)) --cores "$cores"
done

# One worker beside the master, which spins, or a worker for each core: what is better depends on the tasks.
for n in "$cores" $((cores + 1)); do
  measure "${ranks[@]}" -n "$n" "$bin/acre-bench-textbook" --json --cores "$cores"
done
for peer in process_pool pool parallel_joblib dask_client commands; do
  measure "$python" "$peers/$peer.py" --cores "$cores" --runs 3
done
measure "${ranks[@]}" -n $((cores + 1)) "$python" -m mpi4py.futures "$peers/mpi_pool.py" --cores "$cores" \
  --runs 3

echo '{"done": true}' >>"$out"
"$python" scripts/bench_curves.py "$out" build/bench/curves.svg
"$python" scripts/bench_table.py "$out" ${keep:+--write framework/BENCHMARKS.md}
[ -z "$keep" ] || cp build/bench/curves.svg framework/curves.svg
