"""read_results.py FILE RANKS: reads a result file of pi with h5py alone and checks what it holds."""

import sys

import h5py
import numpy as np

path, ranks = sys.argv[1], int(sys.argv[2])
with h5py.File(path, "r") as file:
    tasks = int(file["provenance/parameters/tasks"][()])
    samples = int(file["provenance/parameters/samples"][()])
    results, inputs, execution = (file[f"{part}/darts"] for part in ("results", "inputs", "execution"))
    everything = np.arange(tasks, dtype=np.uint64)
    for part in (results, inputs, execution):
        assert np.array_equal(part["index"][:], everything), part.name
        assert len({len(column) for column in part.values()}) == 1, part.name
    assert np.array_equal(results["samples"][:], inputs["value"][:])
    assert int(results["samples"][:].sum()) == samples
    assert np.all(results["inside"][:] <= results["samples"][:])
    estimate = 4 * int(results["inside"][:].sum()) / samples
    assert abs(estimate - np.pi) < 10 / np.sqrt(samples), estimate

    assert set(execution["rank"][:]) == set(range(ranks)), set(execution["rank"][:])
    assert np.all(execution["attempt"][:] >= 1)
    assert np.all(execution["run_ns"][:] > 0)
    hosts = {host.decode() for host in file["provenance/hosts"][:]}
    assert {host.decode() for host in execution["host"][:]} == hosts
    assert len(file["failures/darts/index"]) == 0
    assert bool(file["provenance/complete"][()])
    argv = [word.decode() for word in file["provenance/argv"][:]]
    assert "--tasks" in argv and str(tasks) in argv, argv
    print(f"pi {estimate:.12f}")
