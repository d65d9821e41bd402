"""How peers are measured: the figures, work and JSON lines of acre-bench, see ../measure.hpp and ../busy.hpp.

A peer is a farm with two methods, submit_all(function, items) and map_all(function, items), which return when
all tasks have ended and all results are here.
"""
import argparse
import ctypes
import json
import math
import multiprocessing
import os
import statistics
import time


def nothing(x):
    return x


def _library():
    path = os.environ.get('BENCH_TURN')
    if not path:
        raise SystemExit('set BENCH_TURN to libacre-bench-turn.so, which is built beside acre-bench')
    loop = ctypes.CDLL(path).acre_bench_turn
    loop.argtypes, loop.restype = [ctypes.c_uint64], ctypes.c_uint64
    return loop


_turn = _library()


def turn(turns):
    """The counted loop of acre-bench: not a clock watched in the task, so that sharing a core cannot pass for
    work."""
    return _turn(turns)


def seconds(call):
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _lap(barrier, answers, place, s):
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[place % len(cores)]})
    barrier.wait()
    begin, turns = time.perf_counter(), 0
    while time.perf_counter() - begin < s:
        turn(20_000)
        turns += 20_000
    answers.put(turns / (time.perf_counter() - begin) * 1e-6)


def turns_per_us(processes, s=0.05):
    """What each of so many busy processes turns in a microsecond, all of them busy at once."""
    fork = multiprocessing.get_context('fork')
    barrier, answers = fork.Barrier(processes), fork.SimpleQueue()
    laps = [fork.Process(target=_lap, args=(barrier, answers, place, s)) for place in range(processes)]
    for lap in laps:
        lap.start()
    rates = [answers.get() for _ in laps]
    for lap in laps:
        lap.join()
    return statistics.mean(rates)


class Bench:
    """Measures one farm and prints each figure as soon as it is there."""

    def __init__(self, system, options):
        self.system, self.options = system, options

    def scaled(self, count):
        return max(1, int(count * self.options.scale))

    def figure(self, name, unit, measure, at=None, runs=None):
        values = [measure() for _ in range(runs or self.options.runs)]
        line = {'system': self.system, 'figure': name}
        if at is not None:
            line |= {'at': at, 'at_unit': 'us'}
        line |= {'unit': unit, 'median': statistics.median(values), 'least': min(values), 'most': max(values),
                 'runs': len(values), 'values': values}
        print(json.dumps(line), flush=True)

    def round_trip(self, farm, count):
        count = self.scaled(count)

        def trips():
            for i in range(count):
                farm.submit_all(nothing, [i])

        farm.submit_all(nothing, range(10))
        self.figure('round trip', 'us', lambda: seconds(trips) / count * 1e6)

    def submits(self, farm, count):
        count = self.scaled(count)
        self.figure('submits', 'tasks/s',
                    lambda: count / seconds(lambda: farm.submit_all(nothing, range(count))))

    def map(self, farm, count):
        count = self.scaled(count)
        self.figure('map', 'items/s', lambda: count / seconds(lambda: farm.map_all(nothing, range(count))))

    def efficiency_of(self, do_all, task_us, s=0.2):
        """Ideal time / time, where the ideal is what as many busy processes as there are cores turn."""
        cores = self.options.cores
        rate = turns_per_us(cores)
        turns = max(1, round(task_us * rate))
        tasks = cores * max(1, int(self.options.scale * max(s * 1e6, 20 * task_us) / task_us))
        taken = seconds(lambda: do_all(turn, [turns] * tasks))
        return tasks * turns / rate / (taken * cores * 1e6)

    def efficiencies(self, do_all, suffix, lengths):
        for us in lengths:
            self.figure('efficiency' + suffix, '', lambda us=us: self.efficiency_of(do_all, us), at=us)

    def metg(self, do_all, suffix):
        """The shortest tasks that keep the cores half busy, if long ones do: by quarters, then bisection."""
        def search():
            low, high = 0, 65_536
            while low == 0 and high > 0.5:
                if self.efficiency_of(do_all, high / 4, s=0.1) < 0.5:
                    low = high / 4
                else:
                    high /= 4
            while low > 0 and high / low > 1.15:
                middle = math.sqrt(low * high)
                if self.efficiency_of(do_all, middle, s=0.1) < 0.5:
                    low = middle
                else:
                    high = middle
            return high

        if self.efficiency_of(do_all, 65_536, s=0.1) >= 0.5:
            self.figure('METG(50 %)' + suffix, 'us', search, runs=min(3, self.options.runs))

    def curve(self, do_all):
        """Efficiencies for tasks of 16 ms and shorter, as long as they are worth the time."""
        us, last = 16_384, []
        while us >= 1 and (not last or last[-1] > 0.02):
            self.figure('efficiency curve', '',
                        lambda: last.append(self.efficiency_of(do_all, us, s=0.1)) or last[-1], at=us)
            us /= 4


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--runs', type=int, default=5, help='runs of each figure')
    parser.add_argument('--cores', type=int, default=len(os.sched_getaffinity(0)), help='cores and workers')
    parser.add_argument('--scale', type=float, default=1, help='part of the usual work, for trying out')
    return parser.parse_args()


def measure_all(bench, farm, trips, submits, items, lengths=(100, 1000, 10_000)):
    bench.round_trip(farm, trips)
    bench.submits(farm, submits)
    bench.map(farm, items)
    bench.efficiencies(farm.map_all, '', lengths)
    bench.efficiencies(farm.submit_all, ' of submits', lengths)
    bench.metg(farm.map_all, '')
    bench.metg(farm.submit_all, ' of submits')
    bench.curve(farm.map_all)
