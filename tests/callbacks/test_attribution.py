"""变化归因 by its functions: what is offered, what is lacking, a picture whose bars add up, and files to take away."""

from __future__ import annotations

import io

import openpyxl
import pytest

from callbacks.attribution import file_of, picked, standing_values
from callbacks.attribution_asking import (
    NO_STORE,
    NOTHING_CHOSEN,
    ONE_VERSION,
    SAME,
    Ask,
    indicator_options,
    lacking,
    offer,
    version_options,
)
from callbacks.attribution_ids import PARTS
from callbacks.attribution_picture import (
    leading,
    moved,
    notes,
    part_of,
    part_rows,
    record_table,
    sentence,
    spoken,
    still,
    waterfall,
)
from callbacks.attribution_runs import Attributions
from callbacks.jobs import Jobs, Standing
from geodata.assemble import load_city
from geodata.desk import Desk, desk_of
from geodata.store import open_store, publish, versions
from geodata.version import CityFacts
from layers.query import Query
from tests.grown_city import NEW_NAME, grown_frames
from tests.lacking_city import lacking_frames
from tests.small_city import METRIC

FACTS = CityFacts(name="小城", synthetic=True, metric_crs=METRIC)
KEY = "reached:community_service_station"
QUERY = Query(element="community_service_station", minutes=10)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    engine = open_store(f"sqlite:///{tmp_path_factory.mktemp('attribution')}/town.db")
    publish(engine, lacking_frames(), city=FACTS, note="普查")
    publish(engine, grown_frames(), city=FACTS, note="年度更新")
    yield desk_of(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def city(desk):
    return load_city(desk.store)


@pytest.fixture(scope="module")
def ask(desk):
    after, before = versions(desk.store)["id"]
    return Ask(before, after, KEY)


@pytest.fixture(scope="module")
def found(desk, city, ask):
    runs = Attributions(desk, Jobs())
    runs.start(city, QUERY, ask, visitor="a")
    standing = runs.wait(city, QUERY, ask)
    assert standing.phase == "done", standing.error
    return runs.found(city, QUERY, ask)


def test_the_two_latest_versions_are_chosen_and_every_indicator_is_listed_once(desk, city, ask):
    made = offer(city, QUERY, desk, wanted=(Ask(),))
    assert (made.chosen.before, made.chosen.after) == (ask.before, ask.after)
    assert [one["label"].split(" · ")[1] for one in made.versions] == ["年度更新", "普查"]
    assert "现行" in made.versions[0]["label"] and "现行" not in made.versions[1]["label"]
    keys = [item["value"] for family in made.indicators for item in family["items"]]
    assert KEY in keys and made.chosen.indicator in keys and len(keys) == len(set(keys))
    assert len({family["group"] for family in made.indicators}) == len(made.indicators)
    assert [one["label"] for one in made.places] == ["小城", "榆次区"]


def test_a_draft_is_offered_but_not_chosen_by_itself(tmp_path):
    engine = open_store(str(tmp_path / "store.db"))
    own = desk_of(engine)
    first = publish(engine, lacking_frames(), city=FACTS)
    draft = publish(engine, grown_frames(), city=FACTS, draft=True)
    second = publish(engine, grown_frames(), city=FACTS, note="入库", base=first)
    made = offer(load_city(engine), QUERY, own, wanted=(Ask(),))
    assert (made.chosen.before, made.chosen.after) == (first, second)
    assert "草稿" in next(one["label"] for one in version_options(own.versions()) if one["value"] == draft)
    engine.dispose()


def test_the_choice_on_screen_goes_before_the_address_and_what_is_unknown_is_left(desk, city, ask):
    address = Ask.from_address(f"?tab=change&from={ask.after}&to=nothing&indicator={KEY}&place=140702")
    made = offer(city, QUERY, desk, wanted=(Ask(), address)).chosen
    assert made == Ask(ask.after, ask.after, KEY, "140702")
    assert (
        offer(city, QUERY, desk, wanted=(Ask(place="140702", before=ask.before), address)).chosen.before == ask.before
    )


def test_what_cannot_be_asked_is_told(tmp_path, desk, ask):
    assert lacking(Desk(), ask) == NO_STORE
    assert lacking(desk, ask) == ""
    assert lacking(desk, Ask(ask.after, ask.after, KEY)) == SAME
    assert lacking(desk, Ask(ask.before, ask.after)) == NOTHING_CHOSEN
    engine = open_store(str(tmp_path / "store.db"))
    publish(engine, lacking_frames(), city=FACTS)
    assert lacking(desk_of(engine), ask) == ONE_VERSION
    engine.dispose()


def test_an_indicator_that_cannot_be_computed_says_why(desk, city, ask):
    runs = Attributions(desk, Jobs())
    lost = Ask(ask.before, ask.after, "reached_share:pharmacy", "149999")
    runs.start(city, QUERY, lost)
    standing = runs.wait(city, QUERY, lost)
    assert standing.phase == "failed" and "149999" in standing.error
    assert standing_values(standing, lost, before=None)[2] == standing.error


def test_the_bars_lead_from_before_to_after(found):
    """People within 10 minutes of a station: c1-c5; c6 comes in, c3 and c4 drop out, then everybody is a tenth more."""
    bars = waterfall(found)["data"][0]
    assert bars["customdata"][0] == "before" and bars["customdata"][-1] == "after"
    assert {"opened", "closed", "population"} <= set(bars["customdata"])
    assert [round(value) for value in bars["y"]] == [1500, 600, -700, 140, 1540]
    level = bars["y"][0]
    for base, value in zip(bars["base"][1:-1], bars["y"][1:-1], strict=True):
        assert base == pytest.approx(level)
        level += value
    assert level == pytest.approx(bars["y"][-1]) and bars["y"][-1] == found.parts[-1].level
    assert bars["base"][0] == bars["base"][-1] == 0
    assert len(bars["y"]) == 2 + len(moved(found))


def test_up_and_down_are_told_apart_without_colour(found):
    bars = waterfall(found)["data"][0]
    hatched = [value < 0 for value in bars["y"]]
    assert True in hatched and [shape == "/" for shape in bars["marker"]["pattern"]["shape"]] == hatched
    assert all(text.startswith(("+", "-")) for text in bars["text"][1:-1])


def test_every_part_is_in_the_picture_or_told_to_be_without_effect(found):
    told = notes(found, scope="")
    shown = set(waterfall(found)["data"][0]["customdata"])
    assert {part.key for part in still(found)} | shown == {part.key for part in found.parts}
    assert still(found) and all(part.title in told[0] for part in still(found))
    assert found.order in told
    assert all(part.title in spoken(found) for part in found.parts)
    assert [row["key"] for row in part_rows(found)] == [part.key for part in found.parts]


def test_the_sentence_names_what_changed_most(found):
    top = leading(found)
    assert all(abs(part.value) <= abs(top.value) for part in moved(found))
    assert f"影响最大的是{top.title}" in sentence(found) and found.indicator.title in sentence(found)


def test_a_part_is_opened_by_its_bar_and_by_its_row_and_untrusted_text_stays_text(found):
    assert picked({"type": "attribution-waterfall", "at": 0}, event=None,
                  clicks=[{"points": [{"customdata": "opened"}]}]) == "opened"  # fmt: skip
    assert picked(PARTS, event={"data": {"key": "closed"}}, clicks=[None]) == "closed"
    assert picked("attribution-result", event={"key": "closed"}, clicks=[None]) == ""
    columns, rows = record_table(part_of(found, "opened"))
    assert any(NEW_NAME in str(value) for value in rows[0].values()) and len(rows) == 1
    assert [column["field"] for column in columns] == list(rows[0])


def test_what_is_taken_away_holds_the_same_parts_and_runs_nothing(city, found):
    body, name = file_of(city, QUERY, found, ending="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(body))
    told = {cell.value for row in book["变化归因"].iter_rows() for cell in row}
    assert all(row["value_words"] in told and row["level_words"] in told for row in part_rows(found)[1:-1])
    assert {"新增设施", "关闭设施"} <= set(book.sheetnames) and name.endswith(".xlsx")
    plain = file_of(city, QUERY, found, ending="csv")[0].decode("utf-8-sig")
    assert f"'{NEW_NAME}" in plain and f",{NEW_NAME}" not in plain and "合成示例" in plain


def test_a_finished_question_stops_the_clock_and_is_not_begun_again(ask):
    done = standing_values(Standing("done", 3, 3), ask, before=None)
    assert done[0] == {**ask.to_dict(), "phase": "done"} and done[1] == 100 and done[3:] == (True, True, True)
    running = standing_values(Standing("running", 1, 3), ask, before=done[0])
    assert running[0]["phase"] == "running" and running[3:] == (False, True, False)


def test_no_family_of_indicators_stands_twice(city):
    made = offer(city, QUERY, Desk(), wanted=()).indicators
    assert indicator_options(()) == [] and len(made) == len({one["group"] for one in made})
