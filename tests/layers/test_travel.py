import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from geodata.errors import GeodataError, UnknownKey
from geodata.walkers import walkers
from layers.travel import minutes, nearest
from tests.drawn import KEYS, Drawing, draw, drawings, walker, walkers_drawn
from tests.oracles import all_minutes

TENTH_S = 0.1 / 60
SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
RING = [(0, 1, 100.0), (1, 2, 100.0), (2, 3, 100.0), (3, 0, 100.0)]


def by_element(city, every):
    wanted = city.facilities["element"].to_numpy()
    return np.stack([every[:, wanted == key].min(axis=1, initial=np.inf) for key in KEYS], axis=1)


def same(got, expected, *, limit=60.0):
    """Equal to 0.1 s; what lies within 0.1 s of the limit may be on either side of it."""
    clear = np.abs(expected - limit) > TENTH_S
    cut = np.where(expected <= limit, expected, np.inf)
    assert np.array_equal(np.isfinite(got)[clear], np.isfinite(cut)[clear])
    both = np.isfinite(got) & np.isfinite(cut)
    assert np.abs(got[both].astype(float) - cut[both]).max(initial=0.0) <= TENTH_S


@settings(max_examples=120, deadline=None)
@given(drawings(), walkers_drawn)
def test_every_network_equals_scipy(drawing, who):
    city = draw(drawing)
    expected = by_element(city, all_minutes(city, who))
    same(minutes(city, who, KEYS), expected)
    for i, key in enumerate(KEYS):
        found = nearest(city, who, key)
        same(found.minutes, expected[:, i])


