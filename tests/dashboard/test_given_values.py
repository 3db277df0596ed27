"""Values that are sent along with a picture: put into those of the base they give what lies under the address."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from callbacks import siting_ids
from callbacks.siting_picture import Screen, after_edit, shown
from dashboard import given_values
from dashboard.arrays import changes, facilities
from dashboard.given_values import facility_changes
from geodata.city import City
from geodata.edits import AddFacility, AddPopulation, ChangeFacility, CloseFacility, Edit, MoveFacility
from geodata.scenario import Scenario
from layers.query import Query
from layers.scenario import applied
from layers.scenario_source import ScenarioCities
from tests.scenario_store import CLOSING, NEW, at, saved, small_store

QUERY = Query(element="pharmacy", minutes=5, unit="cell")
MOVE = MoveFacility(id="B", element="pharmacy", **at(400, 0))
SIZE = ChangeFacility(id="B", element="pharmacy", floor_area_m2=99.0)
ESTATE = AddPopulation(dwellings=10, household_size=2.0, name="新苑", **at(450, 0))
CASES = [
    (),
    (CLOSING,),
    (NEW,),
    (MOVE,),
    (SIZE,),
    (NEW, MOVE, CLOSING),
    (CLOSING, AddFacility(element="pharmacy", name="又一处", **at(300, 0)), NEW, ESTATE),
    (CloseFacility(id="B", element="pharmacy"), CLOSING),
]


def under(city: City, edits: tuple[Edit, ...]) -> City:
    return applied(city, Scenario("试", city.version, edits=edits))


def patched(known: dict[str, list[Any]], found: dict[str, Any]) -> dict[str, list[Any]]:
    """Put the changes into columns as assets/map_1b_given.js does."""
    left = [at for at in range(len(known["row"])) if at not in found["gone"]]
    out = {name: [values[at] for at in left] for name, values in known.items()}
    for from_, by in reversed([*zip(found["shift"], [*found["shift"][1:], [len(left), 0]], strict=False)]):
        for at_ in range(from_[0], by[0]):
            out["row"][at_] += from_[1]
    for at_, lon, lat, name in found["put"]:
        out["lon"][at_], out["lat"][at_], out["name"][at_] = lon, lat, name
    return {name: [*values, *found["more"][name]] for name, values in out.items()}


@pytest.mark.parametrize("edits", CASES)
@pytest.mark.parametrize("key", ["pharmacy", "elderly_day_care"])
def test_the_facilities_of_the_base_with_the_changes_are_those_of_the_scenario(
    small: City, edits: tuple[Edit, ...], key: str
) -> None:
    city = under(small, edits)
    query = QUERY.but(element=key)
    found = facility_changes(city, small, query.element)
    assert found is not None
    assert patched(json.loads(facilities(small, query)), found) == json.loads(facilities(city, query))


def test_only_what_was_edited_is_sent(small: City) -> None:
    found = facility_changes(under(small, (MOVE,)), small, "pharmacy")
    assert found is not None and [one[1:3] for one in found["put"]] == [[round(MOVE.lon, 6), round(MOVE.lat, 6)]]
    assert found["gone"] == found["shift"] == found["more"]["row"] == []


def test_what_identifiers_do_not_tell_apart_is_left_to_be_fetched(small: City) -> None:
    other = replace(small, facilities=small.facilities.iloc[::-1].reset_index(drop=True))
    assert facility_changes(other, small, "pharmacy") is None


def test_too_many_changes_are_left_to_be_fetched(small: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city = under(small, (CLOSING, NEW))
    monkeypatch.setattr(given_values, "MOST_BYTES", 8)
    monkeypatch.setattr(given_values, "MOST_PLACES", 1)
    assert given_values.given_values(city, QUERY, small) == {}


def test_the_answer_to_an_edit_is_the_picture_that_the_question_then_asks_for(tmp_path: Any) -> None:
    with small_store(tmp_path) as engine:
        source = ScenarioCities(engine)
        made = saved(engine, source)
        data = QUERY.but(scenario=made.reference).to_dict()
        city, base = source(made.reference), source()
        for show in siting_ids.SHOWN_TITLES:
            screen = Screen(siting_ids.EDIT, None, None, show)
            ahead = after_edit(source, data, screen, values=given_values.given_values)
            assert ahead == shown(source, data, screen, values=given_values.given_values)
            assert ahead is not None and bool(ahead["given"]) == (show != siting_ids.BEFORE)
        given, urls = ahead["given"], ahead["urls"]
        assert base64.b64decode(given[urls["changes"]]["bytes"]) == changes(city, QUERY, base=base)
        known = json.loads(facilities(base, QUERY))
        assert patched(known, given[urls["facilities"]]) == json.loads(facilities(city, QUERY))
        assert (
            given[urls["facilities"]]["of"]
            == shown(
                source, QUERY.to_dict(), Screen(siting_ids.EDIT, None, None, siting_ids.AFTER), values=lambda *_: {}
            )["urls"]["facilities"]
        )


def test_a_scenario_that_cannot_be_drawn_is_left_to_the_wire_that_tells_it(tmp_path: Any) -> None:
    with small_store(tmp_path) as engine:
        screen = Screen(siting_ids.EDIT, None, None, siting_ids.AFTER)
        data = QUERY.but(scenario="000000000000@1").to_dict()
        assert after_edit(ScenarioCities(engine), data, screen, values=given_values.given_values) is None
