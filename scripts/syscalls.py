#!/usr/bin/env python3
"""syscalls.py PROGRAM: how many system calls root and worker make for a task while both are busy, by strace
of acre-bench-count, as lines of JSON like those of acre-bench."""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import tempfile

# Rounds of a shorter and of a longer run, of so many tasks each: their difference is without start and end.
FEW, MANY, TASKS = 1, 6, 10_000
TOTAL = re.compile(r'^100\.00 +[\d.]+ +\d+ +(\d+)', re.MULTILINE)


def calls(program, what, rounds):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, 'summary')
        subprocess.run(['strace', '-f', '-c', '-o', str(path), program, what, str(rounds)],
                       check=True, timeout=100)
        text = path.read_text(encoding='utf-8')
    found = TOTAL.search(text)
    if not found:
        raise SystemExit(f'syscalls.py: strace told no total: {text}')
    return int(found[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('program')
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--scale', type=float, help='taken for the sake of bench.sh --quick')
    arguments = parser.parse_args()
    for what, name in (('busy-submit', 'submits'), ('busy-map', 'map')):
        values = [(calls(arguments.program, what, MANY) - calls(arguments.program, what, FEW)) /
                  ((MANY - FEW) * TASKS) for _ in range(arguments.runs)]
        print(json.dumps({'system': 'acre', 'figure': f'system calls per task, {name}', 'unit': '',
                          'median': statistics.median(values), 'least': min(values), 'most': max(values),
                          'runs': len(values), 'values': values}), flush=True)


if __name__ == '__main__':
    main()
