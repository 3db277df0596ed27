from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks import choice, ids
from callbacks import query as wires
from callbacks.choice import FREE, LEVELS, STANDARD, Controls, arrived, chosen, shown
from callbacks.query import CONTROL, settle
from dashboard.app import create_app
from dashboard.settings import Settings
from geodata.elements import load_catalogue
from geodata.errors import GeodataError
from geodata.groups import GROUPS
from geodata.walkers import walker, walkers
from layers.circle import required
from layers.query import UNITS, VIEWS, Query
from tests.asking import ask

ELEMENTS = [e.key for e in load_catalogue().elements if e.minutes and not e.sensitive]
QUERIES = st.builds(
    Query,
    element=st.sampled_from(ELEMENTS),
    minutes=st.one_of(st.sampled_from([5.0, 8.0, 10.0, 15.0]), st.floats(0.5, 60.0)),
    walker=st.sampled_from([w.key for w in walkers()]),
    group=st.sampled_from([g.key for g in GROUPS]),
    unit=st.sampled_from(list(UNITS)),
    view=st.sampled_from(list(VIEWS)),
    speed_m_s=st.one_of(st.none(), st.floats(0.1, 3.0)),
    inclusive=st.booleans(),
    circle=st.sampled_from(["core", "mofcom", "complete", "catalogue"]),
    required=st.lists(st.sampled_from(ELEMENTS), unique=True, max_size=4).map(tuple),
)


def moved(city, query, **change):
    """The panel with one control moved, and what comes of it."""
    (name,) = change
    controls = replace(shown(city, query, change.get("level", "15")), **change)
    return settle(city, CONTROL[name], controls=controls, current=query.to_dict())


@given(QUERIES)
def test_a_link_brings_back_its_question(query):
    found, _, message = arrived(None, {"search": "?" + query.to_url(), "remembered": Query().to_url()})
    assert found == query
    assert message == ""


@given(QUERIES)
def test_the_panel_shows_the_question_and_touching_nothing_changes_nothing(query):
    controls = shown(None, query, "15")
    for name in ("element", "walker", "group", "unit", "circle"):
        again, _ = chosen(None, query, controls=replace(controls, level=FREE), changed=name)
        assert getattr(again, name) == getattr(query, name)


def test_a_number_means_that_many_minutes_and_standard_means_the_level_of_the_element(small):
    query = Query(element="pharmacy", minutes=12)
    assert moved(small, query, level="8").query.minutes == 8
    level = {e.key: e.minutes for e in small.catalogue.elements}["pharmacy"]
    assert moved(small, query, level=STANDARD).query.minutes == level
    assert moved(small, query, level=FREE).query.minutes == 12


def test_a_threshold_by_standard_follows_the_element_and_a_chosen_one_stays(small):
    levels = {e.key: e.minutes for e in small.catalogue.elements}
    assert levels["kindergarten"] != levels["pharmacy"]
    controls = replace(shown(small, Query(minutes=10), STANDARD), element="kindergarten")
    by_standard = settle(small, CONTROL["element"], controls=controls, current=Query(minutes=10).to_dict())
    assert by_standard.query.minutes == levels["kindergarten"]
    assert by_standard.controls.level == STANDARD
    fixed = settle(
        small,
        CONTROL["element"],
        controls=replace(controls, level=FREE, minutes=12),
        current=Query(minutes=12).to_dict(),
    )
    assert fixed.query.minutes == 12


@pytest.mark.parametrize(
    ("typed", "minutes", "level"), [(12, 12.0, FREE), (8, 8.0, "8"), ("", 15.0, "15"), ("x", 15.0, "15")]
)
def test_typed_minutes_are_taken_and_an_emptied_box_keeps_what_was(small, typed, minutes, level):
    found = moved(small, Query(minutes=15), minutes=typed)
    assert (found.query.minutes, found.controls.level) == (minutes, level)


@pytest.mark.parametrize("typed", [0, -3, 61, float("nan")])
def test_impossible_minutes_are_refused_in_words(small, typed):
    with pytest.raises(GeodataError, match="步行时间"):
        moved(small, Query(), minutes=typed)


def test_another_walker_brings_its_own_speed_and_the_default_speed_is_no_override(small):
    fast = moved(small, Query(), speed=1.5).query
    assert fast.speed_m_s == 1.5
    older = moved(small, fast, walker="older")
    assert older.query.speed_m_s is None
    assert older.controls.speed == walker("older").speed_m_s
    assert moved(small, fast, speed=walker("adult").speed_m_s).query.speed_m_s is None


def test_reset_takes_the_speed_back(small):
    current = Query(walker="older", speed_m_s=1.5)
    found = settle(small, wires.RESET, controls=shown(small, current, "15"), current=current.to_dict())
    assert found.query == current.but(speed_m_s=None)


