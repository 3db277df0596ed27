"""Which city a question is about; no wire may answer from the city as it is while a scenario is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from callbacks import ids
from callbacks.asked import city_of, opened, question, scenario_of, wanted_scenario, welcomed
from callbacks.query import CONTROL, reopened, settle, under
from geodata.errors import GeodataError
from geodata.scenario_store import archive, save
from layers.query import Query
from layers.scenario_source import ScenarioCities
from tests.scenario_store import saved, small_store
from tests.small_city import small_city


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with small_store(tmp_path) as engine:
        yield engine


@pytest.fixture
def source(engine: Engine) -> ScenarioCities:
    return ScenarioCities(engine)


def test_the_question_says_which_city(engine, source):
    made = saved(engine, source)
    query = Query(scenario=made.reference)
    under_it = source(made.reference)
    assert city_of(source, query) is city_of(source, query.to_dict()) is city_of(source, made.reference) is under_it
    assert city_of(source, Query()) is city_of(source, None) is city_of(source, {}) is source()
    assert question(source, query.to_dict()) == (under_it, query)
    assert question(source, None) is None and question(lambda: None, query.but(scenario="").to_dict()) is None


def test_a_source_without_scenarios_has_the_city_as_it_is_and_refuses_others(engine, source):
    made = saved(engine, source)
    assert city_of(small_city, Query()) is small_city()
    with pytest.raises(GeodataError, match="不能打开方案"):
        city_of(small_city, Query(scenario=made.reference))
    own = source(made.reference)
    assert city_of(lambda: own, Query(scenario=made.reference)) is own


def test_what_names_no_scenario_is_refused_by_the_question():
    assert scenario_of(Query(scenario=" 0123456789ab@2 ")) == "0123456789ab@2"
    for wrong in ("x", "0123456789AB@1", "0123456789ab@", "0123456789ab@0", "../../etc"):
        with pytest.raises(GeodataError):
            Query(scenario=wrong)


@pytest.mark.parametrize(
    ("search", "remembered", "current", "wanted"),
    [
        ("?scenario=a", "scenario=b", None, "a"),
        ("?element=pharmacy&scenario=a", "", {"scenario": "b"}, "a"),
        ("?element=pharmacy&scenario=", "scenario=b", {"scenario": "b"}, ""),
        ("?element=pharmacy", "scenario=b", None, ""),
        ("?element=pharmacy", "", {"scenario": "b"}, "b"),
        ("?place=1", "element=pharmacy&scenario=b", None, "b"),
        ("", "", None, ""),
    ],
)
def test_the_address_comes_first_then_the_screen_then_the_last_visit(search, remembered, current, wanted):
    assert wanted_scenario({"search": search, "remembered": remembered}, current) == wanted


def test_a_link_opens_its_scenario_pinned_to_a_revision_with_the_rest_of_the_question(engine, source):
    made = saved(engine, source)
    arrival = {"search": f"?element=park_green&minutes=10&scenario={made.id}", "remembered": ""}
    found = reopened(source, "query-arrival", arrival=arrival)
    assert (found.city, found.scenario, found.message) == (source(made.reference), made.reference, "")
    settled = under(settle(found.city, "query-arrival", controls=None, arrival=arrival), found)
    assert settled.query == Query(element="park_green", minutes=10, scenario=made.reference)
    assert settled.message == ""


@pytest.mark.parametrize("wrong", ["0123456789ab@7", "nonsense"])
def test_a_link_to_an_unknown_scenario_shows_the_city_as_it_is_with_the_rest_of_the_question(source, wrong):
    arrival = {"search": f"?element=park_green&minutes=10&scenario={wrong}", "remembered": ""}
    found = reopened(source, "query-arrival", arrival=arrival)
    settled = under(settle(found.city, "query-arrival", controls=None, arrival=arrival), found)
    assert found.city is source() and settled.query == Query(element="park_green", minutes=10)
    assert "方案" in settled.message and settled.message.endswith("现按现状显示。")


def test_an_archived_scenario_is_not_opened_by_an_address_but_stays_for_who_looks_at_it(engine, source):
    made = saved(engine, source)
    archive(engine, made.id, expected=1)
    found = welcomed(source, made.reference)
    assert found.city is source() and "已归档" in found.message and made.name in found.message
    assert opened(source, made.reference).scenario == made.reference


def test_a_page_changes_the_scenario_and_every_other_control_keeps_it(engine, source):
    made = saved(engine, source)
    later = save(engine, made.undone(), expected=1)
    now = Query(scenario=made.reference).to_dict()
    change = {"scenario": later.reference}
    assert reopened(source, ids.CHANGE, change=change, current=now).scenario == later.reference
    assert reopened(source, ids.CHANGE, change={"scenario": ""}, current=now).city is source()
    assert reopened(source, ids.CHANGE, change={"minutes": 5}, current=now).scenario == made.reference
    assert reopened(source, CONTROL["element"], current=now).scenario == made.reference
    with pytest.raises(GeodataError):
        reopened(source, ids.CHANGE, change={"scenario": "0123456789ab@9"}, current=now)


AS_IT_IS = {
    "asked.py": "decides it",
    "status.py": "tells whether the data version on screen is the current one",
    "grids_draft.py": "drafts mend the grids of the data version itself",
    "scenarios.py": "tells whether the base of the scenario is the current data version",
    "siting.py": "compares with the city as it is",
    "siting_edit.py": "a new scenario begins from the city as it is",
    "siting_figures.py": "looks at units, which no edit moves",
}


@pytest.mark.parametrize("path", sorted(Path("callbacks").glob("*.py")), ids=lambda path: path.name)
def test_no_wire_takes_the_city_as_it_is_without_a_reason(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and not node.args
        and (getattr(node.func, "id", "") == "source" or getattr(node.func, "attr", "") == "source")
    ]
    assert not calls or path.name in AS_IT_IS, calls
