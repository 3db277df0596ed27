"""Every wire and every route of the dashboard under a scenario: none of them may look at the city as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from callbacks import ids, wire
from callbacks.query import ARRIVAL
from callbacks.scenarios import PICK
from dashboard import shell
from dashboard.app import create_app
from dashboard.arrays import changes
from dashboard.pages import PAGES
from dashboard.settings import Settings
from geodata.city import City
from geodata.desk import desk_of
from geodata.edits import AddPopulation
from geodata.scenario import Scenario
from layers.query import Query
from layers.scenario import applied
from layers.scenario_source import ScenarioCities
from tests.asking import dependencies, outputs_of, sent
from tests.grid_city import WEST
from tests.scenario_store import NAME, at, saved, small_store

STATE_OF_TODAY = {
    shell.MAIN: "asks whether there are data at all",
    "scenario-note": "tells whether the base of the scenario is the current data version",
    "siting-map-ground": "borders and names, which no edit changes",
    "siting-map-look": "units, which no edit moves",
    "siting-head": "lists the scenarios beside the current data version",
    "siting-words": "a new scenario begins from the city as it is",
    "status-fresh": "tells whether newer data came in",
    "grids-draft": "drafts mend the grids of the data version itself",
    "grids-adopt": "a draft is adopted for the data version itself",
}
"""Beginnings of the outputs that may look at the city as it is, and why."""
COMPARING = ("siting-", "plan-")
"""Beginnings of outputs that set the city under the scenario beside the city as it is, and so look at both."""


class Watched:
    """A source that knows who looks at the city as it is, and who at the one under a scenario."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self._source = engine, ScenarioCities(engine)
        self.looks: list[str] = []

    def __call__(self, scenario: str = "") -> City | None:
        self.looks.append(scenario)
        return self._source(scenario)

    def record(self, scenario: str) -> Scenario:
        return self._source.record(scenario)

    def listed(self) -> list[Scenario]:
        return self._source.listed()

    def alive(self) -> list[City]:
        return self._source.alive()

    @contextmanager
    def looking(self) -> Iterator[list[str]]:
        self.looks.clear()
        yield self.looks


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """The watched source, the app and the saved scenario."""
    with small_store(tmp_path_factory.mktemp("scenarios")) as engine:
        watched = Watched(engine)
        made = saved(engine, watched)
        yield watched, create_app(watched, Settings(), desk=desk_of(engine)), made


