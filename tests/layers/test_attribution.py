"""Attribution: parts add up, each kind of edit shows only in its own part, and the numbers can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest

from geodata.assemble import assemble_city
from geodata.city import City
from layers.attribution import TITLES, Attribution, attribute
from tests.small_city import small_city, small_frames, small_version

Frames = dict[str, gpd.GeoDataFrame]


def city_of(frames: Frames, **facts: object) -> City:
    """A second version, of other layers."""
    return assemble_city(replace(small_version(frames), id="0123456789ab", number=2, **facts))


def shares(made: Attribution) -> dict[str, float]:
    """The parts that are not zero."""
    return {part.key: part.value for part in made.parts[1:-1] if part.value}


def adds_up(made: Attribution) -> bool:
    """Levels follow from one another, and the parts add up to the change."""
    levels = [part.level for part in made.parts]
    steps = [part.value for part in made.parts[1:-1]]
    follow = all(part.value == part.level - before for part, before in zip(made.parts[1:-1], levels, strict=False))
    return follow and levels[-1] == levels[-2] and levels[0] + sum(steps) == pytest.approx(levels[-1], rel=1e-12)


def test_a_closed_facility_then_twice_the_people() -> None:
    """Without A only B is left (c5: 320 m, 500 people, and c4 by 1080 m at most); then everybody counts twice."""
    frames = small_frames()
    own = frames["facilities"]
    people = frames["population"].assign(population=frames["population"]["population"] * 2)
    after = city_of({**frames, "facilities": own[own["id"] != "A"].reset_index(drop=True), "population": people})
    made = attribute(small_city(), after, "reached:pharmacy")
    assert shares(made) == {"closed": -700.0, "population": 800.0}
    assert (made.parts[0].level, made.parts[-1].level) == (1500.0, 1600.0)
    assert adds_up(made)
    assert [part.key for part in made.parts] == [key for key in TITLES if key != "rest"]


def test_equal_versions_have_no_parts() -> None:
    made = attribute(small_city(), small_city(), "reached_share:pharmacy")
    assert shares(made) == {}
    assert "同一数据版本" in made.notes[0]
