"""Edits of a scenario on the sample city, followed live and computed from scratch: ``python -m benchmarks.live [URL]``.

Prints the section of ``docs/benchmarks.md``. Each edit follows on the one before; after some the plan begins anew. The
live answer is timed until the minutes of all elements and walkers are true; from scratch means the city assembled with
its edits and one sweep. The last city of each walk through the edits is compared bit for bit.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from benchmarks.report import ratio, table
from geodata.assemble import load_city
from geodata.city import City
from geodata.edits import (
    AddFacility,
    AddPopulation,
    AddWay,
    ChangeFacility,
    CloseFacility,
    CloseGate,
    Edit,
    MoveFacility,
    OpenGate,
    RemoveWay,
)  # fmt: skip
from geodata.errors import GeodataError
from geodata.noding import projection
from geodata.sample import sample_frames
from geodata.scenario import Scenario
from geodata.store import open_store, publish
from geodata.version import CityFacts
from geodata.walkers import walkers
from layers.compiled import compile_kernels
from layers.live.certificate import certified
from layers.live.family import family_of
from layers.live.stepping import followed, stepped
from layers.scenario import applied
from layers.sweep import sweep

AIMS_MS = {"facility": 30.0, "street": 250.0}
HEAD, NEXT = "## Edits of a scenario, live", "## From a cold store to the matrix"
IN_A_ROW = 8  # edits before a plan begins anew
FACILITY = ("facility_add", "facility_move", "facility_close", "facility_change")
STREET = ("path", "crossing", "stairs", "way_remove", "gate_open", "gate_close")


@dataclass(frozen=True)
class Run:
    """One edit: its kind, seconds of waiting and of processor time."""

    kind: str
    wall: float
    cpu: float


def random_edit(kind: str, city: City, rng: np.random.Generator) -> Edit:
    """Return an edit of a kind somewhere in the city; it need not fit."""
    net, degrees = city.network, projection(city.metric_crs.srs, "EPSG:4326")
    cell = city.cells.iloc[int(rng.integers(len(city.cells)))]
    place = {"lon": float(cell["lon"]), "lat": float(cell["lat"])}
    row = city.facilities.iloc[int(rng.integers(len(city.facilities)))]
    which = {"id": str(row["id"]), "element": str(row["element"])}
    edge = int(rng.integers(net.edge_count))
    on_street = net.vertex_xy[net.vertex_ptr[edge] : net.vertex_ptr[edge] + 2].mean(axis=0)
    at = on_street if kind != "gate_open" else net.gate_xy[int(rng.integers(len(net.gate_xy)))]
    lon, lat = (float(value) for value in degrees.transform(*at))
    far = tuple(float(value) for value in np.array([*place.values()]) + rng.normal(scale=0.002, size=2))
    makers: dict[str, Callable[[], Edit]] = {
        "facility_add": lambda: AddFacility(element=which["element"], **place),
        "facility_move": lambda: MoveFacility(**which, **place),
        "facility_close": lambda: CloseFacility(**which),
        "facility_change": lambda: ChangeFacility(**which, capacity=50.0),
        "estate": lambda: AddPopulation(**place, dwellings=400.0, household_size=2.6),
        "way_remove": lambda: RemoveWay(lon=lon, lat=lat),
        "gate_open": lambda: OpenGate(lon=lon, lat=lat),
        "gate_close": lambda: CloseGate(lon=lon, lat=lat),
    }
    made = makers.get(kind)
    return made() if made is not None else AddWay(way=kind, line=((place["lon"], place["lat"]), (far[0], far[1])))


def walk(city: City, kinds: tuple[str, ...], count: int, rng: np.random.Generator) -> tuple[list[Run], City]:
    """Make ``count`` edits, of these kinds in turn; return their times and the last city."""
    runs: list[Run] = []
    plan, live = Scenario("benchmark", city.version), city
    while len(runs) < count:
        if plan.cursor >= IN_A_ROW:
            plan, live = Scenario("benchmark", city.version), city
        kind = kinds[len(runs) % len(kinds)]
        wanted = plan.added(random_edit(kind, live if kind.startswith("facility") else city, rng))
        start, busy = perf_counter(), process_time()
        try:
            made = stepped(live, wanted)
        except GeodataError:
            continue
        runs.append(Run(kind, perf_counter() - start, process_time() - busy))
        if followed(made):
            raise AssertionError(followed(made))
        plan, live = wanted, made
    return runs, live


def undone(live: City) -> list[Run]:
    """Take back the edits of a plan one by one."""
    runs, plan = [], live.scenario
    while plan is not None and plan.cursor:
        plan = plan.undone()
        start, busy = perf_counter(), process_time()
        live = stepped(live, plan)
        runs.append(Run("undo", perf_counter() - start, process_time() - busy))
    return runs


def scratch(city: City, live: City, *, repeats: int) -> Run:
    """Compute the city of a plan from scratch and return the median."""
    assert live.scenario is not None
    runs = []
    for _ in range(repeats):
        start, busy = perf_counter(), process_time()
        sweep(applied(city, live.scenario), walkers())
        runs.append((perf_counter() - start, process_time() - busy))
    return Run("scratch", *np.median(np.array(runs), axis=0).tolist())


def measure(url: str, *, each: int = 24, repeats: int = 3) -> str:
    """Measure all kinds of edits and return the section."""
    city = load_city(open_store(url))
    sweep(city, walkers())
    start = perf_counter()
    family_of(city, walkers())
    ready = perf_counter() - start
    rng = np.random.default_rng(4)
    rows, equal = [], []
    for kinds, aim in ((FACILITY, AIMS_MS["facility"]), (("estate",), AIMS_MS["street"]), (STREET, AIMS_MS["street"])):
        walk(city, kinds, len(kinds), rng)  # what is looked through once for the first edit
        runs, live = walk(city, kinds, each * len(kinds), rng)
        whole = scratch(city, live, repeats=repeats)
        runs += undone(live)
        equal.append(certified(live, city).equal)
        for kind in (*kinds, "undo"):
            some = [run for run in runs if run.kind == kind]
            wall, cpu = np.array([run.wall for run in some]), np.array([run.cpu for run in some])
            rows.append(
                [
                    kind, str(len(some)), *(f"{np.percentile(wall, p) * 1e3:.0f}" for p in (50, 95)),
                    *(f"{np.percentile(cpu, p) * 1e3:.0f}" for p in (50, 95)), f"{aim:.0f}",
                    ratio(whole.wall, float(np.median(wall))), ratio(whole.cpu, float(np.median(cpu))),
                ]
            )  # fmt: skip
    return section(rows, ready=ready, equal=all(equal))


def section(rows: list[list[str]], *, ready: float, equal: bool) -> str:
    """Return the section of the page."""
    head = [
        "edit", "runs", "wall p50 ms", "wall p95 ms", "CPU p50 ms", "CPU p95 ms", "aim p95 ms", "ratio wall",
        "ratio CPU",
    ]  # fmt: skip
    same = "equal bit for bit" if equal else "NOT EQUAL"
    return f"""{HEAD}

