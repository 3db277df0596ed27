"""The sample city's entries: they fit their targets, are the same every time, and some counties are late."""

from __future__ import annotations

from collections import Counter

from geodata.filing import faults
from geodata.sample.filings import DAYS, sample_filings
from geodata.targets import load_targets
from tests.lacking_city import lacking_frames

PLAN = load_targets()


def test_entries_fit_their_targets_and_say_that_they_are_made_up() -> None:
    made = sample_filings(lacking_frames(), PLAN)
    targets = {one.key: one for one in PLAN.targets}
    assert [(one.target, wrong) for one in made for wrong in faults(one, targets[one.target])] == []
    assert {one.target for one in made} == {one.key for one in PLAN.targets if one.compute is None}
    assert all("合成" in one.author and "合成" in one.document for one in made)
    assert len({one.key for one in made}) == len(made)


def test_entries_are_the_same_every_time() -> None:
    assert sample_filings(lacking_frames(), PLAN) == sample_filings(lacking_frames(), PLAN)


def test_somebody_is_late_but_not_everybody() -> None:
    made = sample_filings(lacking_frames(), PLAN)
    last = Counter(max(one.day for one in made if one.target == key) for key in {one.target for one in made})
    assert 0 < last[DAYS[-2]] < last[DAYS[-1]]
