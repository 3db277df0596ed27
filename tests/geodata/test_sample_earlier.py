"""The earlier state of the sample city: what differs from today's, and what must not."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

from geodata.groups import BANDS
from geodata.sample import earlier_frames
from geodata.sample.earlier import CLOSED, ENLARGED, MOVED, OPENED
from tests import sample_city

pytestmark = pytest.mark.xdist_group("sample")


@pytest.fixture(scope="module")
def earlier():
    return earlier_frames(sample_city.frames())


def test_facilities_have_opened_closed_moved_and_grown_since(earlier):
    now, before = (
        frames["facilities"].set_index(["id", "element"], drop=False) for frames in (sample_city.frames(), earlier)
    )
    opened, closed = now.index.difference(before.index), before.index.difference(now.index)
    assert len(opened) == round(len(now) * OPENED)
    assert len(closed) == round(len(now) * CLOSED)
    assert closed.get_level_values("id").str.startswith("x").all()
    assert not before.index.duplicated().any()
    both = now.index.intersection(before.index)
    here, there = (shapely.get_coordinates(frame.geometry[both].to_numpy()) for frame in (now, before))
    moved = (here != there).any(axis=1)
    assert moved.sum() == round(len(both) * MOVED)
    one, other = before.loc[both, ["floor_area_m2", "capacity"]], now.loc[both, ["floor_area_m2", "capacity"]]
    smaller = (one < other).any(axis=1)
    assert 0 < smaller.sum() <= round(len(both) * ENLARGED)
    assert not (one > other).any(axis=None)
    assert set(before["element"]) == set(now["element"])


def test_a_closed_facility_stood_where_people_live(earlier):
    cells = set(sample_city.frames()["population"].geometry.to_wkb())
    closed = earlier["facilities"].loc[lambda frame: frame["id"].str.startswith("x")]
    assert set(closed.geometry.to_wkb()) <= cells


def test_people_lived_elsewhere_but_are_as_many_in_every_county_and_age_band(earlier):
    now, before = sample_city.frames()["population"], earlier["population"]
    sums = [cells.groupby(cells["unit"].str[:6])[[*BANDS, "population"]].sum() for cells in (now, before)]
    pd.testing.assert_frame_equal(*sums)
    assert (now["population"] != before["population"]).mean() > 0.01
    assert (now["id"] == before["id"]).all()


def test_it_is_the_same_every_time_and_leaves_todays_layers_alone(earlier):
    again = earlier_frames(sample_city.frames())
    for key, frame in earlier.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(again[key]))
        assert list(frame.columns) == list(sample_city.frames()[key].columns)
