"""concurrent.futures.ProcessPoolExecutor."""
from concurrent.futures import ProcessPoolExecutor

import measure


class Farm:
    def __init__(self, pool):
        self.pool = pool

    def submit_all(self, function, items):
        for future in [self.pool.submit(function, item) for item in items]:
            future.result()

    # A chunk for an eighth of a worker's share: the default of one item is not what it is best at.
    def map_all(self, function, items):
        chunk = max(1, len(items) // (8 * self.pool._max_workers))
        for _ in self.pool.map(function, items, chunksize=chunk):
            pass


def first(options):
    with ProcessPoolExecutor(options.cores) as pool:
        pool.submit(measure.nothing, 1).result()


if __name__ == '__main__':
    options = measure.options(__doc__)
    bench = measure.Bench('ProcessPoolExecutor', options)
    bench.figure('executor to its first result', 'ms', lambda: 1e3 * measure.seconds(lambda: first(options)))
    with ProcessPoolExecutor(options.cores) as pool:
        measure.measure_all(bench, Farm(pool), trips=1000, submits=5000, items=500_000)
