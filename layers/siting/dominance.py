"""Sites that another one can always stand in for, and people who are covered whenever some others are.

A site may go when another does all it does at no more of any limit (Toregas & ReVelle 1973; Church & Gerrard 2003);
a row of demand that must be covered may go when all sites of another such row are among its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from layers.siting.core import Core

MOST_PRODUCTS = 30_000_000  # of entries that are compared; beyond it nothing is left out


def idle_sites(core: Core) -> NDArray[np.bool_]:
    """Return the sites that may stay shut because another is as good in every way; one of equals stays."""
    none = np.zeros(core.sites, dtype=bool)
    matrix = csr_array((core.benefit, core.demand, core.start), shape=(core.sites, core.demands))
    degree = np.bincount(core.demand, minlength=core.demands).astype(np.int64)
    if (degree**2).sum() > MOST_PRODUCTS:
        return none
    pattern = csr_array((np.ones(len(core.demand)), core.demand, core.start), shape=matrix.shape)
    shared = (pattern @ pattern.T).tocoo()
    size = np.diff(core.start)
    inside = (shared.row != shared.col) & (shared.data == size[shared.row])
    few, many = shared.row[inside].astype(np.int64), shared.col[inside].astype(np.int64)
    few, many = _as_good(core, matrix, few, many)
    same = size[few] == size[many]
    equal = np.zeros(len(few), dtype=bool)
    back = set(zip(many[same].tolist(), few[same].tolist(), strict=True))
    equal[same] = [pair in back for pair in zip(few[same].tolist(), many[same].tolist(), strict=True)]
    goes = ~equal | (few > many)
    none[few[goes]] = True
    none[size == 0] = _droppable(core)[size == 0]
    return none


def _as_good(
    core: Core, matrix: csr_array, few: NDArray[np.int64], many: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keep the pairs of which the second has no less benefit anywhere and takes no more of any rule."""
    right = _droppable(core)[few]
    few, many = few[right], many[right]
    if core.benefit.size and not _even(core):
        worse = (matrix[few] > matrix[many]).sum(axis=1)
        few, many = few[np.asarray(worse).ravel() == 0], many[np.asarray(worse).ravel() == 0]
    rules = core.rules
    if len(rules.low) == 0 or len(few) == 0:
        return few, many
    taken = rules.matrix.T.tocsr()
    more = (taken[many] - taken[few]).tocoo()
    bad = ((more.data > 0) & np.isfinite(rules.high[more.col])) | ((more.data < 0) & np.isfinite(rules.low[more.col]))
    fits = np.ones(len(few), dtype=bool)
    fits[more.row[bad]] = False
    return few[fits], many[fits]


def _even(core: Core) -> bool:
    """Return whether every row of demand has the same benefit from all its sites."""
    return bool((core.benefit == core.best[core.demand]).all())


def _droppable(core: Core) -> NDArray[np.bool_]:
    """Return the sites whose leaving can break no rule."""
    rules = core.rules
    bad = ((rules.value > 0) & np.isfinite(rules.low[rules.row])) | (
        (rules.value < 0) & np.isfinite(rules.high[rules.row])
    )
    site = np.repeat(np.arange(core.sites), np.diff(rules.start))
    free = np.ones(core.sites, dtype=bool)
    free[site[bad]] = False
    return free


def implied_rows(core: Core) -> NDArray[np.bool_]:
    """Return the rows of demand that are covered whenever all others are; rows with the same sites are one already."""
    gone = np.zeros(core.demands, dtype=bool)
    if (np.diff(core.start) ** 2).sum() > MOST_PRODUCTS:
        return gone
    matrix = csr_array((np.ones(len(core.demand)), core.demand, core.start), shape=(core.sites, core.demands))
    shared = (matrix.T @ matrix).tocoo()
    degree = np.bincount(core.demand, minlength=core.demands)
    inside = (shared.row != shared.col) & (shared.data == degree[shared.row])
    gone[shared.col[inside]] = True
    return gone