Sample city, minutes of all elements for all walkers kept true (`layers/live/`); up to {IN_A_ROW} edits in a row.
*Ratio* is the computation from scratch (city and sweep, of the last plan) over the median of the edit, by waiting and
by processor time; *undo* takes back the edits above it. The aim is for a machine that does nothing else; while this
was measured, {os.getloadavg()[0]:.0f} threads wanted its {os.cpu_count()} cores, so read processor time, of which an
edit spends about half on one core and half on all. Labels of all walkers are laid out once for a data version, in
{ready:.1f} s. The last city of each walk through the edits was computed from scratch: {same}.

{table(head, rows)}"""


def on_sample(**kept: int) -> str:
    """Publish the sample city into a new store and measure."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sample.db'}"
        publish(open_store(url), sample_frames(), city=CityFacts(name="sample", synthetic=True, metric_crs=None))
        return measure(url, **kept)


def put(page: Path, text: str) -> None:
    """Put the section into a page that is there, in the place of the old one, before what a cold store takes."""
    whole = re.sub(rf"^{HEAD}$.*?(?=^## )", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    page.write_text(whole.replace(f"{NEXT}\n", f"{text}\n{NEXT}\n", 1), encoding="utf-8")


if __name__ == "__main__":
    compile_kernels()
    sys.stdout.write(measure(sys.argv[1]) if len(sys.argv) > 1 else on_sample())
