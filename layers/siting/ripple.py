"""What changes when a few arcs or facilities are added to a network whose times are known: bounded searches, undone.

Labels are whole nanoseconds to the nearest facility (see :mod:`layers.tree`). Adding arcs and facilities can only make
labels smaller, so a search from where they do, along the arcs against the walk, finds every label that changes and no
other: the new labels are those of a search from scratch, at the price of the nodes that change.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.siting.core import Arrays
from layers.siting.steps import Watch
from layers.star import Star
from layers.tree import drop, larger, push, to_nanos

TOGETHER = 500  # trials whose nodes are held at once where nobody wants them
Graph: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Additions:
    """What each of ``count`` trials would add; sorted by trial, ``*_ptr`` are (count + 1,) int64.

    Attributes
    ----------
    tail, head, nanos : arcs, nodes by rank: who stands at ``head`` may go to ``tail`` in so many nanoseconds
    seed : nodes (by rank) where a facility would stand
    """

    arc_ptr: NDArray[np.int64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    nanos: NDArray[np.int64]
    seed_ptr: NDArray[np.int64]
    seed: NDArray[np.int32]

    @property
    def count(self) -> int:
        """Number of trials."""
        return len(self.arc_ptr) - 1


class Ripple:
    """A network with its labels, into which additions are tried, and put for good.

    Attributes
    ----------
    labels : (n,) int64, nanoseconds to the nearest facility; more than ``limit`` where none is within it
    open : (count,) bool, the trials that were put in for good
    """

    def __init__(
        self, star: Star, labels: NDArray[np.int64], additions: Additions, *, weight: NDArray[np.float64], limit: int
    ) -> None:
        """``weight`` (n, k) k kinds of people at each node; ``limit`` nanoseconds, the last that counts as reached."""
        order = np.argsort(additions.tail, kind="stable")
        owner = np.repeat(np.arange(additions.count, dtype=np.int32), np.diff(additions.arc_ptr))
        many = np.bincount(additions.tail, minlength=star.node_count)
        first = np.concatenate([[0], np.cumsum(many)]).astype(np.int32)
        self.additions, self.weight, self.limit = additions, weight, np.int64(limit)
        self._before = labels
        self.begin()
        self._graph: Graph = (star.first, star.start, to_nanos(star.seconds))
        self._extra = (first, additions.head[order], additions.nanos[order], owner[order])
        own, count = additions, star.node_count
        self._lists = own.arc_ptr, own.tail, own.head, own.nanos, own.seed_ptr, own.seed
        self._room = (
            np.full(count, -1, np.int64), np.empty(count, np.int32), np.empty(count, np.int32),
            np.empty(count, np.int64), np.full(count, -1, np.int64), np.zeros(3, np.int64),
        )  # fmt: skip

    def begin(self) -> None:
        """Take out whatever was put in."""
        self.labels, self.open = self._before.copy(), np.zeros(self.additions.count, dtype=bool)

    def gains(self, trials: NDArray[np.int64], watch: Watch) -> NDArray[np.float64]:
        """Return what each trial would gain by itself, on top of what is in already: people (trials, k).

        Raises
        ------
        Stopped
            Who watches has asked for it.
        """
        parts = [np.zeros((0, self.weight.shape[1]))]
        for low in range(0, len(trials), TOGETHER):
            watch.step("计算各项新增人口", low, len(trials))
            parts.append(self.tried(trials[low : low + TOGETHER])[0])
        return np.concatenate(parts)

    def tried(self, trials: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int32]]:
        """Return what :meth:`gains` does, and the nodes that each search read.

        Returns
        -------
        people newly within the limit (trials, k); where the nodes of each trial begin (trials + 1,), and the nodes
        """
        state, people = (self.open, self.labels), (self.weight, self.limit)
        gains, ptr, read = _tried(self._graph, self._extra, self._lists, state, trials, people, self._room)
        return gains, ptr, read

    def put(self, trial: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Put a trial in for good; return the nodes newly within the limit, and all that changed or got an arc."""
        own, room = self.additions, self._room
        self.open[trial] = True
        _spread(self._graph, self._extra, self._lists, (self.open, self.labels), trial, self.limit, room)
        changed = int(room[5][2])
        nodes, before = room[2][:changed], room[3][:changed]
        arcs = slice(own.arc_ptr[trial], own.arc_ptr[trial + 1])
        touched = np.unique(np.concatenate([nodes, own.tail[arcs], own.head[arcs]]))
        return nodes[before > self.limit].copy(), touched.astype(np.int32)


def compile_ripple(star: Star) -> None:
    """Try and put in an arc on a star of two nodes (see :mod:`layers.compiled`)."""
    one, nodes = np.array([0, 1]), (np.array([0], np.int32), np.array([1], np.int32))
    additions = Additions(one, nodes[0], nodes[1], np.array([5], np.int64), one, nodes[1])
    labels = np.array([0, 9], np.int64)
    ripple = Ripple(star, labels, additions, weight=np.ones((2, 2)), limit=100)
    ripple.tried(np.zeros(1, np.int64))
    ripple.put(0)


