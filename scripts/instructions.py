#!/usr/bin/env python3
"""instructions.py DUMPS RECORD [--record]: instructions per task from callgrind's dumps, beside the recorded
ones; see instructions.sh. Exit status 1 if there are more than 5 % too many."""
import argparse
import json
import pathlib
import re

TOLERANCE = 0.05
DUMP = re.compile(r'^desc: Trigger: Client Request: (\w+) (\d+)$.*^summary: (\d+)', re.MULTILINE | re.DOTALL)


def count(folder):
    """The least instructions per task of each kind of block; a dump names its block and its tasks."""
    least = {}
    for path in pathlib.Path(folder).iterdir():
        found = DUMP.search(path.read_text(encoding='utf-8', errors='replace')[:10_000])
        if found:
            what, tasks, instructions = found[1], int(found[2]), int(found[3])
            least[what] = min(least.get(what, float('inf')), round(instructions / tasks))
    if not least:
        raise SystemExit('instructions.py: callgrind wrote no dumps: acre-bench was built without '
                         'valgrind/callgrind.h')
    return dict(sorted(least.items()))


def compare(counted, recorded):
    """Prints each figure; whether none is too large."""
    good = counted.keys() == recorded.keys()
    for what in sorted(counted.keys() | recorded.keys()):
        now, before = counted.get(what), recorded.get(what)
        if now is None or before is None:
            print(f'{what}: counted {now}, recorded {before}')
            continue
        change = now / before - 1
        good = good and change <= TOLERANCE
        hint = ' too many' if change > TOLERANCE else ' fewer: record it' if change < -TOLERANCE else ''
        print(f'{what}: {now} instructions per task, recorded {before} ({change:+.1%}){hint}')
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('dumps')
    parser.add_argument('record_file', metavar='RECORD')
    parser.add_argument('--record', action='store_true')
    arguments = parser.parse_args()
    counted, record = count(arguments.dumps), pathlib.Path(arguments.record_file)
    if arguments.record:
        record.write_text(json.dumps(counted, indent=2) + '\n', encoding='utf-8')
        print(record.read_text(encoding='utf-8'), end='')
    elif not compare(counted, json.loads(record.read_text(encoding='utf-8'))):
        raise SystemExit(1)


if __name__ == '__main__':
    main()
