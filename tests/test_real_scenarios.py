"""Random edits of a real OpenStreetMap extract: every walk is the one that plain geometry and SciPy find."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.intake import prepare
from tests.random_edits import ELEMENTS, both_ways, tried
from tests.small_city import layer_frame, small_version
from tests.test_real_extracts import DATA

OAKLAND = DATA / "osm_osmnx_tests" / "West-Oakland.osm.bz2"
CELLS, FACILITIES = 60, 24
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.exists(), reason="the real extracts (../shared/data) are not here"),
]


@pytest.fixture(scope="module")
def oakland() -> City:
    """The streets of a real quarter, with cells and facilities up to forty metres off them."""
    roads = prepare([OAKLAND], layer="osm").frames["roads"]
    vertices = shapely.get_coordinates(roads.geometry[shapely.get_dimensions(np.asarray(roads.geometry)) == 1])
    rng = np.random.default_rng(7)
    places = vertices[rng.integers(len(vertices), size=CELLS + FACILITIES)]
    places = places + rng.uniform(-4e-4, 4e-4, places.shape)
    elements = [ELEMENTS[n % 2] for n in range(FACILITIES)]
    layers = {
        "population": ({"id": [f"c{n}" for n in range(CELLS)], "population": [1.0] * CELLS}, places[:CELLS]),
        "facilities": ({"id": [f"f{n}" for n in range(FACILITIES)], "element": elements}, places[CELLS:]),
    }
    frames = {
        key: layer_frame(key, columns, [shapely.Point(0, 0)] * len(at)).set_geometry(
            gpd.GeoSeries(shapely.points(at), crs="EPSG:4326")
        )
        for key, (columns, at) in layers.items()
    }
    return assemble_city(small_version({"roads": roads, **frames}))


@pytest.mark.parametrize("seed", range(4))
def test_every_walk_over_edited_real_streets_is_the_one_plain_geometry_finds(oakland: City, seed: int) -> None:
    made = tried(np.random.default_rng(seed), oakland, times=9)
    assert sum(edit.streets for edit in made.scenario.in_force) >= 3
    ours, theirs = both_ways(oakland, made)
    np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(theirs))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=5e-5)
    assert np.isfinite(ours).any()
