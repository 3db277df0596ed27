"""Compiling the kernel once, at set-up, so that nobody waits for it later: ``python -m layers.compiled``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layers.around import counts_within, items_at, pairs_within, sums_within
from layers.live.set_up import compile_live
from layers.pairwise import compile_search
from layers.points import read_labels
from layers.reach import beyond_ticks, nearest_ticks, to_ticks
from layers.siting.descent import descended
from layers.siting.problem import Aim, plain_problem
from layers.siting.radius import cover_core
from layers.siting.ripple import compile_ripple
from layers.siting.rules import rules_of
from layers.siting.solve import solve
from layers.siting.walks import compile_walks
from layers.star import backward_star, spatial_rank
from layers.tree import shortest_tree


def compile_kernels() -> None:
    """Run every compiled function on a street of two junctions; the machine code is kept beside the modules."""
    rank = spatial_rank(np.array([[0.0, 0.0], [100.0, 0.0]]))
    ends = np.array([0], np.int32), np.array([1], np.int32)
    star = backward_star(ends, (np.array([60.0]), np.array([60.0])), rank)
    node, second = rank[:1].copy(), np.zeros(1)
    beyond = beyond_ticks(100.0)
    seeds = node, np.zeros(1, np.int32), to_ticks(second, limit_s=100.0)
    labels = nearest_ticks(star, to_ticks(star.seconds, limit_s=100.0), seeds, beyond=beyond)
    read_labels(labels, beyond, (rank[:1], rank[1:]), (second, second), np.zeros(1, np.int64), np.empty((1, 1)))
    shortest_tree(star, (node, second, np.zeros(1, np.int64)), limit_s=100.0)
    for value in (1.0, 0.5):  # whole numbers are summed by other instructions
        items = items_at(node, np.zeros(1, np.int32), np.array([value]), count=2, columns=1)
        sums_within(star, node, items, limit_s=100.0)
    counts_within(star, node, np.zeros(1, np.int32), columns=1, limit_s=100.0)
    pairs_within(star, node, np.zeros(2, np.int32), limit_s=100.0)
    compile_search(star)
    compile_walks(star)
    compile_ripple(star)
    compile_siting()
    compile_live()


def compile_siting() -> None:
    """Choose one of two sites, with and without a limit of room, by every model."""
    rows, minutes = np.array([0, 1, 1, 2], np.int32), np.array([5.0, 9.0, 6.0, 8.0])
    problem = plain_problem(np.array([0, 2, 4]), rows, minutes, np.array([3.0, 2.0, 4.0]))
    for case in (problem, replace(problem, capacity=np.array([4.0, np.inf]))):
        for aim in (Aim("mclp", 1), Aim("pmedian", 1), Aim("pcentre", 1), Aim("lscp")):
            solve(case, aim)
    core = cover_core(problem, rules_of(problem, Aim("lscp")), limit=15.0)
    descended(core, np.arange(core.sites), target=0, seed=0, over=lambda: True)


if __name__ == "__main__":
    compile_kernels()
