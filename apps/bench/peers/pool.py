"""multiprocessing.Pool."""
import multiprocessing

import measure


class Farm:
    def __init__(self, pool):
        self.pool = pool

    # imap sends each item as a task of its own, which is the quickest way to do so.
    def submit_all(self, function, items):
        for _ in self.pool.imap(function, items):
            pass

    def map_all(self, function, items):
        self.pool.map(function, items)


def first(options):
    with multiprocessing.Pool(options.cores) as pool:
        pool.apply(measure.nothing, (1,))


if __name__ == '__main__':
    options = measure.options(__doc__)
    bench = measure.Bench('multiprocessing.Pool', options)
    bench.figure('executor to its first result', 'ms', lambda: 1e3 * measure.seconds(lambda: first(options)))
    with multiprocessing.Pool(options.cores) as pool:
        measure.measure_all(bench, Farm(pool), trips=2000, submits=30_000, items=1_000_000)
