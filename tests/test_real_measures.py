"""Measures on real street networks: what a bounded search says is what the whole city says when it is computed anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geodata.scenario import Scenario
from layers.scenario import applied
from layers.siting.ask import Ask
from layers.siting.measures import measures
from layers.sweep import element_minutes
from tests.test_real_extracts import DATA, EXTRACTS, Extract, _city

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.exists(), reason="the real extracts (../shared/data) are not here"),
]
TRIED = 5


@pytest.mark.parametrize(
    ("extract", "element"),
    [(EXTRACTS[0], "cafe"), (EXTRACTS[1], "breakfast_restaurant")],
    ids=lambda value: getattr(value, "name", value),
)
def test_gates_crossings_and_paths_gain_what_the_city_gains(extract: Extract, element: str, tmp_path: Path) -> None:
    """The best ones, some others, and all of a choice for a budget together."""
    city, _, _ = _city(extract, tmp_path)
    ask = Ask(model="mclp", element=element, budget_wan=100.0, minutes=5.0)
    people = city.cells["population"].to_numpy()
    before = people[element_minutes(city, element, ask.who()) <= ask.minutes].sum()
    found = measures(city, ask, confirm=0)
    kinds = set(found.ranking["kind"])
    assert "path" in kinds and any(kind.startswith("crossing") for kind in kinds)
    others = np.random.default_rng(0).integers(TRIED, len(found.offers), 3).tolist()
    for place in (*range(TRIED), *others):
        after = applied(city, Scenario("试", city.version, edits=(found.offers[place].edit,)))
        reached = element_minutes(after, element, ask.who()) <= ask.minutes
        assert people[reached].sum() - before == found.ranking["gained"].iloc[place], found.offers[place]
    assert found.mixed is not None
    together = applied(city, Scenario("试", city.version, edits=found.edits()))
    assert people[element_minutes(together, element, ask.who()) <= ask.minutes].sum() - before == found.mixed.gain > 0
