"""What the sheets of the page of targets tell: trend, map, who is missing; a bureau; older versions behind the page."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from callbacks.targets import board_of, told_of
from callbacks.targets_bureau import bureau_sheet
from callbacks.targets_history import Histories, told
from callbacks.targets_scenario import shown
from callbacks.targets_sheet import lacking, target_sheet
from callbacks.targets_trend import areas, trend
from dashboard.pages.targets import scenario_items
from dashboard.targets_pictures import COLOURS, map_figure, trend_figure
from geodata import store
from geodata.assemble import load_city
from geodata.desk import Desk, desk_of
from geodata.errors import UnknownKey
from geodata.filing import Filing
from geodata.store import open_store, publish
from geodata.targets import bureaus, load_targets
from geodata.version import CityFacts
from layers.targets.states import STATES
from tests.lacking_city import lacking_city, lacking_frames
from tests.small_city import METRIC

DAY, AS_OF = date(2025, 6, 30), date(2025, 7, 1)
KEY, WEST = "children_director_post", "140702"


@pytest.fixture
def desk(tmp_path):
    return desk_of(open_store(str(tmp_path / "store.db")))


def test_the_trend_holds_dated_values_and_stated_numbers_and_nothing_between(desk):
    days = (date(2023, 12, 31), DAY, date(2025, 12, 31))
    desk.file([Filing(KEY, WEST, day, 1.0 + at, 4.0, author="王", document="号") for at, day in enumerate(days)])
    made = board_of(lacking_city(), desk, AS_OF)
    of = trend(made, made.line(KEY), WEST)
    assert [(dot.day, dot.value) for dot in of.dots] == [(days[0], 25.0), (days[1], 50.0)]
    assert [(day, number) for day, number, _ in of.asked] == [(made.line(KEY).target.due, 100.0)]
    figure = trend_figure(of)
    assert all("lines" not in one["mode"] for one in figure["data"])
    assert figure["data"][0]["y"] == [25.0, 50.0]


def test_every_state_has_its_colour_on_the_map_and_a_county_its_sign(desk):
    desk.file([Filing(KEY, WEST, DAY, 3.0, 3.0, author="王", document="号")])
    made = board_of(lacking_city(), desk, AS_OF)
    (only,) = areas(lacking_city(), made, made.line(KEY), unit=WEST)
    assert (only.code, only.state, only.chosen) == (WEST, "met", True) and "100.0 %" in only.words
    figure = map_figure((only,))
    assert figure["data"][0]["fillcolor"] == COLOURS["met"][0] and "✔" in figure["data"][-1]["text"][0]
    assert set(COLOURS) == {*STATES, ""}
    assert areas(lacking_city(), made, made.line("elderly_demo_communities"), unit=made.city) == ()


def test_marks_in_what_people_file_are_only_text_in_a_picture(desk):
    desk.file([Filing(KEY, WEST, DAY, 1.0, 4.0, author="<a href='x'>王</a>", document="<b>号")])
    made = board_of(lacking_city(), desk, AS_OF)
    told_text = trend_figure(trend(made, made.line(KEY), WEST))["data"][0]["hovertext"][0]
    assert "<a" not in told_text and "&lt;a" in told_text


def test_who_has_not_reported_is_named_until_it_has(desk):
    made = board_of(lacking_city(), desk, AS_OF)
    assert lacking(made, made.line(KEY)) == ("榆次区",)
    titles = [one.title for one in target_sheet(made, made.line(KEY), WEST, []).sections]
    assert "还缺什么" in titles
    desk.file([Filing(KEY, WEST, DAY, 1.0, 4.0, author="王", document="号")])
    now = board_of(lacking_city(), desk, AS_OF)
    assert lacking(now, now.line(KEY)) == ()


def test_a_bureau_has_all_its_targets_and_what_it_still_files(desk):
    made = board_of(lacking_city(), desk, AS_OF)
    for name in bureaus(load_targets().targets):
        own = [line for line in made.lines if name in line.target.bureaus]
        sheet = bureau_sheet(made, name)
        listed, to_file, _late = sheet.sections
        assert sorted(row[1] for row in listed.rows) == sorted(line.target.title for line in own)
        assert sum(count for *_, count in sheet.states) == len(own)
        assert {row[0] for row in to_file.rows} == {one.target.title for one in own if lacking(made, one)}
        assert sheet.form == any(not one.values.by_layers for one in own)
    with pytest.raises(UnknownKey, match="没有责任单位"):
        bureau_sheet(made, "某局")


@pytest.mark.parametrize("junk", [None, [], "x", 3, {"data": None}, {"data": [1]}])
def test_what_is_no_sheet_opens_none(junk):
    assert told_of(junk) == {}


def test_the_menu_marks_the_city_as_it_is():
    words, offered, key = shown(lacking_city, {})
    assert (words, key) == ("方案：现状", "now")
    assert [item.id["key"] for item in scenario_items(offered, key)] == ["now"]


def test_older_versions_are_computed_once_and_counted(tmp_path, monkeypatch):
    engine = open_store(str(tmp_path / "town.db"))
    frames = lacking_frames()

    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2024, 1, 1, tzinfo=tz)

    facts = CityFacts(name="小城", synthetic=True, metric_crs=METRIC)
    with monkeypatch.context() as patch:
        patch.setattr(store, "datetime", Then)
        first = publish(engine, frames, city=facts)
    publish(engine, {"facilities": frames["facilities"].iloc[:-1]})
    desk = desk_of(engine)
    histories, city = Histories(desk), load_city(engine)
    assert histories.counted() == (1, 0, 0) and histories.earlier() == {}
    histories.start(city)
    assert histories.wait(city, timeout_s=60).phase == "done"
    assert histories.counted() == (1, 1, 0)
    made = board_of(city, desk, date.today(), histories=histories)
    doubled = [one for one in made.lines if len(one.values.readings.get(made.city, ())) == 2]
    assert doubled and all(one.values.readings[made.city][0].day == date(2024, 1, 1) for one in doubled)
    assert first in doubled[0].values.readings[made.city][0].source
    engine.dispose()


def test_the_work_on_older_versions_says_how_far_it_is():
    assert told(0, 0, 0) == "" and "1/3" in told(3, 1, 0) and "2 个无法读取" in told(3, 3, 2)
    assert Histories(Desk()).counted() == (0, 0, 0)