@njit(cache=True, nogil=True)
def _note(node: int, room: Arrays) -> None:
    """Note that the label of a node was read in this turn."""
    seen, read, count = room[0], room[1], room[5]
    if seen[node] != count[0]:
        seen[node] = count[0]
        read[count[1]] = node
        count[1] += 1


@njit(cache=True, nogil=True)
def _lower(node: int, label: int, labels: NDArray[Any], room: Arrays) -> bool:
    """Give a node a label if it is smaller than its own, noting what that was; return whether it is."""
    changed, before, moved, count = room[2], room[3], room[4], room[5]
    _note(node, room)
    if label >= labels[node]:
        return False
    if moved[node] != count[0]:
        moved[node] = count[0]
        changed[count[2]], before[count[2]] = node, labels[node]
        count[2] += 1
    labels[node] = label
    return True


@njit(cache=True, nogil=True)
def _queued(heap: Arrays, size: int, label: int, node: int) -> tuple[Arrays, int]:
    """Put a node on the heap, which grows when it is full."""
    times, nodes = heap
    if size == len(times):
        times, nodes = larger(times, nodes)
    return (times, nodes), push(times, nodes, size, label, node)


@njit(cache=True, nogil=True)
def _begun(lists: Arrays, labels: NDArray[Any], trial: int, limit: int, room: Arrays) -> tuple[Arrays, int]:
    """Lower the labels at the arcs and facilities of a trial; return the heap with what was lowered."""
    arc_ptr, tail, head, nanos, seed_ptr, seed = lists
    heap, size = (np.empty(1024, np.int64), np.empty(1024, np.int32)), 0
    for arc in range(arc_ptr[trial], arc_ptr[trial + 1]):
        _note(tail[arc], room)
        _note(head[arc], room)
        label = labels[tail[arc]] + nanos[arc]
        if label <= limit and _lower(head[arc], label, labels, room):
            heap, size = _queued(heap, size, label, head[arc])
    for place in range(seed_ptr[trial], seed_ptr[trial + 1]):
        if _lower(seed[place], np.int64(0), labels, room):
            heap, size = _queued(heap, size, np.int64(0), seed[place])
    return heap, size


@njit(cache=True, nogil=True)
def _spread(graph: Arrays, extra: Arrays, lists: Arrays, state: Arrays, trial: int, limit: int, room: Arrays) -> None:
    """Put a trial into the labels; the counts in ``room`` then tell how many nodes were read and how many changed.

    ``state``: the trials that are in for good, and the labels. ``room``: the turn in which a node was read, the nodes
    read, the nodes changed and their labels before, the turn in which a node was changed; and the number of the turn
    with both counts.
    """
    (first, start, nanos), (more_first, more_head, more_nanos, owner), (open_, labels) = graph, extra, state
    room[5][0] += 1
    room[5][1:] = 0
    heap, size = _begun(lists, labels, trial, limit, room)
    while size > 0:
        time, node = heap[0][0], heap[1][0]
        size = drop(heap[0], heap[1], size)
        if time > labels[node]:
            continue
        for arc in range(first[node], first[node + 1]):
            then = time + nanos[arc]
            if then <= limit and _lower(start[arc], then, labels, room):
                heap, size = _queued(heap, size, then, start[arc])
        for arc in range(more_first[node], more_first[node + 1]):
            then = time + more_nanos[arc]
            usable = owner[arc] == trial or open_[owner[arc]]
            if usable and then <= limit and _lower(more_head[arc], then, labels, room):
                heap, size = _queued(heap, size, then, more_head[arc])


@njit(cache=True, nogil=True)
def _tried(
    graph: Arrays, extra: Arrays, lists: Arrays, state: Arrays, trials: NDArray[Any], people: Arrays, room: Arrays
) -> Arrays:
    """Try each trial and take it back; return gains and the nodes read. ``people``: their weight, and the limit."""
    (weight, limit), labels = people, state[1]
    gains, ptr = np.zeros((len(trials), weight.shape[1])), np.zeros(len(trials) + 1, np.int64)
    read, changed, before, count, out = room[1], room[2], room[3], room[5], np.empty(4096, np.int32)
    for place in range(len(trials)):
        _spread(graph, extra, lists, state, trials[place], limit, room)
        for i in range(count[2]):
            if before[i] > limit:
                gains[place] += weight[changed[i]]
            labels[changed[i]] = before[i]
        begin = ptr[place]
        while begin + count[1] > len(out):
            longer = np.empty(2 * len(out), np.int32)
            longer[:begin] = out[:begin]
            out = longer
        out[begin : begin + count[1]] = read[: count[1]]
        ptr[place + 1] = begin + count[1]
    return gains, ptr, out[: ptr[len(trials)]].copy()
