#!/usr/bin/env python3
"""instructions.py PROGRAM RECORD [--record]: instructions per task of acre-bench-count, counted by callgrind,
beside the recorded ones; see instructions.sh. Exit status 1 if one is more than 5 % away, 77 if they cannot
be compared here."""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 0.05
TRIES = 3
COUNTS = 4
# Rounds of a shorter and of a longer run, and tasks in a round: their difference is without start and end.
RUNS = {'submit': (10, 40, 100), 'map': (5, 25, 1000), 'roundtrip': (300, 600, 1)}
SUMMARY = re.compile(r'^summary: (\d+)', re.MULTILINE)


def one_core():
    """One core for all processes, and none is taken from it before it waits: what happens between two waits
    does not depend on time."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def count_once(program, what, rounds):
    """Instructions of the root and of its worker, from start to end."""
    with tempfile.TemporaryDirectory() as folder:
        command = ['valgrind', '-q', '--tool=callgrind', f'--callgrind-out-file={folder}/%p', program, what,
                   str(rounds)]
        with subprocess.Popen(command, preexec_fn=one_core) as process:
            if process.wait(timeout=60) != 0:
                raise SystemExit(f'instructions.py: this failed: {" ".join(command)}')
        counts = {}
        for path in pathlib.Path(folder).iterdir():
            found = SUMMARY.search(path.read_text(encoding='utf-8', errors='replace'))
            if found:
                counts[int(path.name)] = int(found[1])
    root = counts.pop(process.pid)
    # The others are zygotes and a spare, which do nothing but start.
    *_, starter, worker = sorted(counts.values())
    if worker < 1.01 * starter:
        raise SystemExit(f'instructions.py: {rounds} rounds of {what} are too few to know the worker by')
    return {'root': root, 'worker': worker}


def count(program):
    """Instructions per task, by what is done and who does it."""
    counted = {}
    for what, (few, many, tasks) in RUNS.items():
        short, long = ([count_once(program, what, rounds) for _ in range(TRIES)] for rounds in (few, many))
        for who in ('root', 'worker'):
            slope = min(run[who] for run in long) - min(run[who] for run in short)
            counted[f'{what}, {who}'] = round(slope / ((many - few) * tasks))
    return counted


def compiler():
    return 'g++ ' + subprocess.run(['g++', '-dumpfullversion'], capture_output=True, text=True,
                                   check=True).stdout.strip()


def change_of(now, before):
    return (now - before) / before if before else float('inf')


def count_as_recorded(program, recorded):
    """Counts, again if that is not what is recorded: how a burst of submits is gathered depends on when other
    processes let this one run. Of each figure the count that is nearest."""
    counted = count(program)
    for _ in range(COUNTS - 1):
        if all(abs(change_of(now, recorded.get(what))) <= TOLERANCE for what, now in counted.items()):
            break
        for what, now in count(program).items():
            before = recorded.get(what)
            if abs(change_of(now, before)) < abs(change_of(counted[what], before)):
                counted[what] = now
    return counted


def compare(counted, recorded):
    """Prints each figure; whether all are as recorded."""
    good = True
    for what, now in counted.items():
        before = recorded.get(what)
        change = change_of(now, before)
        told = f'{what}: {now:,} instructions per task, recorded {before or 0:,} ({change:+.1%})'
        if change > TOLERANCE:
            told += ': slower; mend it, or record it with its reason by scripts/instructions.sh --record'
        elif change < -TOLERANCE:
            told += ': quicker; record it by scripts/instructions.sh --record, so that it is not lost again'
        good = good and abs(change) <= TOLERANCE
        print(told)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('program')
    parser.add_argument('record_file', metavar='RECORD', type=pathlib.Path)
    parser.add_argument('--record', action='store_true')
    arguments = parser.parse_args()
    if not shutil.which('valgrind'):
        print('instructions.py: skipped, valgrind is missing: run scripts/install_packages.sh --tests')
        sys.exit(77)
    if arguments.record:
        record = {'compiler': compiler(), 'instructions per task': count(arguments.program)}
        arguments.record_file.parent.mkdir(exist_ok=True)
        arguments.record_file.write_text(json.dumps(record, indent=2) + '\n', encoding='utf-8')
        print(arguments.record_file.read_text(encoding='utf-8'), end='')
        return
    record = json.loads(arguments.record_file.read_text(encoding='utf-8'))
    if record['compiler'] != compiler():
        print(f'instructions.py: skipped, {compiler()} is here and the record is of {record["compiler"]}')
        sys.exit(77)
    recorded = record['instructions per task']
    if not compare(count_as_recorded(arguments.program, recorded), recorded):
        sys.exit(1)


if __name__ == '__main__':
    main()