def test_ticks_equal_to_the_named_set_are_the_named_set_and_others_are_kept_in_catalogue_order(small):
    own = tuple(rule.key for rule, _ in required(small.catalogue, Query()))
    assert moved(small, Query(), required=tuple(reversed(own))).query.required == ()
    some = moved(small, Query(), required=("pharmacy", "convenience_store")).query.required
    order = [e.key for e in small.catalogue.elements]
    assert some == tuple(sorted(("pharmacy", "convenience_store"), key=order.index))


def test_an_empty_required_set_is_refused(small):
    with pytest.raises(GeodataError, match="至少需要一项"):
        moved(small, Query(), required=())


def test_another_set_drops_the_own_choice(small):
    found = moved(small, Query(required=("pharmacy",)), circle="complete")
    assert found.query.required == ()
    assert set(found.controls.required) == {r.key for r, _ in required(small.catalogue, found.query)}


def test_a_page_changes_single_fields_and_nonsense_from_a_page_is_refused(small):
    current = Query(element="park_green", minutes=9)
    controls = shown(small, current, FREE)
    found = settle(small, ids.CHANGE, controls=controls, change={"view": "circle"}, current=current.to_dict())
    assert found.query == current.but(view="circle")
    assert found.controls.level == FREE
    with pytest.raises(GeodataError):
        settle(small, ids.CHANGE, controls=controls, change={"view": "moon"}, current=current.to_dict())


@pytest.mark.parametrize(
    "search", ["?element=nonsense&minutes=15", "?minutes=abc", "?minutes=1e9", "?element=pharmacy&walker=%3Cscript%3E"]
)
def test_nonsense_in_the_url_falls_back_on_what_is_remembered_and_says_so(small, search):
    kept = Query(element="park_green", minutes=9)
    found, level, message = arrived(small, {"search": search, "remembered": kept.to_url(), "level": FREE})
    assert found == kept
    assert level == FREE
    assert "网址中的参数不可用" in message


def test_remembered_nonsense_falls_back_on_the_default(small):
    found, _, message = arrived(small, {"search": "", "remembered": "element=gone&minutes=15"})
    assert found == Query()
    assert "上次的选择" in message


def test_without_url_and_memory_the_default_is_asked_quietly(small):
    assert arrived(small, {}) == (Query(), "15", "")
    assert arrived(small, {"search": "?utm=1", "remembered": None}) == (Query(), "15", "")


def test_the_default_of_a_catalogue_without_pharmacies_is_its_first_element(small):
    catalogue = replace(small.catalogue, elements=tuple(e for e in small.catalogue.elements if e.key == "park_green"))
    found, _, message = arrived(replace(small, catalogue=catalogue), {})
    assert found.element == "park_green"
    assert message == ""


def test_a_remembered_standard_level_is_kept_only_while_it_is_true(small):
    level = {e.key: e.minutes for e in small.catalogue.elements}["pharmacy"]
    told = {"search": f"?element=pharmacy&minutes={level}", "level": STANDARD}
    assert arrived(small, told)[1] == STANDARD
    assert arrived(small, {**told, "search": "?element=pharmacy&minutes=13"})[1] == FREE


def test_every_level_has_a_title_and_the_panel_without_a_city_still_works():
    assert set(LEVELS) == {STANDARD, "5", "8", "10", "15", FREE}
    found = settle(None, CONTROL["level"], controls=Controls(level="5"), current=Query().to_dict())
    assert found.query.minutes == 5


def test_over_http_a_control_rewrites_the_question_and_a_refusal_reaches_the_status_line(small):
    app = create_app(lambda: small, Settings())
    values = {
        f"{ident}.{wires.CONTROL_PROPERTY[name]}": getattr(shown(small, Query(), "15"), name)
        for name, ident in CONTROL.items()
    }
    values |= {
        f"{CONTROL['required']}.value": list(values[f"{CONTROL['required']}.value"]),
        "query.data": Query().to_dict(),
    }
    level = f"{CONTROL['level']}.value"
    reply = ask(app, "query.data", {**values, level: "5"}, changed=level)
    assert reply["response"]["query"]["data"] == Query(minutes=5).to_dict()
    assert reply["response"][CONTROL["minutes"]]["value"] == 5
    minutes = f"{CONTROL['minutes']}.value"
    reply = ask(app, "query.data", {**values, minutes: 99}, changed=minutes)
    assert "99" in reply["sideUpdate"][ids.STATUS]["children"]
    assert "response" not in reply or "query" not in reply["response"]


def test_over_http_an_opened_link_sets_every_control(small):
    app = create_app(lambda: small, Settings())
    query = Query(element="park_green", minutes=9, walker="wheelchair", group="60+", unit="cell", circle="complete")
    reply = ask(
        app, "query.data", {"query-arrival.data": {"search": "?" + query.to_url()}}, changed="query-arrival.data"
    )
    response = reply["response"]
    assert response["query"]["data"] == query.to_dict()
    assert response[CONTROL["element"]]["value"] == "park_green"
    assert response[CONTROL["level"]]["value"] == FREE
    assert response[CONTROL["speed"]]["value"] == walker("wheelchair").speed_m_s
    assert response[ids.STATUS]["children"] == ""