@settings(max_examples=30, deadline=None)
@given(drawings(), walkers_drawn)
def test_the_nearest_facility_is_one_that_is_that_near(drawing, who):
    city = draw(drawing)
    every = all_minutes(city, who)
    for key in KEYS:
        found = nearest(city, who, key)
        assert np.array_equal(found.facility >= 0, np.isfinite(found.minutes))
        for cell in np.flatnonzero(found.facility >= 0):
            assert city.facilities["element"][found.facility[cell]] == key
            assert every[cell, found.facility[cell]] == pytest.approx(found.minutes[cell], abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(drawings(), walkers_drawn)
def test_another_facility_never_lengthens(drawing, who):
    if not drawing.facilities:
        return
    fewer = replace(drawing, facilities=drawing.facilities[:-1])
    assert np.all(minutes(draw(drawing), who, KEYS) <= minutes(draw(fewer), who, KEYS))


@settings(max_examples=40, deadline=None)
@given(drawings(), walkers_drawn)
def test_a_higher_limit_only_adds(drawing, who):
    city = draw(drawing)
    short, long = minutes(city, who, KEYS, limit_min=10.0), minutes(city, who, KEYS, limit_min=60.0)
    assert np.all(short[np.isfinite(short)] <= 10.0)
    assert np.array_equal(short[long <= 10.0], long[long <= 10.0])
    assert np.all(np.isinf(short[long > 10.0]))


@settings(max_examples=30, deadline=None)
@given(drawings(), walkers_drawn)
def test_the_order_of_points_does_not_matter(drawing, who):
    turned = replace(drawing, cells=drawing.cells[::-1], facilities=drawing.facilities[::-1])
    city, other = draw(drawing), draw(turned)
    assert np.array_equal(minutes(city, who, KEYS), minutes(other, who, KEYS)[::-1])


@settings(max_examples=30, deadline=None)
@given(drawings())
def test_without_stairs_and_slopes_time_is_distance_over_speed(drawing):
    city = draw(replace(drawing, stairs=set(), rises={}))
    slow = minutes(city, walker(speed_m_s=0.5), KEYS)
    fast = minutes(city, walker(speed_m_s=1.0), KEYS)
    near = np.isfinite(slow)
    assert np.allclose(slow[near], 2 * fast[near], atol=1e-4)


def test_hand_numbers_on_a_square():
    # A cell 20 m off the middle of the south side, a school 10 m off the middle of the north side.
    city = draw(Drawing(SQUARE, RING, [(0, 50.0, 20.0)], [("school", 2, 50.0, 10.0), ("park", 0, 10.0, 0.0)]))
    found = minutes(city, walker(), KEYS)
    assert found[0, 0] * 60 == pytest.approx(20 + 50 + 100 + 50 + 10)
    assert np.isinf(found[0, 1])
    assert found[0, 2] * 60 == pytest.approx(20 + 40)


def test_what_takes_exactly_the_threshold_is_within_it():
    # Nine sides of 120 m at 1.2 m/s: 15 minutes sharp, by way of tenths that are no binary fractions.
    xy = [(120.0 * i, 0.0) for i in range(10)]
    edges = [(i, i + 1, 120.0) for i in range(9)]
    city = draw(Drawing(xy, edges, [(0, 0.0, 0.0), (0, 0.05, 0.0)], [("school", 8, 120.0, 0.0)]))
    who = walker(speed_m_s=1.2)
    assert minutes(city, who, ["school"])[0, 0] == 15.0
    assert nearest(city, who, "school").minutes[0] == 15.0
    assert np.isfinite(minutes(city, who, ["school"], limit_min=15.0)).all()
    third = draw(Drawing(xy, [(a, b, 120.0 / 7) for a, b, _ in edges], [(0, 0.0, 0.0)], [("school", 8, 120 / 7, 0.0)]))
    assert minutes(third, walker(speed_m_s=1.2 / 7), ["school"])[0, 0] == 15.0


def test_on_one_edge_the_way_may_lead_straight_or_round():
    # The direct way along a long edge against the way round by a short parallel edge.
    edges = [(0, 1, 1000.0), (0, 1, 10.0)]
    city = draw(Drawing(SQUARE[:2], edges, [(0, 10.0, 0.0)], [("school", 0, 990.0, 0.0), ("park", 0, 30.0, 0.0)]))
    found = minutes(city, walker(), KEYS)[0] * 60
    assert found[[0, 2]] == pytest.approx([10 + 10 + 10, 20])


def test_a_loop_is_walked_the_shorter_way():
    city = draw(
        Drawing(SQUARE[:1], [(0, 0, 100.0)], [(0, 5.0, 0.0)], [("school", 0, 95.0, 0.0), ("park", 0, 40.0, 0.0)])
    )
    assert minutes(city, walker(), KEYS)[0][[0, 2]] * 60 == pytest.approx([10, 35])


def test_facilities_on_one_junction_go_to_the_lower_position():
    places = [("park", 0, 0.0, 0.0), ("school", 1, 0.0, 0.0), ("school", 0, 100.0, 0.0)]
    city = draw(Drawing(SQUARE, RING, [(0, 60.0, 0.0), (-1, 0.0, 900.0)], places))
    found = nearest(city, walker(), "school")
    assert found.facility.tolist() == [1, -1]
    assert found.minutes[0] * 60 == pytest.approx(40.0)
    assert np.isinf(found.minutes[1])


def test_uphill_takes_longer_than_downhill():
    city = draw(
        Drawing(SQUARE[:2], [(0, 1, 100.0)], [(0, 0.0, 0.0), (0, 100.0, 0.0)],
                [("school", 0, 50.0, 0.0)], rises={0: 10.0})
    )  # fmt: skip
    up, down = minutes(city, walker(), ["school"])[:, 0] * 60
    assert up == pytest.approx(50 * np.exp(3.5 * 0.10), abs=1e-3)
    assert down == pytest.approx(50 * np.exp(3.5 * 0.00), abs=1e-3)


def test_a_point_in_the_middle_of_an_impassable_edge_is_cut_off_and_one_at_its_end_is_not():
    cells = [(0, 50.0, 0.0), (1, 50.0, 0.0), (0, 100.0, 0.0)]
    city = draw(Drawing(SQUARE, RING, cells, [("school", 0, 40.0, 0.0), ("park", 1, 10.0, 0.0)], stairs={0}))
    found = minutes(city, walker(stairs_factor=None), KEYS)
    assert np.isinf(found[:, 0]).all()
    assert found[:, 2] * 60 == pytest.approx([np.inf, 40, 10])
    assert np.array_equal(found[:, 2], nearest(city, walker(stairs_factor=None), "park").minutes.astype(np.float32))


@pytest.mark.parametrize(
    "change", [{"speed_m_s": 0.5}, {"stairs_factor": 2.0}, {"stairs_factor": None}, {"max_grade": 0.05}]
)
def test_each_choice_of_walker_changes_something(change):
    drawing = Drawing(SQUARE, RING, [(0, 50.0, 0.0)], [("school", 2, 20.0, 0.0)], stairs={1}, rises={2: 10.0, 3: 1.0})
    city = draw(drawing)
    plain, changed = minutes(city, walker(), ["school"]), minutes(city, walker(**change), ["school"])
    assert changed[0, 0] != plain[0, 0]


def test_nothing_at_all():
    empty = draw(Drawing([], [], [], []))
    assert minutes(empty, walker(), KEYS).shape == (0, 3)
    assert nearest(empty, walker(), "school").minutes.shape == (0,)
    lonely = draw(Drawing([(0.0, 0.0)], [], [(-1, 0.0, np.inf)], [("school", -1, 0.0, np.inf)]))
    assert np.isinf(minutes(lonely, walker(), KEYS)).all()
    assert minutes(lonely, walker(), []).shape == (1, 0)
    nobody = draw(Drawing(SQUARE, RING, [(0, 1.0, 0.0)], []))
    assert np.isinf(minutes(nobody, walker(), KEYS)).all()
    assert nearest(nobody, walker(), "park").facility.tolist() == [-1]


def test_more_elements_than_lanes_in_any_order():
    drawing = Drawing(SQUARE, RING, [(0, 50.0, 0.0), (2, 1.0, 3.0)], [(k, i, 10.0 * i, i) for i, k in enumerate(KEYS)])
    city = draw(drawing)
    many = [KEYS[i % 3] for i in range(40)]
    assert np.array_equal(minutes(city, walker(), many), minutes(city, walker(), KEYS)[:, [i % 3 for i in range(40)]])


def test_results_are_shared_and_cannot_be_written():
    city = draw(Drawing(SQUARE, RING, [(0, 50.0, 0.0)], [("school", 2, 20.0, 0.0)]))
    assert minutes(city, walker(), KEYS) is minutes(city, walker(), list(KEYS))
    with pytest.raises(ValueError, match="read-only"):
        minutes(city, walker(), KEYS)[0, 0] = 1.0


def test_wrong_questions():
    city = draw(Drawing(SQUARE, RING, [], []))
    with pytest.raises(UnknownKey, match="castle"):
        minutes(city, walker(), ["castle"])
    for wrong in (0.0, -1.0, 61.0, float("nan")):
        with pytest.raises(GeodataError, match="步行时间上限"):
            nearest(city, walker(), "school", limit_min=wrong)


def test_a_grid_of_many_blocks_equals_scipy():
    rng = np.random.default_rng(5)
    side = 60
    xy = [
        (80.0 * i + rng.uniform(-9, 9), 80.0 * j + rng.uniform(-9, 9))
        for j, i in itertools.product(range(side), repeat=2)
    ]
    steps = [(a, a + 1) for a in range(side**2) if a % side < side - 1] + [(a, a + side) for a in range(side**2 - side)]
    edges = [(a, b, float(np.hypot(*np.subtract(xy[a], xy[b])))) for a, b in steps if rng.random() > 0.15]

    def spot() -> tuple[int, float, float]:
        edge = int(rng.integers(len(edges)))
        return edge, rng.random() * edges[edge][2], rng.random() * 20

    city = draw(
        Drawing(xy, edges, [spot() for _ in range(200)], [(KEYS[i % 3], *spot()) for i in range(12)],
                rises={i: float(rng.normal(0, 3)) for i in range(0, len(edges), 3)})
    )  # fmt: skip
    expected = by_element(city, all_minutes(city, walker()))
    same(minutes(city, walker(), KEYS), expected)
    same(minutes(city, walker(), KEYS, limit_min=8.0), expected, limit=8.0)
    same(nearest(city, walker(), "clinic").minutes, expected[:, 1])


@settings(max_examples=30, deadline=None)
@given(drawings())
def test_whoever_can_pass_less_is_never_sooner(drawing):
    city = draw(drawing)
    free, barred = walker(), walker(stairs_factor=None, max_grade=0.08)
    slowed = walker(stairs_factor=1.5)
    assert np.all(minutes(city, barred, KEYS) >= minutes(city, free, KEYS))
    assert np.all(minutes(city, slowed, KEYS) >= minutes(city, free, KEYS))


def test_the_assembled_small_city_equals_scipy_for_every_walker(small):
    keys = sorted(set(small.facilities["element"]))
    wanted = small.facilities["element"].to_numpy()
    for who in walkers():
        every = all_minutes(small, who)
        expected = np.stack([every[:, wanted == key].min(axis=1) for key in keys], axis=1)
        same(minutes(small, who, keys), expected)
        for i, key in enumerate(keys):
            same(nearest(small, who, key).minutes, expected[:, i])


def test_many_threads_get_the_same_answer():
    city = draw(
        Drawing(SQUARE, RING, [(0, 50.0, 0.0), (2, 1.0, 3.0)], [(k, i, 10.0 * i, i) for i, k in enumerate(KEYS)])
    )
    alone = minutes(draw(Drawing(SQUARE, RING, [(0, 50.0, 0.0), (2, 1.0, 3.0)],
                                 [(k, i, 10.0 * i, i) for i, k in enumerate(KEYS)])), walker(), KEYS)  # fmt: skip
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: minutes(city, walker(speed_m_s=1.0 + i % 2), KEYS), range(32)))
    assert all(np.array_equal(answer, alone) for answer in answers[::2])
    assert all(np.all(answer <= alone) and not np.array_equal(answer, alone) for answer in answers[1::2])
