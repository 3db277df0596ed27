"""Random edits of random streets: every walk is the one that plain geometry and SciPy find."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import cache

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.walkers import walkers
from layers.travel import minutes
from tests.random_edits import ELEMENTS, both_ways, tried
from tests.small_city import layer_frame, small_version

SIDE, STEP = 4, 150.0
TICK_MIN = 5e-5
SEEDS = range(10)


def grid_town(rng: np.random.Generator) -> City:
    """Crooked streets along a grid, some of them stairs, some with a closed gate; cells and facilities anywhere."""
    nodes = STEP * np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1) + rng.uniform(
        -40, 40, (SIDE, SIDE, 2)
    )
    lines, gates = [], []
    for row in [*nodes, *nodes.transpose(1, 0, 2)]:
        points = [row[0]]
        for a, b in itertools.pairwise(row):
            middle = a + (b - a) * rng.uniform(0.3, 0.7) + rng.uniform(-8, 8, 2)
            if rng.random() < 0.15:
                gates.append(middle)
            points += [middle, b]
        lines.append(shapely.LineString(np.array(points)))
    count = len(lines)
    kinds = np.where(rng.random(count) < 0.25, "steps", "residential")
    span = (SIDE - 1) * STEP
    cells, places = rng.uniform(-60, span + 60, (12, 2)), rng.uniform(-60, span + 60, (5, 2))
    frames: dict[str, gpd.GeoDataFrame] = {
        "units": layer_frame(
            "units", {"code": ["140702"], "name": ["甲"], "level": ["county"]}, [shapely.box(-900, -900, 1500, 1500)]
        ),
        "roads": layer_frame(
            "roads",
            {
                "id": [f"r{n}" for n in range(count + len(gates))],
                "highway": [*kinds, *([""] * len(gates))],
                "barrier": [*([""] * count), *(["gate"] * len(gates))],
                "access": [*([""] * count), *(["private"] * len(gates))],
            },
            [*lines, *map(shapely.Point, gates)],
        ),
        "facilities": layer_frame(
            "facilities",
            {"id": [f"f{n}" for n in range(5)], "element": [ELEMENTS[n % 2] for n in range(5)]},
            [shapely.Point(place) for place in places],
        ),
        "population": layer_frame(
            "population",
            {"id": [f"c{n}" for n in range(12)], "population": [10.0] * 12},
            [shapely.Point(cell) for cell in cells],
        ),
    }  # fmt: skip
    return assemble_city(small_version(frames))


@cache
def town_and_plan(seed: int) -> tuple[City, City]:
    """A city, and the same under up to eight edits that fit."""
    rng = np.random.default_rng(seed)
    city = grid_town(rng)
    return city, tried(rng, city, times=8)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_walk_is_the_one_plain_geometry_finds(seed: int) -> None:
    city, made = town_and_plan(seed)
    ours, theirs = both_ways(city, made)
    np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(theirs))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TICK_MIN)
    before = np.stack([minutes(city, walker, ELEMENTS) for walker in walkers()])
    kinds = {edit.kind for edit in made.scenario.in_force}
    if kinds <= {"way_add", "gate_open", "facility_add"}:
        assert (ours <= before + TICK_MIN).all()


def test_the_random_edits_are_of_every_kind() -> None:
    kinds: Counter[str] = Counter()
    for seed in SEEDS:
        kinds.update(edit.kind for edit in town_and_plan(seed)[1].scenario.in_force)
    assert kinds["way_add"] >= 12
    assert all(kinds[kind] >= 3 for kind in ("way_remove", "gate_open", "gate_close", "facility_add", "population_add"))
