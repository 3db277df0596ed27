"""The walkers: plausible figures, each marked as unverified, found by any of their names."""

from __future__ import annotations

import pytest

from geodata.element_fields import STATUSES
from geodata.errors import UnknownKey
from geodata.walkers import walker, walkers


def test_the_five_walkers_are_there_with_unique_words() -> None:
    found = walkers()
    assert [w.key for w in found] == ["adult", "older", "child", "pram", "wheelchair"]
    words = [word for w in found for word in (w.key, w.title, *w.aliases)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("key", ["adult", "older", "child", "pram", "wheelchair"])
def test_every_figure_is_plausible_and_has_a_status_and_a_source(key: str) -> None:
    found = walker(key)
    assert 0.3 <= found.speed_m_s <= 2.0
    assert found.stairs_factor is None or found.stairs_factor >= 1.0
    assert found.max_grade is None or 0 < found.max_grade < 0.5
    assert found.status in STATUSES and found.status != "verified" and found.source.strip()


def test_wheels_do_not_climb_stairs_and_the_old_are_slower_than_adults() -> None:
    assert walker("wheelchair").stairs_factor is None and walker("pram").stairs_factor is None
    assert walker("adult").stairs_factor is not None
    assert walker("older").speed_m_s < walker("child").speed_m_s < walker("adult").speed_m_s


@pytest.mark.parametrize(
    ("word", "key"), [("老年人", "older"), ("elderly", "older"), ("轮椅", "wheelchair"), ("成人", "adult")]
)
def test_titles_and_aliases_find_a_walker(word: str, key: str) -> None:
    assert walker(word).key == key


@pytest.mark.parametrize("word", ["", "Adult", "robot", "成年"])
def test_an_unknown_walker_is_told_with_the_known_ones(word: str) -> None:
    with pytest.raises(UnknownKey, match="adult、older、child、pram、wheelchair"):
        walker(word)
