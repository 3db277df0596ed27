"""Who moves into an estate: what is stated is kept, the rest follows the community around, and nothing contradicts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geodata.edits import AddPopulation
from geodata.errors import GeodataError
from geodata.estates import grown, people_of_estate
from tests.small_city import small_city

WEST = "140702001001"
GROUPS = ("age_0_6", "age_7_14", "age_60_plus", "age_65_plus", "age_80_plus")
SHARES = st.floats(0.0, 1.0)


def cells(shares: tuple[float, ...]):
    """The small city's cells with these shares of all groups everywhere."""
    base = small_city().cells
    return base.assign(**{group: base["population"] * share for group, share in zip(GROUPS, shares, strict=True)})


@st.composite
def nested(draw: st.DrawFn) -> tuple[float, ...]:
    """Shares of the groups that do not contradict each other."""
    young = draw(st.floats(0, 0.3)), draw(st.floats(0, 0.3))
    sixty = draw(st.floats(0, 0.4))
    older = sixty * draw(SHARES)
    return (*young, sixty, older, older * draw(SHARES))


@settings(max_examples=200, deadline=None)
@given(nested(), st.dictionaries(st.sampled_from(GROUPS), SHARES))
def test_stated_shares_are_kept_and_the_others_never_contradict_them(
    around: tuple[float, ...], stated: dict[str, float]
) -> None:
    try:
        estate = AddPopulation(lon=112.75, lat=37.69, dwellings=10, household_size=10, ages=stated)
    except GeodataError:
        assume(False)
        raise
    found = people_of_estate(cells(around), estate, WEST)
    assert found["population"] == 100
    for group, share in stated.items():
        assert found[group] == pytest.approx(100 * share, abs=1e-9)
    young, old = found["age_0_6"] + found["age_7_14"], [found[group] for group in GROUPS[2:]]
    assert min(found.values()) >= -1e-9 and old[0] + 1e-9 >= old[1] >= old[2] - 1e-9
    assert young + old[0] <= 100 + 1e-6
    if not stated:
        np.testing.assert_allclose([found[group] for group in GROUPS], 100 * np.array(around), atol=1e-9)


def test_the_community_around_counts_before_the_city() -> None:
    table = small_city().cells.assign(age_0_6=lambda t: t["population"] * (0.3 + 0.1 * (t["community"] == WEST)))
    estate = AddPopulation(lon=112.75, lat=37.69, dwellings=10, household_size=10)
    assert people_of_estate(table, estate, WEST)["age_0_6"] == pytest.approx(40)
    assert people_of_estate(table, estate, "140702001002")["age_0_6"] == pytest.approx(30)
    whole = 100 * table["age_0_6"].sum() / table["population"].sum()
    assert people_of_estate(table, estate, "")["age_0_6"] == pytest.approx(whole)
    assert people_of_estate(table, estate, "nowhere")["age_0_6"] == pytest.approx(whole)
    empty = table.assign(population=0.0, age_0_6=0.0, age_60_plus=0.0, age_80_plus=0.0)
    assert people_of_estate(empty, estate, WEST) == {
        "population": 100, "age_0_6": 0, "age_60_plus": 0, "age_80_plus": 0,
    }  # fmt: skip


def test_bands_of_older_people_follow_the_estate_and_others_the_unit() -> None:
    counts = {"population": 1000.0, "age_60_plus": 200.0, "age_65_plus": 100.0, "age_80_plus": 10.0}
    bands = {"age_60_64": 100.0, "age_65_79": 90.0, "age_15_59": 500.0, "households": 400.0}
    units = small_city().units.assign(**counts, **bands)
    city = replace(small_city(), units=units)
    more = {"population": 100.0, "age_60_plus": 50.0, "age_65_plus": 30.0, "age_80_plus": 5.0, "households": 40.0}
    made = grown(city, units, [WEST], more).loc[WEST]
    assert made["age_60_64"] == 120 and made["age_65_79"] == 115 and made["age_80_plus"] == 15
    assert made["age_60_plus"] == made[["age_60_64", "age_65_79", "age_80_plus"]].sum() == 250
    assert (made["age_15_59"], made["households"], made["population"]) == (550, 440, 1100)
    older = units.drop(columns=["age_60_64", "age_15_59"])
    assert "age_60_64" not in grown(replace(city, units=older), older, [WEST], more)
