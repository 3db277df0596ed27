"""THE KERNEL: exact walking times from every node to the nearest facility of many elements at once.

Arrays in, arrays out; no frame, no id, no geometry. Times are whole *ticks* of four microseconds in ``int32``, sixteen
elements side by side (one cache line a node), so that one instruction relaxes eight of them. Nodes lie in a spatial
order and are worked off block by block until no label changes: the fixpoint of the relaxation is the shortest time
whatever the order of work was (Bellman–Ford), so that order is chosen for the memory alone.

Exactness. The search itself is exact in ticks; only the rounding of edge times to ticks loses something, at most half a
tick (2 µs) an edge. A walk of ``k`` edges is therefore right to 2·k µs: to 0.1 s as long as it has fewer than 50,000
edges. :func:`error_bound_s` gives the bound for a network at hand.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.lanes import improves, relax, rows_of
from layers.star import Star

TICK_S = 4e-6
LIMIT_S = 3600.5  # 2 × (LIMIT_S / TICK_S) must fit into int32: labels and edges are both capped there
DEAD_END = 2
BLOCK_BITS = 12  # a block of labels is 256 kB and stays in the second-level cache


def to_ticks(seconds: NDArray[np.float64], *, limit_s: float) -> NDArray[np.int32]:
    """Round seconds to ticks; what is longer than the limit becomes one tick more than the limit, inf included."""
    if not 0 <= limit_s <= LIMIT_S:
        raise ValueError(f"limit_s must lie between 0 and {LIMIT_S}, got {limit_s}")
    beyond = beyond_ticks(limit_s)
    return np.rint(np.minimum(np.minimum(seconds, LIMIT_S + 1.0) / TICK_S, beyond)).astype(np.int32)


def beyond_ticks(limit_s: float) -> int:
    """Return the label that means *not within the limit*."""
    return int(np.ceil(limit_s / TICK_S)) + 1


def error_bound_s(seconds: NDArray[np.float64], *, limit_s: float) -> float:
    """Return an upper bound of the rounding error of any label within the limit on a network with these arcs.

    A shortest walk uses an arc once, and of arcs of at least ``t`` seconds it has room for ``limit_s / t``; so for any
    ``t`` it has at most ``limit_s / t`` arcs plus those shorter than ``t``. Half a tick for each, and one for each end.
    """
    some = np.sort(seconds[(seconds > 0) & np.isfinite(seconds)])
    if not len(some):
        return TICK_S
    shorter = np.arange(len(some) + 1)
    room = np.append(limit_s / np.maximum(some, 1e-6), 0.0)
    return float((np.minimum(room + shorter, len(some)).min() + 2) * TICK_S / 2)


def nearest_ticks(
    star: Star,
    ticks: NDArray[np.int32],
    seeds: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    *,
    beyond: int,
) -> NDArray[np.int32]:
    """Return the ticks from every node to the nearest seed of each lane.

    Parameters
    ----------
    ticks : (arcs,) time of each arc of the star, at most ``beyond``
    seeds : node (by rank), lane (0 to 15) and label of each seed, three arrays of one length
    beyond : the label of what is out of reach; see :func:`beyond_ticks`

    Returns
    -------
    (n, 16) int32, rows by rank, ``beyond`` where nothing is within the limit
    """
    labels = rows_of(star.node_count, beyond)
    node, lane, label = seeds
    if len(node):
        blocks = ((star.node_count - 1) >> BLOCK_BITS) + 1
        waiting = np.where(np.diff(star.first) == 1, DEAD_END, 0).astype(np.uint8)
        _plant(labels, node, lane, label)
        _settle(star.first, star.start, ticks, labels, node, waiting, np.zeros(blocks, np.uint8))
    return labels


@njit(cache=True, nogil=True)
def _plant(
    labels: NDArray[np.int32], node: NDArray[np.int32], lane: NDArray[np.int32], label: NDArray[np.int32]
) -> None:
    """Write the seeds' labels where they are better than what is there."""
    for i in range(len(node)):
        labels[node[i], lane[i]] = min(labels[node[i], lane[i]], label[i])


@njit(cache=True, nogil=True)
def _begin(
    changed: NDArray[np.int32],
    waiting: NDArray[np.uint8],
    queued: NDArray[np.uint8],
    blocks_ring: NDArray[np.int32],
) -> int:
    """Mark the nodes that have changed and put their blocks into the ring; return how many blocks those are."""
    held = 0
    for i in range(len(changed)):
        waiting[changed[i]] = 1
        block = changed[i] >> BLOCK_BITS
        if queued[block] == 0:
            queued[block] = 1
            blocks_ring[held] = block
            held += 1
    return held


@njit(cache=True, nogil=True)
def _settle(
    first: NDArray[np.int32],
    start: NDArray[np.int32],
    ticks: NDArray[np.int32],
    labels: NDArray[np.int32],
    changed: NDArray[np.int32],
    waiting: NDArray[np.uint8],
    queued: NDArray[np.uint8],
) -> None:
    """Relax until nothing changes; blocks of nodes wait in a ring, nodes of the block at work in another.

    ``waiting`` and ``queued`` mark nodes and blocks that are in a ring; each is in at most once, so rings never fill. A
    dead end gives its only neighbour nothing that it did not get from there; it waits only where a seed stands on it.
    """
    count, blocks = labels.shape[0], len(queued)
    blocks_ring, nodes_ring = np.empty(blocks, np.int32), np.empty(2 << BLOCK_BITS, np.int32)
    mask = (2 << BLOCK_BITS) - 1
    held = _begin(changed, waiting, queued, blocks_ring)
    head, tail = 0, held % blocks
    while held > 0:
        block = blocks_ring[head]
        head = head + 1 if head + 1 < blocks else 0
        held -= 1
        queued[block] = 0
        low = block << BLOCK_BITS
        high = min(count, low + (1 << BLOCK_BITS))
        out = into = 0
        for node in range(low, high):
            nodes_ring[into] = node
            into += waiting[node] == 1
        while out != into:
            node = nodes_ring[out & mask]
            out += 1
            waiting[node] = 0
            for arc in range(first[node], first[node + 1]):
                other = np.uint32(start[arc])  # unsigned: no look for a negative index
                # Whether a label improves is a coin toss: no branch on it, or half the time goes into wrong guesses.
                better = improves(labels, node, other, ticks[arc]) != 0
                relax(labels, node, other, ticks[arc])
                new = np.int64(better) & np.int64(waiting[other] == 0)
                waiting[other] |= np.uint8(new)
                if low <= other < high:
                    nodes_ring[into & mask] = other
                    into += int(new)
                elif new and queued[other >> BLOCK_BITS] == 0:
                    queued[other >> BLOCK_BITS] = 1
                    blocks_ring[tail] = other >> BLOCK_BITS
                    tail = tail + 1 if tail + 1 < blocks else 0
                    held += 1
