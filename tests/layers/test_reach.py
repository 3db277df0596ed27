import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from layers import compiled
from layers.lanes import LANES, blank_rows, rows_of
from layers.reach import LIMIT_S, TICK_S, beyond_ticks, error_bound_s, nearest_ticks, to_ticks
from layers.star import backward_star, retimed, spatial_rank, turned
from layers.tree import FAR_NS, NANO, shortest_tree
from tests.oracles import floyd

arcs = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.integers(0, 7),
        st.sampled_from([0.0, 1.0, 33.3, 4000.0, np.inf]) | st.floats(0.0, 900.0),
        st.sampled_from([0.0, 2.0, 33.3, np.inf]) | st.floats(0.0, 900.0),
    ),
    max_size=24,
)
seeds = st.lists(st.tuples(st.integers(0, 7), st.integers(0, LANES - 1), st.floats(0.0, 500.0)), max_size=20)


def star_of(rows, count=8, rank=None):
    ends = np.array([r[:2] for r in rows], dtype=np.int32).reshape(-1, 2)
    seconds = np.array([r[2:] for r in rows], dtype=float).reshape(-1, 2)
    rank = np.arange(count, dtype=np.int32) if rank is None else rank
    return backward_star((ends[:, 0].copy(), ends[:, 1].copy()), (seconds[:, 0].copy(), seconds[:, 1].copy()), rank)


@settings(max_examples=150, deadline=None)
@given(arcs, seeds, st.permutations(range(8)), st.sampled_from([60.0, 900.0, 3600.0]))
def test_lanes_and_tree_equal_the_triple_loop(rows, sown, order, limit):
    rank = np.array(order, dtype=np.int32)
    star = star_of(rows, rank=rank)
    walked = [(a, b, f) for a, b, f, _ in rows] + [(b, a, t) for a, b, _, t in rows]
    time = floyd(8, [(a, b, s) for a, b, s in walked if np.isfinite(s)])
    node = rank[np.array([s[0] for s in sown], dtype=int)]
    lane, label = np.array([s[1] for s in sown], dtype=np.int32), np.array([s[2] for s in sown], dtype=float)
    planted = (node, lane, to_ticks(label, limit_s=limit))
    labels = nearest_ticks(star, to_ticks(star.seconds, limit_s=limit), planted, beyond=beyond_ticks(limit))
    for place, column in itertools.product(range(8), range(LANES)):
        expected = min((time[place, s[0]] + s[2] for s in sown if s[1] == column), default=np.inf)
        found = labels[rank[place], column]
        if abs(expected - limit) > 0.01:
            assert (found < beyond_ticks(limit)) == (expected <= limit)
        if found < beyond_ticks(limit):
            assert found * TICK_S == pytest.approx(expected, abs=error_bound_s(star.seconds, limit_s=limit) + 1e-9)
    tree = shortest_tree(star, (node, label, np.arange(len(sown))), limit_s=limit)
    for place in range(8):
        offers = [time[place, s[0]] + s[2] for s in sown]
        expected = min(offers, default=np.inf)
        if abs(expected - limit) < 1e-6:
            continue
        assert (tree.nanos[rank[place]] < FAR_NS) == (expected <= limit)
        if expected <= limit:
            assert tree.nanos[rank[place]] / NANO == pytest.approx(expected, abs=1e-7)
            assert offers[tree.origin[rank[place]]] == pytest.approx(expected, abs=1e-7)


def test_equally_near_facilities_go_to_the_lower_position_wherever_they_are():
    star = star_of([(0, 1, 50.0, 50.0), (1, 2, 50.0, 50.0), (2, 3, 0.0, 0.0)], count=4)
    for first, second in ((0, 2), (2, 0), (3, 0)):
        tree = shortest_tree(star, (np.array([first, second], np.int32), np.zeros(2), np.array([4, 9])), limit_s=900.0)
        assert tree.origin[1] == 4
        assert tree.origin[[first, second]].tolist() == [4, 9]
    both = shortest_tree(star, (np.array([0, 0], np.int32), np.zeros(2), np.array([9, 4])), limit_s=900.0)
    assert set(both.origin.tolist()) == {4}


def test_the_rounding_bound_holds_on_a_long_street_of_awkward_edges():
    count = 20_000
    seconds = np.full(count - 1, 0.1 + TICK_S * 0.499)
    ends = np.arange(count - 1, dtype=np.int32), np.arange(1, count, dtype=np.int32)
    star = backward_star(ends, (seconds, seconds), np.arange(count, dtype=np.int32))
    seed = np.zeros(1, np.int32), np.zeros(1, np.int32), np.zeros(1, np.int32)
    labels = nearest_ticks(star, to_ticks(star.seconds, limit_s=3600.0), seed, beyond=beyond_ticks(3600.0))
    exact = np.arange(count) * seconds[0]
    bound = error_bound_s(star.seconds, limit_s=3600.0)
    worst = np.abs(labels[:, 0] * TICK_S - exact).max()
    assert 0.03 < worst <= bound < 0.1


