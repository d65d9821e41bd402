#!/usr/bin/env python3
"""bench_table.py FIGURES [--write FILE]: the figures that bench.sh gathered, as tables in Markdown: acre
beside its goals, what limits it and its best peer, then all peers. --write puts them between the marks in
FILE, at once or not at all; figures of a run that has not come to its end, or of which acre's own are
missing, are refused."""
import argparse
import json
import os
import sys
from dataclasses import dataclass, replace

BEGIN, END = '<!-- bench.sh writes from here -->', '<!-- to here -->'
ACRE = ['acre', 'acre, mpirun -n 2', 'acre, 2 nodes']
# No farm, but what one is measured against.
LIMITS = ['shared memory', 'textbook MPI, 1 worker', 'textbook MPI, 2 workers']
AT_LEAST, AT_MOST = '≥', '≤'
BUSY = 0.03  # part of the cores that others take, from which on a run is no measurement


@dataclass
class Goal:
    """A number of design.md: the least or the most that a median may be."""
    words: str
    figure: str
    at: float | None
    which: str
    bound: float
    unit: str = ''
    instead: str = 'not measured'  # what to say if there is no such figure
    times: str = ''  # the system whose figure the bound is a multiple of

    def known(self, systems):
        """The same with a bound of its own."""
        if self.times not in systems:
            return self
        return replace(self, bound=self.bound * systems[self.times]['median'])


GOALS = [
    Goal('round trip, one task in flight', 'round trip', None, AT_MOST, 3, 'µs'),
    Goal('single submits, then results', 'submits', None, AT_LEAST, 2e6, '/s'),
    Goal('map of a trivial function', 'map', None, AT_LEAST, 30e6, '/s'),
    Goal('METG(50 %), map', 'METG(50 %)', None, AT_MOST, 1, 'µs'),
    Goal('METG(50 %), submits', 'METG(50 %) of submits', None, AT_MOST, 1, 'µs'),
    *(Goal(f'efficiency, tasks of {words}', 'efficiency', at, AT_LEAST, bound)
      for at, words, bound in ((5, '5 µs', 0.90), (100, '100 µs', 0.97), (1000, '1 ms', 0.99),
                               (10_000, '10 ms', 0.995))),
    Goal('the same, uniform in (0, 2 ms)', 'efficiency, uniform', 1000, AT_LEAST, 0.97),
    Goal('64 MiB to a task and back, part of the speed of memcpy', 'ratio to memcpy', None, AT_LEAST, 0.5),
    Goal('1 GiB preload and its workers together', 'preload of 1 GiB and its workers together', 2, AT_MOST,
         1.02, 'GiB'),
    Goal('a dead worker replaced', 'a death to the first task of the replacement', None, AT_MOST, 5, 'ms'),
    Goal('recording, part of the time of 1 ms tasks', 'recording, part of the time of 1 ms tasks', None,
         AT_MOST, 0.02),
    Goal('small records, journal and HDF5 on', 'small records, journal and HDF5 on', None, AT_LEAST, 1e6,
         '/s'),
    Goal('start of a program to its first result', 'program to its first result', None, AT_MOST, 20, 'ms'),
    Goal('1000 × true as tasks (goal: 1.2 × xargs)', '1000 commands', None, AT_MOST, 1.2, 's',
         times='xargs'),
    Goal('a pending task and its future', 'a pending task and its future', None, AT_MOST, 100, 'B'),
    Goal('growth in a map of 10^8 items', "root's growth in a map", 1e8, AT_MOST, 100, 'MB',
         'only with --long'),
    Goal('simulated, 16,384 workers, uniform 1 ms tasks', 'simulated efficiency, 1 ms tasks, uniform',
         16_384, AT_LEAST, 0.95),
    Goal('simulated, 16,384 × 64 workers, the same', 'simulated efficiency, 1 ms tasks, uniform', 1_048_576,
         AT_LEAST, 0.95, '', 'only with --long; see “On paper”'),
    *(Goal(f'system calls for a task, both sides busy, {what}', f'system calls per task, {what}', None,
           AT_MOST, 0.1) for what in ('submits', 'map', 'submits, 1 worker', 'map, 1 worker')),
    Goal('pi on 2 workers over 1', 'speed-up, pi', 2, AT_LEAST, 1.98, '×'),
    Goal('tiles of a matrix product, the same', 'speed-up, tiles', 2, AT_LEAST, 1.98, '×'),
    Goal('pi kernel over scalar Random123', 'ratio', None, AT_LEAST, 2, '×'),
]


class Figures:
    """What bench.sh gathered: figures by what they are and then by system, in the order of the file."""

    def __init__(self, path):
        self.about, self.failed, self.done, self.figures = {}, [], False, {}
        with open(path, encoding='utf-8') as lines:
            for line in map(json.loads, lines):
                self.take(line)

    def take(self, line):
        self.about = line.get('about', self.about)
        self.done = self.done or 'done' in line
        if 'failed' in line:
            self.failed.append(line['failed'])
        if 'figure' in line:
            key = (line['figure'], line.get('at'))
            self.figures.setdefault(key, {})[line['system']] = line

    def of(self, goal):
        return self.figures.get((goal.figure, goal.at), {})


def number(value):
    for least, limit, letter in ((1e9, 1e9, ' G'), (1e6, 1e6, ' M'), (1e4, 1e3, ' k')):
        if abs(value) >= least:
            return f'{value / limit:.3g}{letter}'
    return f'{value:.4g}' if abs(value) >= 1000 else f'{value:.3g}'