def test_the_panel_names_level_radius_and_their_status(small):
    app = create_app(lambda: small, Settings())
    response = ask(app, f"{wires.TEXT['level']}.children", {"query.data": Query(element="pharmacy").to_dict()})[
        "response"
    ]
    rule = next(e for e in small.catalogue.elements if e.key == "pharmacy")
    assert f"{rule.minutes} 分钟" in response[wires.TEXT["level"]]["children"]
    assert response[wires.TEXT["level_status"]]["children"] in ("已核对原文", "有旁证", "未核实", "推算")
    assert all(source in response[wires.TEXT["clause"]]["children"] for source in rule.sources)
    assert response[wires.TEXT["walker_status"]]["children"] == "未核实"


def test_a_city_without_units_is_asked_by_cell_and_offers_only_what_it_has(small):
    bare = replace(small, units=small.units[small.units["level"] == "city"])
    assert set(choice.offered_units(bare)) == {"cell", "city"}
    assert choice.fitting(bare, Query(unit="community")).unit == "cell"
    assert choice.first_question(bare).unit == "cell"
    assert choice.fitting(small, Query(unit="community")).unit == "community"


def test_the_first_question_is_about_something_that_is_there(small):
    others = small.facilities[small.facilities["element"] != "pharmacy"]
    asked = choice.first_question(replace(small, facilities=others))
    assert asked.element in set(others["element"])
    assert choice.first_question(small).element == "pharmacy"


def test_a_rule_in_the_address_is_a_question_and_is_checked(small):
    query, _, message = arrived(small, {"search": "?rule=每百户综合服务设施面积"})
    assert (query.rule, message) == ("area_per_100hh", "")
    for search in ("?rule=nonsense", "?rule=all&edition=nonsense"):
        query, _, message = arrived(small, {"search": search})
        assert query.rule == "all" and query.edition == "" and "网址中的参数不可用" in message


def test_a_control_moved_while_another_answer_was_on_its_way_counts(small):
    """The browser throws away the answer that was overtaken: the panel still shows what it was asked."""
    controls = replace(shown(small, Query(), "15"), element="park_green", group="60+", walker="older")
    found = settle(small, CONTROL["walker"], controls=controls, current=Query().to_dict()).query
    assert (found.element, found.group, found.walker) == ("park_green", "60+", "older")
    paged = settle(small, ids.CHANGE, controls=controls, change={"view": "circle"}, current=Query().to_dict()).query
    assert (paged.element, paged.view) == ("park_green", "circle")
    stepped = replace(shown(small, Query(), "10"), unit="county")
    assert settle(small, CONTROL["unit"], controls=stepped, current=Query().to_dict()).query.minutes == 10


def test_what_was_refused_before_does_not_hold_up_the_next_control(small):
    controls = replace(shown(small, Query(), "15"), minutes=900, walker="older")
    found = settle(small, CONTROL["walker"], controls=controls, current=Query().to_dict())
    assert (found.query.minutes, found.query.walker, found.controls.minutes) == (15, "older", 15)


@given(QUERIES)
def test_a_panel_that_shows_the_question_has_nothing_left_to_settle(query):
    assert choice.unsettled(None, query, shown(None, query, choice.level_of(query.minutes))) == ()
    rounded = replace(shown(None, query, FREE), minutes=round(query.minutes, 1), speed=round(query.who().speed_m_s, 2))
    assert choice.unsettled(None, query, rounded) == ()


def test_a_control_moved_while_the_page_opens_is_laid_over_what_the_address_asks(small):
    arrival = {"search": "?" + Query(element="park_green", minutes=9).to_url()}
    controls = replace(shown(small, Query(), "15"), walker="older", group="all")
    ends = (CONTROL["walker"], CONTROL["group"])
    for moved_ids in (ends, (wires.ARRIVAL, *ends)):
        found = settle(small, wires.leading(moved_ids), controls=controls, arrival=arrival, moved=moved_ids)
        assert found.query == Query(element="park_green", minutes=9, walker="older")
    there = settle(small, wires.ARRIVAL, controls=controls, arrival=arrival, moved=(wires.ARRIVAL,))
    assert there.query == Query(element="park_green", minutes=9)


def test_two_controls_and_a_page_that_come_together_all_count(small):
    moved_ids = (CONTROL["walker"], ids.CHANGE, CONTROL["level"])
    controls = replace(shown(small, Query(), "10"), walker="older")
    found = settle(
        small,
        wires.leading(moved_ids),
        controls=controls,
        change={"view": "circle"},
        current=Query().to_dict(),
        moved=moved_ids,
    )
    assert found.query == Query(minutes=10, walker="older", view="circle")