def test_labels_never_overflow():
    rows = [(i, i + 1, 3600.0, 1e300) for i in range(7)]
    star = star_of(rows)
    ticks = to_ticks(star.seconds, limit_s=LIMIT_S)
    seed = np.full(1, 7, np.int32), np.zeros(1, np.int32), np.zeros(1, np.int32)
    beyond = beyond_ticks(LIMIT_S)
    assert 2 * beyond < 2**31
    labels = nearest_ticks(star, ticks, seed, beyond=beyond)
    assert labels.min() >= 0
    assert (labels[:, 0] < beyond).tolist() == [False] * 6 + [True] * 2
    with pytest.raises(ValueError, match="limit_s"):
        to_ticks(star.seconds, limit_s=LIMIT_S + 1)


def test_many_blocks_equal_scipy_whatever_the_numbering():
    rng = np.random.default_rng(11)
    side = 110
    node = np.arange(side * side)
    ends = np.concatenate([
        np.column_stack([node[node % side < side - 1], node[node % side < side - 1] + 1]),
        np.column_stack([node[:-side], node[side:]]),
    ])  # fmt: skip
    ends = ends[rng.random(len(ends)) > 0.2].astype(np.int32)
    times = rng.uniform(5, 120, (2, len(ends)))
    xy = np.column_stack([node % side, node // side]).astype(float)
    for rank in (spatial_rank(xy), rng.permutation(side * side).astype(np.int32)):
        star = backward_star((ends[:, 0].copy(), ends[:, 1].copy()), (times[0], times[1]), rank)
        lanes = [rng.choice(side * side, size, replace=False) for size in (1, 3, 40, 900)]
        planted = np.concatenate([rank[p] for p in lanes]).astype(np.int32)
        lane = np.repeat(np.arange(4), [len(p) for p in lanes]).astype(np.int32)
        labels = nearest_ticks(
            star,
            to_ticks(star.seconds, limit_s=1500.0),
            (planted, lane, np.zeros_like(lane)),
            beyond=beyond_ticks(1500.0),
        )
        graph = csr_matrix((star.seconds, star.start, star.first), shape=(side**2, side**2))
        for i, places in enumerate(lanes):
            expected = dijkstra(graph, indices=rank[places], min_only=True, limit=1500.0)
            found = np.where(labels[:, i] < beyond_ticks(1500.0), labels[:, i] * TICK_S, np.inf)
            clear = np.abs(expected - 1500.0) > 0.01
            assert np.allclose(found[clear], expected[clear], atol=0.01)
        assert np.all(labels[:, 4:] == beyond_ticks(1500.0))


def test_neighbours_on_the_ground_are_neighbours_in_memory():
    xy = np.stack(np.meshgrid(np.arange(64.0), np.arange(64.0)), axis=-1).reshape(-1, 2)
    rank = spatial_rank(xy)
    assert sorted(rank) == list(range(4096))
    along = xy[np.argsort(rank)]
    assert np.all(np.abs(np.diff(along, axis=0)).sum(axis=1) == 1)
    assert spatial_rank(np.zeros((3, 2))).tolist() == [0, 1, 2]
    assert spatial_rank(np.zeros((0, 2))).shape == (0,)


def test_turned_and_retimed_stars():
    star = star_of([(0, 1, 10.0, 20.0), (2, 2, 5.0, 5.0), (1, 2, np.inf, 7.0)], count=3)
    assert len(star.edge) == 4  # the loop is left out

    def walked(of, back):
        end = np.repeat(np.arange(3), np.diff(of.first))
        pairs = zip(of.start, end, strict=True) if back else zip(end, of.start, strict=True)
        return {(int(a), int(b)): float(s) for (a, b), s in zip(pairs, of.seconds, strict=True)}

    expected = {(0, 1): 10.0, (1, 0): 20.0, (1, 2): np.inf, (2, 1): 7.0}
    assert walked(star, back=True) == expected
    assert walked(turned(star), back=False) == expected
    other = retimed(star, np.array([1.0, 9.0, 2.0]), np.array([3.0, 9.0, 4.0]))
    assert walked(other, back=True) == {(0, 1): 1.0, (1, 0): 3.0, (1, 2): 2.0, (2, 1): 4.0}


def test_rows_lie_on_cache_lines():
    for count in (1, 7):
        rows = rows_of(count, 5)
        assert rows.shape == (count, LANES)
        assert rows.ctypes.data % 64 == 0
        assert (rows == 5).all()
        assert blank_rows(count).shape == (count, LANES)


def test_compiling_leaves_nothing_to_compile():
    compiled.compile_kernels()
    code = (
        "import numba.core.compiler as c, sys\n"
        "import layers.compiled as k\n"
        "real = c.compile_extra\n"
        "def never(*a, **b): sys.exit('compiled again')\n"
        "c.compile_extra = never\n"
        "k.compile_kernels()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
