"""Dask: a LocalCluster of processes with a thread each, and its client."""
import distributed

import measure


class Farm:
    def __init__(self, client):
        self.client = client

    # Dask remembers results by function and arguments unless told not to.
    def submit_all(self, function, items):
        self.client.gather([self.client.submit(function, item, pure=False) for item in items])

    def map_all(self, function, items):
        self.client.gather(self.client.map(function, items, pure=False))


if __name__ == '__main__':
    options = measure.options(__doc__)
    bench = measure.Bench('Dask', options)
    with distributed.LocalCluster(n_workers=options.cores, threads_per_worker=1,
                                  dashboard_address=None) as cluster, distributed.Client(cluster) as client:
        measure.measure_all(bench, Farm(client), trips=50, submits=500, items=1000,
                            lengths=(1000, 10_000))
