"""mpi4py.futures: mpirun -n 3 python3 -m mpi4py.futures mpi_pool.py; rank 0 deals, all others work."""
from mpi4py import MPI
from mpi4py.futures import MPIPoolExecutor

import measure


class Farm:
    def __init__(self, pool):
        self.pool = pool

    def submit_all(self, function, items):
        for future in [self.pool.submit(function, item) for item in items]:
            future.result()

    # In chunks of a thousand its map is at its best with trivial functions.
    def map_all(self, function, items):
        chunk = max(1, min(1000, len(items) // (8 * (MPI.COMM_WORLD.Get_size() - 1))))
        for _ in self.pool.map(function, items, chunksize=chunk):
            pass


if __name__ == '__main__':
    options = measure.options(__doc__)
    bench = measure.Bench('mpi4py.futures', options)
    with MPIPoolExecutor() as pool:
        measure.measure_all(bench, Farm(pool), trips=500, submits=3000, items=300_000)
