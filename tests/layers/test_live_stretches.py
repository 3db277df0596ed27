"""Stretches of old and new things give what taking them one by one gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layers.live.stretches import Stretches


@given(st.integers(0, 12), st.integers(0, 5), st.data())
def test_what_is_taken_by_stretches_is_what_is_taken_one_by_one(count: int, fresh: int, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(count + fresh)))
    kept = order[: data.draw(st.integers(0, len(order)))]
    source = np.array(sorted(kept) if data.draw(st.booleans()) else kept, dtype=np.int64)
    lengths = np.array(data.draw(st.lists(st.integers(0, 3), min_size=count + fresh, max_size=count + fresh)), np.int64)
    values = [np.arange(length) + 10.0 * at for at, length in enumerate(lengths.tolist())]
    single = np.arange(count + fresh) * 1.5
    made = Stretches.of(source, count)
    assert made.taken(single[:count], single[count:]).tolist() == single[source].tolist()
    assert made.fresh().tolist() == [at for at, one in enumerate(source.tolist()) if one >= count]

    def packed(low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
        ptr = np.concatenate([[0], np.cumsum(lengths[low:high])]).astype(np.int64)
        return np.concatenate([np.empty(0), *values[low:high]]), ptr

    several = made.runs(packed(0, count), packed(count, count + fresh))
    assert several.tolist() == [number for one in source.tolist() for number in values[one].tolist()]
