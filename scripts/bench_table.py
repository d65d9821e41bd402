#!/usr/bin/env python3
"""bench_table.py FIGURES [--write FILE]: the figures that bench.sh gathered, as tables in Markdown: acre
beside its goals, and its peers with ratios to it. --write puts them between the marks in FILE."""
import argparse
import json
import os
import platform
import time

BEGIN, END = '<!-- bench.sh writes from here -->', '<!-- to here -->'
ACRE = ['acre', 'acre, mpirun -n 2', 'acre, 2 nodes']

# What design.md wants: the least or the most that a median may be.
AT_LEAST, AT_MOST = '≥', '≤'
GOALS = {
    ('round trip', None): (AT_MOST, 3),
    ('submits', None): (AT_LEAST, 2e6),
    ('map', None): (AT_LEAST, 30e6),
    ('METG(50 %)', None): (AT_MOST, 1),
    ('efficiency', 5): (AT_LEAST, 0.90),
    ('efficiency', 100): (AT_LEAST, 0.97),
    ('efficiency', 1000): (AT_LEAST, 0.99),
    ('efficiency', 10_000): (AT_LEAST, 0.995),
    ('efficiency, uniform', 1000): (AT_LEAST, 0.97),
    ('ratio to memcpy', None): (AT_LEAST, 0.5),
    ('preload of 1 GiB and its workers together', None): (AT_MOST, 1.02),
    ('program to its first result', None): (AT_MOST, 20),
    ('recording, part of the time of 1 ms tasks', None): (AT_MOST, 0.02),
    ('small records, journal and HDF5 on', None): (AT_LEAST, 1e6),
    ('a pending task and its future', None): (AT_MOST, 100),
    ("root's growth in a map", None): (AT_MOST, 100),
    ('speed-up, pi', 2): (AT_LEAST, 1.98),
    ('speed-up, tiles', 2): (AT_LEAST, 1.98),
    ('ratio', None): (AT_LEAST, 2),
}


def number(value):
    for limit, letter in ((1e9, 'G'), (1e6, 'M'), (1e3, 'k')):
        if abs(value) >= limit:
            return f'{value / limit:.3g} {letter}'
    return f'{value:.3g}'


def cell(line):
    return f"{number(line['median'])} ({number(line['least'])} to {number(line['most'])})"


def name(key, line):
    at = '' if key[1] is None else f", {key[1]:,.15g} {line['at_unit']}"
    unit = f", {line['unit']}" if line['unit'] else ''
    return (key[0] + at + unit).replace(' us', ' µs')


def goal(key):
    known = GOALS.get(key) or GOALS.get((key[0], None))
    return known if known else (None, None)


def verdict(key, line):
    """A cell of acre's, marked if it misses the goal."""
    which, bound = goal(key)
    missed = which == AT_LEAST and line['median'] < bound or which == AT_MOST and line['median'] > bound
    return cell(line) + (' **missed**' if missed else '')


def row(cells):
    return '| ' + ' | '.join(cells) + ' |'


def table(head, rows):
    return '\n'.join([row(head), row('---' for _ in head), *map(row, rows)])


def of_acre(figures):
    rows = []
    for key, systems in figures.items():
        if key[0].startswith('efficiency curve') or not any(system in systems for system in ACRE):
            continue
        line = next(systems[system] for system in ACRE if system in systems)
        which, bound = goal(key)
        rows.append([name(key, line),
                     *(verdict(key, systems[system]) if system in systems else '' for system in ACRE),
                     f'{which} {number(bound)}' if which else '', str(line['runs'])])
    return table(['what', *ACRE, 'goal', 'runs'], rows)


def better(key, line, ours):
    """How many times better than a peer acre is."""
    less_is_better = line['unit'] in ('us', 'ms')
    ratio = line['median'] / ours['median'] if less_is_better else ours['median'] / line['median']
    return number(ratio) + '×'


def of_peers(figures):
    rows = []
    for key, systems in figures.items():
        peers = {system: line for system, line in systems.items() if system not in ACRE}
        if key[0].startswith(('efficiency curve', 'cores taken')):
            continue
        for system, line in peers.items():
            ratio = better(key, line, systems['acre']) if 'acre' in systems else ''
            rows.append([name(key, line), system, cell(line), ratio, str(line['runs'])])
    return table(['what', 'peer', 'median (least to most)', 'acre is better by', 'runs'], rows)


def processor():
    with open('/proc/cpuinfo', encoding='utf-8') as lines:
        return next((line.split(':')[1].strip() for line in lines if line.startswith('model name')),
                    platform.machine())


def text_of(figures):
    day = time.strftime('%Y-%m-%d', time.gmtime())
    return '\n\n'.join([
        f'Of {day}, on {os.cpu_count()} cores ({processor()}), all in one run of `scripts/bench.sh`: '
        'medians, and in brackets the least and the most. Peers run what acre-bench runs, in their language.',
        of_acre(figures), of_peers(figures)])


def read(path):
    """The figures by what they are and then by system, in the order of the file."""
    figures = {}
    with open(path, encoding='utf-8') as lines:
        for line in map(json.loads, lines):
            figures.setdefault((line['figure'], line.get('at')), {})[line['system']] = line
    return figures


def write(path, text):
    with open(path, encoding='utf-8') as file:
        old = file.read()
    if old.count(BEGIN) != 1 or old.count(END) != 1 or old.index(BEGIN) > old.index(END):
        raise SystemExit(f'bench_table.py: {path} lacks the lines "{BEGIN}" and "{END}", once each, in order')
    before, rest = old.split(BEGIN)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('figures')
    parser.add_argument('--write', metavar='FILE')
    arguments = parser.parse_args()
    text = text_of(read(arguments.figures))
    print(text)
    if arguments.write:
        write(arguments.write, text)


if __name__ == '__main__':
    main()
