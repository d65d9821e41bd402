"""joblib.Parallel with its default backend, loky."""
import joblib

import measure


class Farm:
    def __init__(self, parallel):
        self.parallel = parallel

    # joblib has no single submits; its batches of one are the like.
    def submit_all(self, function, items):
        self.parallel.batch_size = 1
        self.parallel(joblib.delayed(function)(item) for item in items)

    def map_all(self, function, items):
        self.parallel.batch_size = 'auto'
        self.parallel(joblib.delayed(function)(item) for item in items)


if __name__ == '__main__':
    options = measure.options(__doc__)
    bench = measure.Bench('joblib', options)
    with joblib.Parallel(n_jobs=options.cores) as parallel:
        measure.measure_all(bench, Farm(parallel), trips=200, submits=3000, items=100_000)
