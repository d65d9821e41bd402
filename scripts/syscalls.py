#!/usr/bin/env python3
"""syscalls.py PROGRAM: how many system calls root and workers make for a task while both are busy, counted by
the kernel for acre-bench-count, as lines of JSON like those of acre-bench. It needs perf, and root or
kernel.perf_event_paranoid=-1."""
import argparse
import json
import statistics
import subprocess

# Rounds of a shorter and of a longer run, of so many tasks each: their difference is without start and end.
FEW, MANY, TASKS = 1, 11, 10_000
EVENT = 'raw_syscalls:sys_enter'


def calls(program, what, rounds):
    # Not strace: it makes each call take long, so that there is more to sleep for.
    told = subprocess.run(['perf', 'stat', '-x,', '-e', EVENT, program, what, str(rounds)],
                          check=False, timeout=100, capture_output=True, text=True)
    for line in told.stderr.splitlines():
        fields = line.split(',')
        if told.returncode == 0 and EVENT in fields and fields[0].isdigit():
            return int(fields[0])
    raise SystemExit('syscalls.py: perf cannot count system calls; run it as root, or after '
                     f'sysctl kernel.perf_event_paranoid=-1. It says: {told.stderr.strip()}')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('program')
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--scale', type=float, help='taken for the sake of bench.sh --quick')
    arguments = parser.parse_args()
    for what, name in (('busy-submit', 'submits'), ('busy-map', 'map'),
                       ('lone-busy-submit', 'submits, 1 worker'), ('lone-busy-map', 'map, 1 worker')):
        values = [(calls(arguments.program, what, MANY) - calls(arguments.program, what, FEW)) /
                  ((MANY - FEW) * TASKS) for _ in range(arguments.runs)]
        print(json.dumps({'system': 'acre', 'figure': f'system calls per task, {name}', 'unit': '',
                          'median': statistics.median(values), 'least': min(values), 'most': max(values),
                          'runs': len(values), 'values': values}), flush=True)


if __name__ == '__main__':
    main()
