"""Minutes between candidates and cells are, to the last digit, those of the city with a facility at the candidate."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.edits import AddFacility
from geodata.near_edges import tie_few
from geodata.noding import metres
from geodata.scenario import Scenario
from geodata.ties import Ties
from geodata.walkers import walker
from layers.scenario import applied
from layers.siting.walks import Walks, walks
from layers.siting.where import near_ties
from layers.sweep import element_minutes
from tests.siting_city import siting_city
from tests.small_city import layer_frame, placed, small_version

GYM = "gym"
"""An element of which no city here has any."""
Points = NDArray[np.float64]


def degrees(points: list[tuple[float, float]]) -> Points:
    """Return places drawn in metres as degrees."""
    return shapely.get_coordinates(placed([shapely.Point(one) for one in points]).to_numpy())


def tied(city: City, lonlat: Points) -> Ties:
    return near_ties(city.network, metres(lonlat, city.metric_crs), max_snap_m=500.0)


def row(found: Walks, place: int, cells: int) -> Points:
    """Return the minutes of one place to every cell, inf beyond the limit."""
    minutes = np.full(cells, np.inf)
    own = slice(found.start[place], found.start[place + 1])
    minutes[found.cell[own]] = found.minutes[own]
    return minutes


def with_gym(city: City, lonlat: Points, who: str) -> Points:
    """Return the minutes of the city with a gym there, by full re-computation."""
    edit = AddFacility(element=GYM, lon=float(lonlat[0]), lat=float(lonlat[1]))
    return element_minutes(applied(city, Scenario("试", city.version, edits=(edit,))), GYM, walker(who))


def random_city(seed: int) -> City:
    """Return a town of a broken lattice, with stairs, dead ends, a ring on one junction, and people off the streets."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(5) * 150.0, np.arange(5) * 150.0)
    at = np.stack([x, y], axis=-1) + rng.uniform(-40, 40, (5, 5, 2))
    lines = [(at[i, j], at[i, j + 1]) for i in range(5) for j in range(4)]
    lines += [(at[i, j], at[i + 1, j]) for i in range(4) for j in range(5)]
    kept = [shapely.LineString(line) for line in lines if rng.random() < 0.8]
    ring = at[2, 2] + np.array([(0, 0), (30, 5), (35, 40), (0, 0)])
    streets = [*kept, shapely.LineString(ring), shapely.LineString([(900, 900), (1000, 900)])]
    kinds = ["steps" if rng.random() < 0.2 else "residential" for _ in streets]
    people = rng.uniform(-50, 700, (40, 2))
    frames = {
        "roads": layer_frame("roads", {"id": range(len(streets)), "highway": kinds}, streets),
        "population": layer_frame(
            "population",
            {"id": [f"c{one}" for one in range(40)], "population": rng.integers(1, 90, 40)},
            [shapely.Point(one) for one in people],
        ),
        "facilities": layer_frame(
            "facilities", {"id": ["P"], "name": ["P"], "element": ["pharmacy"]}, [shapely.Point(0, 0)]
        ),
        "units": layer_frame(
            "units",
            {"code": ["140702"], "name": ["榆次区"], "level": ["county"]},
            [shapely.box(-2000, -2000, 3000, 3000)],
        ),
    }
    return assemble_city(small_version(frames))


@pytest.mark.parametrize("who", ["adult", "pram"])
@pytest.mark.parametrize("seed", range(4))
def test_random_places_in_random_towns(seed: int, who: str) -> None:
    """Places off the streets, on junctions and at dead ends, each with the minutes a facility there would give."""
    city = random_city(seed)
    rng = np.random.default_rng(seed + 100)
    nodes = city.network.node_xy[rng.choice(city.network.node_count, 8, replace=False)]
    points = np.concatenate([rng.uniform(-50, 700, (8, 2)), nodes])
    lonlat = degrees([(float(x), float(y)) for x, y in points])
    found = walks(city, walker(who), tied(city, lonlat), limit_min=60)
    for place, one in enumerate(lonlat):
        np.testing.assert_array_equal(row(found, place, len(city.cells)), with_gym(city, one, who))


@pytest.mark.parametrize("who", ["adult", "wheelchair"])
def test_every_junction_of_the_small_city(who: str) -> None:
    """Stairs, a closed gate, an island and a bridge stand between."""
    city = siting_city()
    nodes = city.network.node_xy
    lonlat = degrees([(float(x), float(y)) for x, y in nodes])
    found = walks(city, walker(who), tied(city, lonlat), limit_min=60)
    for place, one in enumerate(lonlat):
        np.testing.assert_array_equal(row(found, place, len(city.cells)), with_gym(city, one, who))


def test_the_limit_is_a_limit_to_the_millisecond() -> None:
    """c2 is 110 m from (500, 0): 91.667 s, within 1.5278 minutes (91.668 s) and not within 1.5277 (91.662 s)."""
    city = siting_city()
    places = tied(city, degrees([(500, 0)]))
    near = walks(city, walker("adult"), places, limit_min=1.5278)
    assert near.cell.tolist() == [1] and near.minutes[0] == pytest.approx(91.667 / 60, abs=1e-9)
    assert not len(walks(city, walker("adult"), places, limit_min=1.5277).cell)


def test_more_places_than_are_searched_at_once_keep_their_order() -> None:
    city = siting_city()
    xs = np.linspace(0, 900, 75)
    shuffled = np.random.default_rng(1).permutation(xs)
    found = walks(city, walker("adult"), tied(city, degrees([(float(x), 0.0) for x in shuffled])), limit_min=15)
    one_by_one = [walks(city, walker("adult"), tied(city, degrees([(float(x), 0.0)])), limit_min=15) for x in shuffled]
    assert found.start.tolist() == [0, *np.cumsum([len(one.cell) for one in one_by_one])]
    np.testing.assert_array_equal(found.cell, np.concatenate([one.cell for one in one_by_one]))
    np.testing.assert_array_equal(found.minutes, np.concatenate([one.minutes for one in one_by_one]))


def test_nothing_in_reach_gives_nothing() -> None:
    city = siting_city()
    far = tied(city, degrees([(400, 1150), (100, 0)]))
    assert far.edge[0] == -1 and np.isinf(far.access_m[0])
    found = walks(city, walker("adult"), far, limit_min=5)
    assert found.start.tolist() == [0, 0, len(found.cell)] and len(found.cell) > 0
    none = walks(city, walker("adult"), Ties(far.edge[:0], far.offset_m[:0], far.access_m[:0]), limit_min=5)
    assert none.start.tolist() == [0] and not len(none.cell)


def test_few_places_are_tied_as_many_are() -> None:
    """The tree of the edges around the places finds the same foot as a look at all edges."""
    city = random_city(5)
    xy = np.random.default_rng(5).uniform(-900, 1600, (200, 2))
    mine, all_ = near_ties(city.network, xy, max_snap_m=300.0), tie_few(city.network, xy, max_snap_m=300.0)
    np.testing.assert_array_equal(mine.edge, all_.edge)
    assert (mine.edge >= 0).any() and (mine.edge < 0).any()
    reached = mine.edge >= 0
    np.testing.assert_array_equal(mine.offset_m[reached], all_.offset_m[reached])
    np.testing.assert_array_equal(mine.access_m[reached], all_.access_m[reached])
    assert np.isinf(mine.access_m[~reached]).all()