def with_unit(value, unit):
    text = number(value)
    return text + ('' if not unit or unit == '/s' else ' ') + unit


def unit_of(line):
    return line['unit'].replace('us', 'µs').replace('tasks/s', '/s').replace('items/s', '/s')


def missed(goal, median):
    return median < goal.bound if goal.which == AT_LEAST else median > goal.bound


def of_acre(goal, line):
    text = f"{number(line['median'])} ({number(line['least'])} to {number(line['most'])})"
    return text + (' **missed**' if missed(goal, line['median']) else '')


def best(goal, lines):
    good = min if goal.which == AT_MOST else max
    return good(lines, key=lambda line: line['median'], default=None)


def beside(goal, line, ours):
    """A limit or a peer, and how many times better than it acre is."""
    if line is None:
        return ''
    text = f"{line['system']} {with_unit(line['median'], unit_of(line))}"
    if not ours or not ours['median'] or not line['median']:
        return text
    ratio = ours['median'] / line['median'] if goal.which == AT_LEAST else line['median'] / ours['median']
    return f'{text} ({number(ratio)}×)'


def row(cells):
    return '| ' + ' | '.join(cells) + ' |'


def table(head, rows):
    return '\n'.join([row(head), row('---' for _ in head), *map(row, rows)])


def row_of(goal, systems):
    ours, goal = systems.get('acre'), goal.known(systems)
    cells = [of_acre(goal, systems[system]) if system in systems else '' for system in ACRE]
    if not any(cells):
        cells[0] = goal.instead
    limit = best(goal, [systems[system] for system in LIMITS if system in systems])
    peer = best(goal, [line for system, line in systems.items() if system not in ACRE + LIMITS])
    runs = max((systems[system]['runs'] for system in ACRE if system in systems), default='')
    return [goal.words, f'{goal.which} {with_unit(goal.bound, goal.unit)}', *cells,
            beside(goal, limit, ours), beside(goal, peer, ours), str(runs)]


def goals_table(figures):
    head = ['what', 'goal', *ACRE, 'limit (acre is better by)', 'best peer (acre is better by)', 'runs']
    return table(head, [row_of(goal, figures.of(goal)) for goal in GOALS])


PEERS_SHOWN = ('round trip', 'submits', 'map', 'METG(50 %)', 'METG(50 %) of submits',
               'executor to its first result', '1000 commands')


def peer_rows(figures):
    """Each system by what all of them were asked; the efficiencies of maps and of submits."""
    columns = [(name, None) for name in PEERS_SHOWN]
    columns += [(name, at) for name in ('efficiency', 'efficiency of submits') for at in (100, 1000, 10_000)]
    columns = [key for key in columns if key in figures]
    systems = {}
    for key in columns:
        for system, line in figures[key].items():
            systems.setdefault(system, {})[key] = line
    return columns, systems


def column_name(key, figures):
    unit = unit_of(next(iter(figures[key].values())))
    at = '' if key[1] is None else f', {key[1]:,} µs'
    return key[0] + at + (f', {unit}' if unit else '')


def peers_table(figures):
    columns, systems = peer_rows(figures)
    rows = [[system, *(number(lines[key]['median']) if key in lines else '' for key in columns)]
            for system, lines in systems.items()]
    return table(['', *(column_name(key, figures) for key in columns)], rows)


def text_of(figures):
    about = figures.about
    told = (f"Of {about['time']} UTC, commit {about['commit']}, on {about['machine']}; load "
            f"{about['load']} before the run. All in one run of `scripts/bench.sh`: medians, in brackets the "
            'least and the most. '
            'Peers run what acre-bench runs, in their language, three times each.')
    taken = figures.figures.get(('cores taken by others', None), {}).get('acre', {}).get('median', 0)
    if taken > BUSY:
        told += f' **Other work took {taken:.0%} of the cores meanwhile: these figures say little.**'
    lost = [f'This failed and is missing: `{command}`.' for command in figures.failed]
    return '\n\n'.join([told, *lost, goals_table(figures), 'All of them, medians:',
                        peers_table(figures.figures)])


def write(path, text):
    """Puts the text between the marks, in a new file that takes the place of the old one."""
    with open(path, encoding='utf-8') as file:
        old = file.read()
    if old.count(BEGIN) != 1 or old.count(END) != 1 or old.index(BEGIN) > old.index(END):
        raise SystemExit(f'bench_table.py: {path} lacks the lines "{BEGIN}" and "{END}", once each, in order')
    before, rest = old.split(BEGIN)
    with open(path + '.new', 'w', encoding='utf-8') as file:
        file.write(f'{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}')
    os.replace(path + '.new', path)


def refusal(figures):
    """Why these figures are not to be kept, in words."""
    if not figures.done:
        return 'the run did not come to its end'
    ours = [command for command in figures.failed if 'acre-bench' in command]
    return f'this failed: {ours[0]}' if ours else ''


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('figures')
    parser.add_argument('--write', metavar='FILE')
    arguments = parser.parse_args()
    figures = Figures(arguments.figures)
    text = text_of(figures)
    print(text)
    if not arguments.write:
        return
    if refusal(figures):
        sys.exit(f'bench_table.py: {arguments.write} stays as it is: {refusal(figures)}')
    write(arguments.write, text)


if __name__ == '__main__':
    main()