def properties(tree: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every component with a plain id in what is sent to the browser, with its properties."""
    if isinstance(tree, dict):
        props = tree.get("props", {}) if "namespace" in tree else {}
        if isinstance(props.get("id"), str):
            yield props["id"], props
        for part in tree.values():
            yield from properties(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from properties(part)


def on_screen(city: City) -> dict[str, Any]:
    """What is set in every page as it is laid out, by ``id.property``."""
    parts = [shell.layout(city, PAGES), *(page.layout() for page in PAGES)]
    return {
        f"{ident}.{name}": value
        for part in parts
        for ident, props in properties(sent(part))
        for name, value in props.items()
    }


def end_of(ident: str, prop: str, **value: Any) -> Any:
    """An end of a wire as the browser names it; of a pattern that nothing on the screen fits, an empty list."""
    if not ident.startswith("{"):
        return {"id": ident, "property": prop, **value}
    named = json.loads(ident)
    wild = any(isinstance(part, list) for part in named.values())
    return [] if wild else {"id": named, "property": prop, **value}


def filled(ends: list[dict[str, str]], values: dict[str, Any]) -> list[Any]:
    pressed = {"n_clicks": 1, "n_intervals": 1}
    said = [values.get(f"{end['id']}.{end['property']}", pressed.get(end["property"])) for end in ends]
    return [end_of(end["id"], end["property"], value=value) for end, value in zip(ends, said, strict=True)]


def asked(app, entry: dict[str, Any], values: dict[str, Any], changed: str) -> None:
    written = [end_of(ident, prop) for ident, prop in outputs_of(entry)]
    body = {
        "output": entry["output"],
        "outputs": written if entry["output"].startswith("..") else written[0],
        "inputs": filled(entry["inputs"], values),
        "state": filled(entry.get("state", []), values),
        "changedPropIds": [changed] if changed else [],
    }
    reply = app.server.test_client().post("/_dash-update-component", json=body)
    assert reply.status_code in (200, 204), (entry["output"], changed, reply.get_data(as_text=True)[-600:])


def test_no_wire_looks_at_the_city_as_it_is_while_a_scenario_is_on_screen(room):
    watched, app, made = room
    query = Query(scenario=made.reference, unit="community").to_dict()
    values = {
        **on_screen(watched(made.reference)),
        f"{ids.QUERY}.data": query,
        f"{ids.SCENARIO}.data": made.reference,
        f"{ARRIVAL}.data": {"search": f"?scenario={made.reference}", "remembered": "", "level": ""},
        f"{ids.CHANGE}.data": {"minutes": 10},
        f"{PICK}.value": made.id,
    }
    strays, under = [], set()
    for entry in dependencies(app):
        if entry["clientside_function"]:
            continue
        output = entry["output"].removeprefix("..")
        for changed in ["", *(f"{end['id']}.{end['property']}" for end in entry["inputs"])]:
            with watched.looking() as looks:
                asked(app, entry, values, changed)
            if made.reference in looks:
                under.add(output)
            both = made.reference in looks and output.startswith(COMPARING)
            if "" in looks and not both and not output.startswith(tuple(STATE_OF_TODAY)):
                strays.append(f"{output} {changed}")
    assert not strays, "\n".join(strays)
    assert len(under) > 30


def test_what_is_drawn_and_told_is_the_scenarios_own(room):
    watched, app, made = room
    client = app.server.test_client()
    city, base = watched(made.reference), watched()
    query = Query(scenario=made.reference)
    own, now = (client.get(wire.seconds_url(one, query)).data for one in (city, base))
    assert own != now
    assert len(client.get(wire.facilities_url(city, query)).get_json()["row"]) == 2
    assert wire.seconds_url(city, query) != wire.seconds_url(base, query)


def test_geometry_that_no_edit_changes_keeps_its_address(room):
    watched, _, made = room
    city, base = watched(made.reference), watched()
    assert wire.cells_base(city) == wire.cells_base(base) == wire.outlines_base(city)
    assert wire.people_url(city, Query()) == wire.people_url(base, Query())
    assert wire.streets_url(city) != wire.streets_url(base)


def test_an_address_of_a_scenario_outlives_its_city_and_a_wrong_one_is_refused(room):
    watched, app, made = room
    url = wire.seconds_url(watched(made.reference), Query())
    fresh = create_app(ScenarioCities(watched.engine), Settings()).server.test_client()
    assert fresh.get(url).data == app.server.test_client().get(url).data
    stamp, reference = url.split("/")[2].split("~")
    assert fresh.get(url.replace(reference, "0123456789ab@1")).status_code == 400
    assert fresh.get(url.replace(reference, "../etc")).status_code in (400, 404)
    assert fresh.get(url.replace(stamp, stamp[::-1])).status_code == 404


def test_every_choice_reaches_the_browser_with_the_scenario(room):
    _, _, made = room
    query = Query(scenario=made.reference)
    assert Query.from_url(query.to_url()) == query
    assert asdict(query)["scenario"] == made.reference
    assert NAME in made.mark


def test_a_place_that_was_picked_stays_picked_where_every_scenario_has_it(room):
    watched, _, made = room
    city, base = watched(made.reference), watched()
    for one, other in ((city, base), (base, city)):
        stamp = wire.stamp(other)
        assert wire.meant(one, {"kind": "cell", "cell": 0, "stamp": stamp})
        assert wire.meant(one, {"kind": "unit", "code": WEST, "stamp": stamp})
        assert not wire.meant(one, {"kind": "facility", "row": 0, "stamp": stamp})
        assert not wire.meant(one, {"kind": "cell", "cell": 0, "stamp": "0" * 16})
    estate = AddPopulation(dwellings=10, household_size=3, **at(100, 0))
    grown = applied(base, Scenario("新居", base.version, edits=(estate,)))
    assert len(grown.cells) == len(base.cells) + 1
    assert wire.cells_base(grown) != wire.cells_base(base)
    assert wire.units_url(grown, "community") == wire.units_url(base, "community")
    new = {"kind": "cell", "cell": len(base.cells)}
    assert wire.meant(grown, {**new, "stamp": wire.stamp(grown)})
    assert not wire.meant(city, {**new, "stamp": wire.stamp(grown)})
    assert not wire.meant(grown, {**new, "stamp": wire.stamp(base)})


def test_under_a_scenario_only_what_changes_travels(room):
    watched, app, made = room
    city, base = watched(made.reference), watched()
    client = app.server.test_client()
    for query in (Query(scenario=made.reference), Query(scenario=made.reference, walker="older", element="park_green")):
        urls = wire.changes_urls(city, query)
        assert urls["seconds"] == wire.seconds_url(base, query)
        body = client.get(urls["changes"]).data
        count, changed = np.frombuffer(body, "<u4", 2)
        whole = np.frombuffer(client.get(urls["seconds"]).data, "<u2").copy()
        whole.resize(count)
        whole[np.frombuffer(body, "<u4", changed, 8)] = np.frombuffer(body, "<u2", changed, 8 + 4 * changed)
        assert whole.tolist() == np.frombuffer(client.get(wire.seconds_url(city, query)).data, "<u2").tolist()
        assert changed < len(whole)
    assert wire.changes_urls(base, Query()) == {"seconds": wire.seconds_url(base, Query()), "changes": None}
    estate = AddPopulation(dwellings=10, household_size=3, **at(100, 0))
    grown = applied(base, Scenario("新居", base.version, edits=(estate,)))
    body = changes(grown, Query(), base=base)
    assert np.frombuffer(body, "<u4", 3).tolist() == [9, 1, 8]
    assert np.frombuffer(body, "<u2", 1, 12).tolist() == [-(-400 * 60 // 72)]
