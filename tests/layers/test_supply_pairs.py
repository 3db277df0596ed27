from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from layers.around import pairs_within
from layers.query import Query
from layers.star import backward_star
from layers.supply.pairs import pairs
from layers.travel import minutes, nearest, reached_count
from tests.drawn import KEYS, Drawing, draw, drawings
from tests.oracles import all_minutes
from tests.town import town, with_facilities, without_cells

TEN = Query(minutes=10.0, speed_m_s=1.0)
MILLISECOND = 1.001 / 60_000


def matrix(found):
    """The pairs as a dense matrix of minutes, inf where there is none."""
    full = np.full((found.cells, len(found.facilities)), np.inf)
    full[found.cell, found.facility] = found.minutes
    return full


@settings(max_examples=80, deadline=None)
@given(drawings())
def test_pairs_and_times_equal_scipy(drawing):
    city = draw(drawing)
    every = all_minutes(city, TEN.who())
    if (np.abs(every - 10.0) < 0.002).any():
        return
    for key in KEYS:
        found = pairs(city, TEN.but(element=key))
        assert found.facilities.tolist() == np.flatnonzero(city.facilities["element"] == key).tolist()
        wanted = np.where(every <= 10.0, every, np.inf)[:, found.facilities]
        assert len(found.cell) == np.isfinite(wanted).sum()
        assert matrix(found) == pytest.approx(wanted, abs=MILLISECOND)


@settings(max_examples=60, deadline=None)
@given(drawings())
def test_the_first_pair_of_a_cell_is_its_nearest_facility_as_the_kernel_finds_it(drawing):
    city = draw(drawing)
    for key in KEYS:
        query = TEN.but(element=key)
        found = pairs(city, query)
        first = found.nearest
        shortest = np.full(found.cells, np.inf)
        shortest[found.cell[first]] = found.minutes[first]
        assert shortest == pytest.approx(minutes(city, query.who(), [key], limit_min=10.0)[:, 0], abs=MILLISECOND)
        count = np.bincount(found.cell, minlength=found.cells)
        assert np.array_equal(count, reached_count(city, query.who(), key, minutes=10.0))
        assert (np.diff(found.cell) >= 0).all()
        clear = np.array([_unrivalled(found, row) for row in first], dtype=bool)
        facility = nearest(city, query.who(), key, limit_min=10.0).facility[found.cell[first]]
        assert np.array_equal(found.facilities[found.facility[first]][clear], facility[clear])


def _unrivalled(found, row):
    """No other facility is as near to within two milliseconds."""
    own = found.minutes[found.cell == found.cell[row]]
    return len(own) < 2 or own[1] - own[0] > 2 * MILLISECOND


def test_hand_numbers():
    city = with_facilities(town(), [("A", "pharmacy", 0, 0, 0), ("B", "pharmacy", 600, 0, 0)])
    found = pairs(city, TEN.but(element="pharmacy"))
    # at 60 m a minute; 0, 300, 600, 900 and 1200 m along the south street
    listed = list(zip(found.cell.tolist(), found.facility.tolist(), found.minutes.tolist(), strict=True))
    assert listed == [
        (0, 0, 0.0), (0, 1, 10.0), (1, 0, 5.0), (1, 1, 5.0), (2, 1, 0.0), (2, 0, 10.0), (3, 1, 5.0), (4, 1, 10.0),
    ]  # fmt: skip
    assert found.cell[found.nearest].tolist() == [0, 1, 2, 3, 4]
    assert found.facility[found.nearest].tolist() == [0, 0, 1, 1, 1]


def test_upper_levels_count_only_when_told_to():
    query = TEN.but(element="culture_activity_station")
    assert pairs(town(), query).facilities.tolist() == [2]
    both = pairs(town(), query.but(inclusive=True))
    assert both.facilities.tolist() == [1, 2]
    assert set(both.cell[both.facility == 0].tolist()) == {0, 1, 2}


def test_nobody_and_nothing():
    assert len(pairs(without_cells(town()), TEN).cell) == 0
    none = pairs(with_facilities(town(), []), TEN)
    assert (len(none.cell), len(none.facilities), none.cells) == (0, 0, len(town().cells))
    assert len(none.nearest) == 0
    off = draw(Drawing([(0.0, 0.0), (9.0, 0.0)], [(0, 1, 9.0)], [(0, 1.0, 0.0)], [("school", -1, 0.0, 0.0)]))
    assert len(pairs(off, TEN.but(element="school")).cell) == 0


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_every_node_of_a_tree_as_source_and_place(share):
    """Half of the nodes are dead ends, and sources too; far more pairs than fit the first room."""
    rng = np.random.default_rng(11)
    count = 300
    near, far = np.arange(1, count), (rng.random(count - 1) * np.arange(1, count)).astype(int)
    seconds = rng.integers(0, 50, (2, count - 1)).astype(float)
    rank = rng.permutation(count).astype(np.int32)
    star = backward_star((near.astype(np.int32), far.astype(np.int32)), (seconds[0], seconds[1]), rank)
    place = np.full(count, -1, np.int32)
    there = np.flatnonzero(rng.random(count) < share)
    place[rank[there]] = there
    sources = np.concatenate([np.arange(count), np.arange(0, count, 7)])
    source, number, time = pairs_within(star, rank[sources], place, limit_s=120.0)
    apart = np.full((count, count), np.inf)
    apart[near, far], apart[far, near] = seconds
    apart[np.arange(count), np.arange(count)] = 0.0
    for middle in range(count):
        apart = np.minimum(apart, apart[:, [middle]] + apart[[middle]])
    wanted = apart[np.ix_(there, sources)]
    got = np.full((count, len(sources)), np.inf)
    got[number, source] = time
    assert len(source) == (wanted <= 120.0).sum() > 5_000
    assert got[there] == pytest.approx(np.where(wanted <= 120.0, wanted, np.inf), abs=1e-4)


def test_what_is_shared_cannot_be_written_to():
    found = pairs(town(), TEN)
    with pytest.raises(ValueError, match="read-only"):
        found.minutes[0] = 1.0
    city = town()
    assert pairs(city, TEN) is pairs(city, TEN.but(unit="city", group="60+"))
    assert pairs(replace(city), TEN) is not pairs(city, TEN)
