"""From a cold store to the matrix: all elements and all walkers of a city, in a process that has computed nothing yet.

``python -m benchmarks.chain URL`` prints the seconds as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from geodata.assemble import load_city
from geodata.sample import sample_frames
from geodata.store import open_store, publish
from geodata.version import CityFacts
from geodata.walkers import walkers
from layers.sweep import sweep


def measure(url: str) -> dict[str, float]:
    """Load the current version and compute minutes to every element for every walker; seconds of both."""
    start = perf_counter()
    city = load_city(open_store(url))
    loaded = perf_counter()
    kinds = walkers()
    sweep(city, kinds)
    return {
        "load": loaded - start,
        "matrix": perf_counter() - loaded,
        "cpu": process_time(),
        "cells": len(city.cells),
        "elements": len(city.catalogue.elements),
        "facilities": len(city.facilities),
        "nodes": city.network.node_count,
        "walkers": len(kinds),
    }


def cold(repeats: int) -> list[dict[str, float]]:
    """Publish the sample city into a new store and measure in fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sample.db'}"
        publish(open_store(url), sample_frames(), city=CityFacts(name="sample", synthetic=True, metric_crs=None))
        command = [sys.executable, "-m", "benchmarks.chain", url]
        runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(repeats)]
        return [json.loads(run.stdout) for run in runs]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1])))
