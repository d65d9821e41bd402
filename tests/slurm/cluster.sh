#!/usr/bin/env bash
# cluster.sh up|down HOSTS: a Slurm cluster of network namespaces on this machine, each host with its own
# name, /tmp and /dev/shm, so that MPI really crosses a network. Root only; taken down by process id.
set -euo pipefail

verb=${1:?up or down} hosts=${2:-2}
run=/run/acre-slurm

start_munge() {
  [ -S /run/munge/munge.socket.2 ] && return
  mkdir -p /run/munge /var/log/munge /var/lib/munge
  chown munge: /run/munge /var/log/munge /var/lib/munge
  runuser -u munge -- munged
  touch "$run/own-munged"
}

write_configuration() {
  cat >/etc/slurm/slurm.conf <<EOF
ClusterName=acre
SlurmctldHost=$(hostname)(10.77.0.254)
AuthType=auth/munge
MpiDefault=pmix
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$run/state
ReturnToService=2
SlurmctldPidFile=$run/slurmctld.pid
SlurmdPidFile=$run/slurmd.%n.pid
SlurmdSpoolDir=$run/spool.%n
SlurmctldLogFile=$run/slurmctld.log
SlurmdLogFile=$run/slurmd.%n.log
NodeName=n[1-$hosts] CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
EOF
  grep -q '^cgroup2 /sys/fs/cgroup ' /proc/mounts || echo 'CgroupPlugin=cgroup/v1' >/etc/slurm/cgroup.conf
}

start_host() {
  local name=n$1
  ip netns add "$name"
  ip link add "acre$1" type veth peer name eth0 netns "$name"
  ip link set "acre$1" master acrebr up
  ip -n "$name" addr add "10.77.0.$1/24" dev eth0
  ip -n "$name" link set eth0 up
  ip -n "$name" link set lo up
  grep -q " $name\$" /etc/hosts || echo "10.77.0.$1 $name" >>/etc/hosts
  mkdir -p "$run/spool.$name"
  ip netns exec "$name" unshare --uts --mount --ipc sh -c "hostname $name
    mount -t tmpfs tmpfs /dev/shm; mount -t tmpfs tmpfs /tmp; exec slurmd -N $name"
}

await_hosts() {
  for _ in $(seq 300); do
    [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = "$hosts" ] && return
    read -rt 0.1 <> <(:) || true
  done
  echo "cluster.sh: the hosts did not come up:" >&2
  sinfo >&2
  exit 1
}

stop() {
  [ -f "$1" ] || return 0
  local pid
  pid=$(cat "$1")
  kill "$pid" 2>/dev/null || return 0
  timeout 20 tail --pid="$pid" -f /dev/null || kill -9 "$pid"
}

up() {
  mkdir -p "$run/state" /etc/slurm
  start_munge
  ip link add acrebr type bridge
  ip addr add 10.77.0.254/24 dev acrebr
  ip link set acrebr up
  write_configuration
  slurmctld
  for host in $(seq "$hosts"); do start_host "$host"; done
  await_hosts
}

down() {
  for file in "$run"/slurmd.*.pid "$run/slurmctld.pid"; do stop "$file"; done
  for host in $(seq "$hosts"); do ip netns del "n$host" 2>/dev/null || true; done
  ip link del acrebr 2>/dev/null || true
  [ -f "$run/own-munged" ] && stop /run/munge/munged.pid
  sed -i '/^10\.77\.0\.[0-9]* n[0-9]*$/d' /etc/hosts 2>/dev/null || true
  rm -rf "$run"
}

case $verb in
  up) up ;;
  down) down ;;
  *) echo "cluster.sh: up or down, not $verb" >&2; exit 2 ;;
esac
