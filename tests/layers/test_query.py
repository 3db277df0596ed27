from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import GeodataError, UnknownKey
from geodata.groups import GROUPS
from geodata.walkers import walkers
from layers.query import MAX_MINUTES, SPEEDS_M_S, UNITS, VIEWS, Query

queries = st.builds(
    Query,
    element=st.sampled_from(["pharmacy", "药店&街", "a b=c?"]),
    minutes=st.floats(0.1, MAX_MINUTES),
    walker=st.sampled_from([w.key for w in walkers()]),
    group=st.sampled_from([g.key for g in GROUPS]),
    unit=st.sampled_from(list(UNITS)),
    view=st.sampled_from(list(VIEWS)),
    speed_m_s=st.none() | st.floats(*SPEEDS_M_S),
    inclusive=st.booleans(),
    circle=st.sampled_from(["core", "mofcom"]),
    required=st.lists(st.sampled_from(["pharmacy", "kindergarten", "supermarket"]), unique=True).map(tuple),
    rule=st.sampled_from(["all", "reach.pharmacy", "每百户 30 ㎡&"]),
    edition=st.sampled_from(["", "plan_2022", "plan_2022,plan_2026"]),
)


@given(queries)
def test_a_url_restores_the_view_exactly(query):
    assert Query.from_url("?" + query.to_url()) == query


@given(queries)
def test_the_browser_store_restores_the_view_exactly(query):
    assert Query.from_dict(query.to_dict()) == query
    assert hash(Query.from_dict(query.to_dict())) == hash(query)


def test_every_choice_is_written_into_the_url():
    url = Query(speed_m_s=1.0, required=("pharmacy",)).to_url()
    assert all(f"{field.name}=" in url for field in fields(Query))


def test_unknown_names_are_ignored_and_missing_ones_take_their_default():
    assert Query.from_dict({"minutes": "8", "colour": "red", "walker": None}) == Query(minutes=8.0)


def test_titles_and_aliases_become_keys_so_that_one_view_has_one_run():
    assert Query(walker="老年人", group="60 岁及以上老年人", unit="村（社区）", view="圈完整度") == Query(
        walker="older", group="60+", unit="community", view="circle"
    )


@pytest.mark.parametrize(
    ("choice", "wrong"),
    [
        ("minutes", 0), ("minutes", -5), ("minutes", 60.01), ("minutes", float("nan")), ("minutes", float("inf")),
        ("minutes", "soon"), ("speed_m_s", 0), ("speed_m_s", 9.0),
    ],
)  # fmt: skip
def test_numbers_out_of_range_are_refused_in_words(choice, wrong):
    with pytest.raises(GeodataError, match="不可用"):
        Query(**{choice: wrong})


@pytest.mark.parametrize("choice", ["walker", "group", "unit", "view"])
def test_choices_in_no_catalogue_are_refused(choice):
    with pytest.raises(UnknownKey, match="nobody"):
        Query(**{choice: "nobody"})


def test_editions_are_listed_without_blanks_and_no_rule_means_all():
    asked = Query(rule=" ", edition=" plan_2022, ,plan_2026 ")
    assert (asked.rule, asked.edition, asked.editions()) == (
        "all",
        "plan_2022,plan_2026",
        ("plan_2022", "plan_2026"),
    )
    assert Query().editions() == ()


def test_a_speed_of_ones_own_replaces_the_walkers():
    assert Query().who().speed_m_s == 1.2
    assert Query(speed_m_s=0.5).who().speed_m_s == 0.5
    assert Query(speed_m_s=0.5).who().key == "adult"
