import numpy as np
import pytest
from hypothesis import given, settings

from layers.around import counts_within, items_at, sums_within
from layers.star import backward_star, turned
from layers.travel import minutes, reached_count, reached_people
from tests.drawn import KEYS, Drawing, draw, drawings, walker, walkers_drawn
from tests.oracles import all_minutes

SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
RING = [(0, 1, 100.0), (1, 2, 100.0), (2, 3, 100.0), (3, 0, 100.0)]


@settings(max_examples=80, deadline=None)
@given(drawings(), walkers_drawn)
def test_counts_and_people_equal_scipy(drawing, who):
    city = draw(drawing)
    every = all_minutes(city, who)
    if (np.abs(every - 10.0) < 0.002).any():
        return
    people = city.cells["population"].to_numpy()
    for key in KEYS:
        wanted = (city.facilities["element"] == key).to_numpy()
        assert np.array_equal(reached_count(city, who, key, minutes=10.0), (every[:, wanted] <= 10.0).sum(axis=1))
        expected = np.where(wanted, ((every <= 10.0) * people[:, None]).sum(axis=0), np.nan)
        assert reached_people(city, who, key, minutes=10.0) == pytest.approx(expected, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(drawings(), walkers_drawn)
def test_a_cell_counts_facilities_exactly_when_it_reaches_one(drawing, who):
    city = draw(drawing)
    near = minutes(city, who, KEYS) <= 7.0
    counts = np.stack([reached_count(city, who, key, minutes=7.0) for key in KEYS], axis=1)
    assert np.array_equal(counts > 0, near)


def test_hand_numbers():
    cells = [(0, 50.0, 0.0), (0, 50.0, 30.0), (2, 0.0, 0.0), (-1, 0.0, 700.0)]
    places = [("school", 0, 90.0, 0.0), ("school", 1, 50.0, 10.0), ("park", 3, 50.0, 0.0)]
    city = draw(Drawing(SQUARE, RING, cells, places, people=[10.0, 20.0, 40.0, 80.0]))
    # to the schools: 40 and 110 s, 70 and 140 s, 110 and 60 s
    assert reached_count(city, walker(), "school", minutes=110 / 60).tolist() == [2, 1, 2, 0]
    assert reached_count(city, walker(), "school", minutes=100 / 60).tolist() == [1, 1, 1, 0]
    people = reached_people(city, walker(), "school", minutes=110 / 60)
    assert people[:2].tolist() == [70.0, 50.0]
    assert np.isnan(people[2])
    # between the cells: 30 s, 150 s, 180 s; the cell off the road is alone
    assert reached_people(city, walker(), None, minutes=2.5).tolist() == [70.0, 30.0, 50.0, 80.0]


def test_people_of_a_group():
    city = draw(Drawing(SQUARE, RING, [(0, 50.0, 0.0)], [("school", 0, 90.0, 0.0)], people=[10.0]))
    assert reached_people(city, walker(), "school", minutes=5.0, column="age_60_plus").tolist() == [5.0]


def test_nobody_and_nothing():
    empty = draw(Drawing([], [], [], []))
    assert reached_count(empty, walker(), "school", minutes=5.0).shape == (0,)
    assert reached_people(empty, walker(), None, minutes=5.0).shape == (0,)
    nowhere = draw(Drawing(SQUARE, RING, [(0, 5.0, 0.0)], []))
    assert reached_count(nowhere, walker(), "school", minutes=5.0).tolist() == [0]
    assert reached_people(nowhere, walker(), "school", minutes=5.0).shape == (0,)


def test_sums_at_every_node_equal_counts_by_the_sources():
    rng = np.random.default_rng(3)
    count, edges = 400, 900
    ends = rng.integers(0, count, (2, edges)).astype(np.int32)
    seconds = rng.uniform(1, 60, (2, edges)), rng.uniform(1, 60, (2, edges))
    star = backward_star((ends[0], ends[1]), (seconds[0][0], seconds[1][0]), rng.permutation(count).astype(np.int32))
    node = np.sort(rng.integers(0, count, 70)).astype(np.int32)
    column = rng.integers(0, 3, 70).astype(np.int32)
    items = items_at(node, column, np.ones(70), count=count, columns=3)
    counts = counts_within(star, node, column, columns=3, limit_s=90.0)
    sums = sums_within(turned(star), np.arange(count, dtype=np.int32), items, limit_s=90.0)
    assert counts.sum() > 0
    assert np.array_equal(counts, sums)


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_sums_on_a_tree_with_many_dead_ends_equal_floyd_warshall(share):
    """Of the nodes of a random tree many are dead ends; sources, some of them twice, fill several batches."""
    rng = np.random.default_rng(5)
    count = 300
    near, far = np.arange(1, count), (rng.random(count - 1) * np.arange(1, count)).astype(int)
    seconds = rng.integers(0, 50, (2, count - 1)).astype(float)
    rank = rng.permutation(count).astype(np.int32)
    star = backward_star((near.astype(np.int32), far.astype(np.int32)), (seconds[0], seconds[1]), rank)
    value = rng.integers(0, 9, count) * share
    items = items_at(rank, np.zeros(count, np.int32), value, count=count, columns=1)
    sources = np.concatenate([np.arange(count), np.arange(0, count, 7)])
    sums = sums_within(star, rank[sources], items, limit_s=90.0)[:, 0]
    apart = np.full((count, count), np.inf)
    apart[near, far], apart[far, near] = seconds
    apart[np.arange(count), np.arange(count)] = 0.0
    for middle in range(count):
        apart = np.minimum(apart, apart[:, [middle]] + apart[[middle]])
    assert (np.bincount(np.concatenate([near, far])) == 1).sum() > 100
    assert np.array_equal(sums, ((apart <= 90.0) * value[:, None]).sum(axis=0)[sources])


def test_two_nodes_that_are_both_dead_ends():
    star = backward_star(
        (np.array([0], np.int32), np.array([1], np.int32)),
        (np.array([50.0]), np.array([np.inf])),
        np.arange(2, dtype=np.int32),
    )
    items = items_at(np.arange(2, dtype=np.int32), np.zeros(2, np.int32), np.array([3.0, 5.0]), count=2, columns=1)
    both = np.arange(2, dtype=np.int32)
    assert sums_within(star, both, items, limit_s=60.0).tolist() == [[3.0], [8.0]]
    assert sums_within(star, both, items, limit_s=40.0).tolist() == [[3.0], [5.0]]
