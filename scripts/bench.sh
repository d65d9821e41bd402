#!/usr/bin/env bash
# bench.sh [--long] [--quick]: builds, measures acre and its peers in turn on this machine, prints the figures
# and their ratios and writes them into framework/BENCHMARKS.md. Ten minutes on an idle machine; --long adds
# METG and curves of all and 10^8 tasks (an hour); --quick does a hundredth of the work and writes no file.
# Raw figures: build/bench/figures.jsonl, curves: build/bench/curves.svg.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

long=() little=() write=(--write framework/BENCHMARKS.md)
for word in "$@"; do
  case "$word" in
    --long) long=(--large) ;;
    --quick) little=(--runs 1 --scale 0.01) write=() ;;
    *) die "it takes --long and --quick, not \"$word\"" ;;
  esac
done

scripts/install_packages.sh --bench
scripts/build.sh -DACRE_BUILD_TESTS=OFF >&2
cores=$(nproc) bin=build/bin peers=apps/bench/peers python=/usr/bin/python3
out=build/bench/figures.jsonl
mkdir -p build/bench
: >"$out"

# measure COMMAND…: its lines go to the file and, shortened, to the terminal; a peer that fails is said so and
# left out.
measure() {
  printf '%s  %s\n' "$(date +%T)" "$*" >&2
  "$@" "${little[@]}" | tee -a "$out" | cut -c1-110 || echo "bench.sh: this failed: $*" >&2
}
acre() { measure "${launch[@]}" "$bin/acre-bench" "$@" --json --system "$system"; }
ranks() { mpirun --oversubscribe --bind-to none "$@"; }

launch=() system=acre
for what in roundtrip submit map metg efficiency bandwidth preload startup results pending speedup kernel
do
  acre "$what" --workers "$cores" "${long[@]}"
done
measure "$bin/acre-bench-pingpong" --json

launch=(ranks -n 2) system='acre, mpirun -n 2'
for what in roundtrip submit map metg efficiency bandwidth startup results; do
  acre "$what" --workers "$cores" --cores "$cores"
done
# As on two machines, but that they share this one's cores: two agents, each with its own workers.
launch=(ranks -x ACRE_RANKS_PER_NODE=1 -n 2) system='acre, 2 nodes'
for what in roundtrip submit map metg efficiency; do
  acre "$what" --workers $(((cores + 1) / 2)) --cores "$cores"
done

# One worker beside the master, which spins, or a worker for each core: what is better depends on the tasks.
for n in "$cores" $((cores + 1)); do
  measure ranks -n "$n" "$bin/acre-bench-textbook" --json --cores "$cores" "${long[@]}"
done
for peer in process_pool pool parallel_joblib dask_client commands; do
  measure "$python" "$peers/$peer.py" --cores "$cores" --runs 3 "${long[@]}"
done
measure ranks -n $((cores + 1)) "$python" -m mpi4py.futures "$peers/mpi_pool.py" --cores "$cores" --runs 3 \
  "${long[@]}"

"$python" scripts/bench_table.py "$out" "${write[@]}"
"$python" scripts/bench_curves.py "$out" build/bench/curves.svg
