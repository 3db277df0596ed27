"""Cells add up to the census, at the finest level that has counts, for the total and for every group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geodata.census import GROUP_COLUMNS, PEOPLE, people_of, rescale


def _units(**columns):
    table = pd.DataFrame(columns, index=pd.Index([f"u{at}" for at in range(len(next(iter(columns.values()))))]))
    return table.assign(name=[f"单元{at}" for at in range(len(table))], level="community")


def _member(**levels):
    return {level: np.array(at) for level, at in levels.items()}


def test_each_unit_gets_its_exact_number_in_proportion():
    cells = pd.DataFrame({PEOPLE: [10.0, 30.0, 5.0, 7.0]})
    done = rescale(cells, _units(population=[100.0, 10.0]), _member(community=[0, 0, 1, -1]))
    assert done.people[PEOPLE].tolist() == pytest.approx([25, 75, 10, 7])
    assert done.factor == pytest.approx([2.5, 2.5, 2.0, 1.0])
    assert done.report["factor"] == pytest.approx({"min": 2.0, "median": 2.25, "max": 2.5})
    assert done.report["factors"] == pytest.approx({"u0": 2.5, "u1": 2.0})
    assert (done.report["level"], done.report["units"], done.report["cells_without_count"]) == ("community", 2, 1)
    assert done.report["conflicts"] == []


def test_without_counts_nothing_changes():
    cells = pd.DataFrame({PEOPLE: [10.0, 0.0], "age_0_6": [1.0, 0.0]})
    for units, member in ((_units(population=[np.nan]), _member(community=[0, 0])), (_units(population=[]), {})):
        done = rescale(cells, units, member)
        assert done.people.equals(cells)
        assert done.factor.tolist() == [1.0, 1.0]
        assert (done.report["level"], done.report["factors"]) == ("", {})


def test_the_finest_count_decides_and_the_upper_one_has_the_rest():
    cells = pd.DataFrame({PEOPLE: [1.0, 1.0, 1.0, 3.0]})
    units = _units(population=[50.0, np.nan, 90.0])
    done = rescale(cells, units, _member(community=[0, 0, 1, -1], county=[2, 2, 2, 2]))
    assert done.people[PEOPLE].tolist() == pytest.approx([25, 25, 10, 30])
    assert done.report["conflicts"] == []


def test_counts_that_contradict_each_other_are_named():
    cells = pd.DataFrame({PEOPLE: [1.0, 1.0]})
    done = rescale(cells, _units(population=[60.0, 60.0, 100.0]), _member(community=[0, 1], county=[2, 2]))
    assert done.people[PEOPLE].tolist() == pytest.approx([60, 60])
    assert done.report["conflicts"] == [
        {"code": "u2", "name": "单元2", "column": PEOPLE, "count": 100.0, "reached": pytest.approx(120.0)}
    ]


def test_people_without_cells_are_counted_and_named():
    cells = pd.DataFrame({PEOPLE: [4.0, 0.0]})
    done = rescale(cells, _units(population=[8.0, 5.0, 3.0, 0.0]), _member(community=[0, 1]))
    assert done.people[PEOPLE].tolist() == pytest.approx([8, 0])
    assert done.report["unplaced"] == [
        {"code": "u1", "name": "单元1", "people": 5.0},
        {"code": "u2", "name": "单元2", "people": 3.0},
    ]


def test_a_unit_without_people_empties_its_cells():
    done = rescale(pd.DataFrame({PEOPLE: [4.0]}), _units(population=[0.0]), _member(community=[0]))
    assert (done.people[PEOPLE].tolist(), done.factor.tolist()) == ([0.0], [0.0])


def test_a_group_follows_its_cell_where_the_unit_has_no_count_of_it():
    cells = pd.DataFrame({PEOPLE: [10.0, 10.0], "age_60_plus": [5.0, 1.0]})
    done = rescale(cells, _units(population=[40.0]), _member(community=[0, 0]))
    assert done.people["age_60_plus"].tolist() == pytest.approx([10, 2])


def test_a_group_known_at_another_level_than_the_total_is_exact_there():
    cells = pd.DataFrame({PEOPLE: [10.0, 10.0, 10.0], "age_60_plus": [1.0, 1.0, 2.0]})
    units = _units(population=[30.0, 10.0, np.nan], age_60_plus=[np.nan, np.nan, 12.0])
    done = rescale(cells, units, _member(community=[0, 0, 1], county=[2, 2, 2]))
    assert done.people[PEOPLE].tolist() == pytest.approx([15, 15, 10])
    assert done.people["age_60_plus"].sum() == pytest.approx(12, abs=1e-9)
    assert done.people["age_60_plus"].tolist() == pytest.approx([12 * 1.5 / 5, 12 * 1.5 / 5, 12 * 2 / 5])


def test_no_cell_has_more_of_a_group_than_people_and_the_unit_keeps_its_number():
    cells = pd.DataFrame({PEOPLE: [10.0, 90.0], "age_60_plus": [9.0, 9.0]})
    done = rescale(cells, _units(population=[100.0], age_60_plus=[60.0]), _member(community=[0, 0]))
    assert done.people["age_60_plus"].tolist() == pytest.approx([10, 50])
    over = rescale(cells, _units(population=[100.0], age_60_plus=[130.0]), _member(community=[0, 0]))
    assert over.people["age_60_plus"].tolist() == pytest.approx([10, 90])
    assert over.report["conflicts"][0]["column"] == "age_60_plus"
    assert over.report["conflicts"][0]["reached"] == pytest.approx(100)


def test_a_cell_that_brings_more_of_a_group_than_people_is_counted():
    cells = pd.DataFrame({PEOPLE: [10.0, 10.0], "age_0_6": [12.0, 2.0]})
    done = rescale(cells, _units(population=[np.nan]), _member(community=[0, 0]))
    assert done.people["age_0_6"].tolist() == [10, 2]
    assert done.report["capped"] == {"age_0_6": 1}


def test_a_group_only_the_census_knows_is_shared_out_by_people():
    cells = pd.DataFrame({PEOPLE: [10.0, 30.0]})
    done = rescale(cells, _units(population=[80.0], age_60_plus=[20.0]), _member(community=[0, 0]))
    assert done.people["age_60_plus"].tolist() == pytest.approx([5, 15])
    assert done.report["derived"] == ["age_60_plus"]


@pytest.mark.parametrize("seed", range(8))
def test_laws_on_random_cities(seed):
    random = np.random.default_rng(seed)
    count, units = 300, 12
    bands = random.dirichlet([1, 1, 6, 2, 1, 1], units) * random.uniform(100, 5000, (units, 1))
    census = _units(
        population=bands.sum(axis=1), age_0_6=bands[:, 0], age_7_14=bands[:, 1], age_60_plus=bands[:, 3:].sum(axis=1),
        age_65_plus=bands[:, 4:].sum(axis=1), age_80_plus=bands[:, 5],
    )  # fmt: skip
    raw = random.uniform(0, 50, count) * (random.random(count) > 0.1)
    cells = pd.DataFrame({PEOPLE: raw, **{c: raw * random.random(count) for c in GROUP_COLUMNS}})
    at = random.integers(0, units, count)
    done = rescale(cells, census, _member(community=at))
    for column in (PEOPLE, *GROUP_COLUMNS):
        summed = np.bincount(at, weights=done.people[column], minlength=units)
        assert summed == pytest.approx(census[column].to_numpy(), abs=1e-6)
    people = done.people
    slack = 1e-9
    assert (people.to_numpy() >= 0).all()
    assert (people["age_80_plus"] <= people["age_65_plus"] + slack).all()
    assert (people["age_65_plus"] <= people["age_60_plus"] + slack).all()
    assert (people[["age_0_6", "age_7_14", "age_60_plus"]].sum(axis=1) <= people[PEOPLE] + slack).all()
    assert people[PEOPLE].to_numpy() == pytest.approx(raw * done.factor)


def test_bands_become_groups_and_empty_columns_are_nobody():
    frame = pd.DataFrame({
        "population": [100.0, np.nan], "age_0_6": [np.nan, np.nan], "age_0_4": [5.0, 1.0], "age_5_9": [10.0, 5.0],
        "age_60_64": [4.0, 0.0], "age_65_79": [3.0, 0.0], "age_80_plus": [2.0, 0.0], "age_10_14": [np.nan, np.nan],
    })  # fmt: skip
    people = people_of(frame)
    assert people["age_0_6"].tolist() == pytest.approx([9, 3])
    assert people["age_60_plus"].tolist() == [9, 0]
    assert people["age_65_plus"].tolist() == [5, 0]
    assert list(people) == [PEOPLE, "age_0_6", "age_60_plus", "age_65_plus", "age_80_plus"]


def test_no_cells():
    done = rescale(pd.DataFrame({PEOPLE: np.zeros(0)}), _units(population=[5.0]), _member(community=np.zeros(0, int)))
    assert (len(done.people), len(done.factor)) == (0, 0)
    assert done.report["unplaced"] == [{"code": "u0", "name": "单元0", "people": 5.0}]
