#!/usr/bin/env bash
# slurm_test.sh PI: the pi program under real Slurm daemons on four hosts that are network namespaces.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
pi=${1:?the pi program}
hosts=4

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || skip "network namespaces and Slurm daemons need root"
for tool in slurmctld slurmd munged ip; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
unshare --net --mount --uts true 2>/dev/null || skip "this machine does not let root make namespaces"
[ -e /etc/slurm/slurm.conf ] && ! grep -q '^ClusterName=acre$' /etc/slurm/slurm.conf &&
  skip "this machine has a Slurm of its own"

# The hosts have a /tmp each, so what they share lives elsewhere.
work=$(mktemp -d /var/tmp/acre-slurm.XXXXXX)
cleanup() {
  "$here/cluster.sh" down $hosts || true
  rm -rf "$work"
}
trap cleanup EXIT
cp "$pi" "$work/pi"
cd "$work"
"$here/cluster.sh" up $hosts

small=(--samples 10000001 --tasks 33)
wanted=$(./pi "${small[@]}" | grep '^digest ')
same() {  # same NAME COMMAND…: the command's digest is the one of a plain run
  local name=$1
  shift
  "$@" >"$name.out" 2>&1 || fail "$name exits with $?: $(cat "$name.out")"
  grep -qx "$wanted" "$name.out" || fail "$name computes other bits: $(cat "$name.out")"
  echo "ok: $name"
}
same srun-one-rank-a-node timeout 60 srun --mpi=pmix -N4 -n4 ./pi "${small[@]}"
same srun-two-ranks-a-node timeout 60 srun --mpi=pmix -N4 -n8 ./pi "${small[@]}"
same srun-one-task timeout 60 srun --mpi=pmix -N1 -n1 -c2 ./pi "${small[@]}"
same mpirun-in-an-allocation timeout 60 salloc -Q -N4 -n8 mpirun ./pi "${small[@]}"
printf '#!/bin/sh\n./pi %s\n' "${small[*]}" >batch.sh
timeout 60 sbatch -Q -W -N1 -o batch.log batch.sh || fail "the batch job: $(cat batch.log)"
same plain-in-a-batch-script cat batch.log

timeout 60 srun --mpi=none -N2 -n2 ./pi "${small[@]}" >none.out 2>&1 && fail "srun without PMIx is accepted"
grep -q -- 'use `srun --mpi=pmix`' none.out || fail "srun without PMIx gets no words: $(cat none.out)"
echo "ok: srun without PMIx is refused in words"

# A run that is told to drain keeps what was finished; resumed on the same hosts it computes the rest.
long=(--samples 60000000000 --tasks 3000 --out long.h5)
srun --mpi=pmix -N2 -n2 ./pi "${long[@]}" >drain.out 2>&1 &
step=$!
for _ in $(seq 600); do
  [ "$(stat -c %s long.h5.journal 2>/dev/null || echo 0)" -gt 2000 ] && break
  read -rt 0.1 <> <(:) || true
done
scancel -s USR1 "$(squeue -h -o %A | head -n 1)"
status=0
wait $step || status=$?
[ "$status" -eq 75 ] || fail "a drained run exits with $status, not 75: $(cat drain.out)"
[ ! -e long.h5 ] || fail "a drained run left a result file"
wanted=$(./pi --samples 60000000000 --tasks 3000 | grep '^digest ')
same resumed-after-a-drain timeout 100 srun --mpi=pmix -N2 -n2 ./pi "${long[@]}" --resume
grep -q '^resumed [1-9]' resumed-after-a-drain.out || fail "resumed nothing: $(cat resumed-after-a-drain.out)"
hosts_seen=$(h5dump -d /execution/darts/host long.h5 | grep -oE '"n[12]' | sort -u | tr -d '\n')
[ "$hosts_seen" = '"n1"n2' ] || fail "tasks ran on $hosts_seen"
# A batch job whose time is nearly over starts nothing that would not end in time, and can be resumed.
cat >limited.sh <<'EOF'
#!/bin/sh
scontrol update JobId="$SLURM_JOB_ID" EndTime="$(date -d '+12 seconds' +%FT%T)"
./pi --samples 60000000000 --tasks 3000 --out limited.h5
echo "status $?"
EOF
timeout 60 sbatch -Q -W -N1 -t 5 -o limited.log limited.sh || fail "the limited job: $(cat limited.log)"
grep -qx 'status 75' limited.log || fail "a run at the end of its job's time: $(cat limited.log)"
grep -q '^acre: the job ends at .*, too soon for the tasks that are left' limited.log ||
  fail "the end of the job's time gets no words: $(cat limited.log)"
[ -s limited.h5.journal ] || fail "a run at the end of its job's time kept nothing"
same resumed-after-the-end-of-the-time timeout 100 srun --mpi=pmix -N2 -n2 ./pi --samples 60000000000 \
  --tasks 3000 --out limited.h5 --resume
for host in n1 n2 n3 n4; do
  left=$(ip netns pids $host | xargs -r ps -o pid=,args= -p | grep -c '[.]/pi ' || true)
  [ "$left" -eq 0 ] || fail "$left processes of pi are left on $host"
done
echo "ok: nothing is left on any host"
