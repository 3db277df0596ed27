"""The groups of people, and how they are had from census bands."""

from __future__ import annotations

import pandas as pd
import pytest

from geodata.errors import UnknownKey
from geodata.groups import BANDS, GROUPS, group, with_groups
from geodata.schema import POPULATION, UNITS


def bands(**values: float) -> pd.DataFrame:
    return pd.DataFrame({band: [values.get(band, 0.0)] for band in BANDS})


def test_words_are_unique_and_columns_are_fields_of_population_and_units() -> None:
    words = [word for g in GROUPS for word in (g.key, g.title, g.column)]
    assert len(words) == len(set(words))
    for g in GROUPS:
        assert g.column in POPULATION.columns and g.column in UNITS.columns
        assert {band for band, _ in g.parts} <= set(BANDS)


@pytest.mark.parametrize("word", ["60+", "60 岁及以上老年人", "age_60_plus"])
def test_a_group_is_found_by_key_title_and_column(word: str) -> None:
    assert group(word).key == "60+"


@pytest.mark.parametrize("word", ["60", "老人", ""])
def test_an_unknown_group_is_told_not_guessed(word: str) -> None:
    with pytest.raises(UnknownKey, match="可用的人群：all"):
        group(word)


def test_bands_add_up_to_groups() -> None:
    made = with_groups(bands(age_0_4=50, age_5_9=100, age_10_14=30, age_60_64=7, age_65_79=11, age_80_plus=13)).iloc[0]
    assert made["age_0_6"] == pytest.approx(50 + 40)
    assert made["age_7_14"] == pytest.approx(60 + 30)
    assert made["age_60_plus"] == 31 and made["age_65_plus"] == 24 and made["age_80_plus"] == 13


def test_children_of_both_groups_together_are_all_children() -> None:
    made = with_groups(bands(age_0_4=3.3, age_5_9=7.7, age_10_14=5.5)).iloc[0]
    assert made["age_0_6"] + made["age_7_14"] == pytest.approx(3.3 + 7.7 + 5.5)


def test_given_columns_win_and_nothing_is_invented() -> None:
    given = pd.DataFrame({"age_60_plus": [5.0], "age_60_64": [1.0], "age_65_79": [1.0]})
    made = with_groups(given)
    assert made["age_60_plus"].tolist() == [5.0]
    assert "age_65_plus" not in made and "age_0_6" not in made
    assert given.columns.tolist() == ["age_60_plus", "age_60_64", "age_65_79"]


def test_an_empty_table_stays_empty() -> None:
    made = with_groups(bands().iloc[:0])
    assert len(made) == 0 and "age_60_plus" in made
