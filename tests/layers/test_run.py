from __future__ import annotations

from dataclasses import fields, replace

import pytest

from geodata.errors import UnknownKey
from layers import run
from layers.query import Query
from layers.run import run_id
from tests.town import town

CHANGED = {
    "element": "park_green", "minutes": 10.0, "walker": "older", "group": "60+", "unit": "county", "view": "official",
    "speed_m_s": 1.0, "inclusive": True, "circle": "complete", "required": ("pharmacy",),
}  # fmt: skip


def test_the_same_data_and_question_give_the_same_run_on_any_city_object():
    assert run_id(town(), Query()) == run_id(town(), Query())
    assert len(run_id(town(), Query())) == 12
    assert int(run_id(town(), Query()), 16) >= 0


def test_every_choice_of_the_question_makes_another_run():
    assert {*CHANGED, *run.OF_GAPS, *run.TOLD_BY_VERSION} == {field.name for field in fields(Query)}
    ids = {run_id(town(), Query(**{name: value})) for name, value in CHANGED.items()}
    assert len(ids | {run_id(town(), Query())}) == len(CHANGED) + 1


def test_coverage_keeps_its_run_whatever_rule_is_asked():
    assert run_id(town(), Query(rule="service_area", edition="old,new")) == run_id(town(), Query())


def test_another_data_version_and_another_program_make_another_run(monkeypatch):
    before = run_id(town(), Query())
    assert run_id(replace(town(), version="abc124"), Query()) != before
    monkeypatch.setattr(run, "code_version", lambda: "99.0")
    assert run_id(town(), Query()) != before


def test_an_element_that_is_not_there_has_no_run():
    with pytest.raises(UnknownKey):
        run_id(town(), Query(element="heliport"))
