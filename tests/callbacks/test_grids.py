"""What the page of service grids says, on the small city with grids whose faults are listed in tests/grid_city.py."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from callbacks import grids_card, grids_draft, grids_export, grids_ids, grids_rows, grids_tiles
from callbacks.grids import moved
from callbacks.grids_picture import marks, picture, picture_key, theme_values
from callbacks.grids_view import THEMES, View
from callbacks.wire import stamp
from geodata.assemble import assemble_city, load_city
from geodata.desk import Desk, desk_of
from geodata.errors import GeodataError
from geodata.store import current_version, load_version, open_store, publish
from geodata.version import CityFacts
from layers.gridcheck import faults
from layers.query import Query
from tests.grid_city import EAST, GRIDS, HTML, WEST, grid_city, grid_frame, grid_frames
from tests.small_city import METRIC, small_version

QUERY = Query(element="pharmacy", minutes=5)
KINDS = {"gap": WEST, "overlap": EAST, "no_worker": WEST, "two_workers": EAST, "too_large": EAST}


@pytest.fixture(scope="module")
def city():
    return grid_city()


def ident(city, kind: str) -> str:
    found = faults(city)
    return str(found["id"][found["kind"] == kind].iloc[0])


def test_words_of_an_address_are_never_trusted():
    given = {
        "theme": "nonsense",
        "tab": "x",
        "severity": "<b>",
        "kind": "gap",
        "place": "1" * 500,
        "check": "a:b,tolerance_m2:5",
        "rubbish": "1",
    }
    view = View.from_words(given)
    assert (view.theme, view.tab, view.severity, view.kind) == ("faults", "faults", "", "gap")
    assert len(view.place) < 100 and view.check == "tolerance_m2:5" and view.settings().tolerance_m2 == 5
    assert View.from_words(view.to_dict()) == view
    assert View.from_words(None) == View()


@pytest.mark.parametrize(
    ("control", "value", "changed"),
    [
        (grids_ids.THEME, "workers", {"theme": "workers"}),
        (grids_ids.PLACE, WEST, {"place": WEST}),
        (grids_ids.PLACE, None, {"place": ""}),
        (grids_ids.SEVERITY, "grave", {"severity": "grave"}),
        (grids_ids.SEVERITY, "all", {"severity": ""}),
        (grids_ids.TABS, "need", {"tab": "need"}),
        ({"type": grids_ids.KIND, "key": "gap"}, 1, {"kind": "gap"}),
        ({"type": grids_ids.KIND, "key": "overlap"}, 1, {"kind": ""}),
        ({"type": grids_ids.KIND, "key": "gap"}, None, {}),
        ({"type": grids_ids.SETTING, "key": "tolerance_m2"}, 7, {"check": "tolerance_m2:7"}),
        (grids_ids.SETTINGS_RESET, 1, {"check": ""}),
    ],
)
def test_each_control_changes_its_own_word_of_the_view(control, value, changed):
    view = View(kind="overlap", severity="light", place=EAST, check="tolerance_m2:3")
    settings = {"tolerance_m2": 7, "sliver_width_m": 3.0, "code_digits": None}
    assert moved(view, control, value=value, settings=settings) == replace(view, **changed)


def test_the_list_has_the_drawn_faults_and_nothing_else(city):
    rows = grids_rows.fault_rows(city, View())
    found = faults(city)
    assert dict(zip(found["kind"], found["unit"], strict=True)) == KINDS and len(rows) == len(KINDS)
    by_kind = {row["kind_title"]: row for row in rows}
    assert by_kind["空隙"]["area_m2"] == pytest.approx(20_000, rel=1e-3)
    assert by_kind["重叠"]["area_m2"] == pytest.approx(20_000, rel=1e-3)
    assert by_kind["空隙"]["community"] == "西门社区" and by_kind["空隙"]["county"] == "榆次区"
    assert [row["severity_title"] for row in rows] == sorted(
        (row["severity_title"] for row in rows), key=["重", "中", "轻"].index
    )
    assert {row["kind_title"] for row in rows if not row["repairable"]} == {"网格员未配齐", "网格员重复配备"}


@pytest.mark.parametrize(
    ("view", "kinds"),
    [
        (View(place=WEST), {"gap", "no_worker"}),
        (View(place=EAST), {"overlap", "two_workers", "too_large"}),
        (View(place="140702"), set(KINDS)),
        (View(place="140702001"), set(KINDS)),
        (View(place="000000"), set(KINDS)),
        (View(kind="gap"), {"gap"}),
        (View(kind="gap", place=EAST), set()),
        (View(severity="grave"), {"gap", "overlap", "no_worker"}),
    ],
)
def test_table_marks_and_numbers_follow_the_same_filters(city, view, kinds):
    rows, drawn = grids_rows.fault_rows(city, view), marks(city, view)
    assert set(drawn["kind"]) == kinds and {row["id"] for row in rows} == set(drawn["id"])
    counts = {
        row["key"]: row["count"]
        for group in grids_rows.kind_groups(city, replace(view, kind=""))
        for row in group["kinds"]
    }
    assert sum(counts.values()) == len(grids_rows.fault_rows(city, replace(view, kind="")))


def test_marks_send_only_places_that_are_no_whole_grid_and_lie_side_by_side(city):
    drawn = marks(city, View())
    placed = {kind for kind, rings in zip(drawn["kind"], drawn["rings"], strict=True) if rings}
    assert placed == {"gap", "overlap"}
    at = list(zip(drawn["lat"], drawn["lon"], drawn["slot"], strict=True))
    assert len(set(at)) == len(at)
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_gives_every_grid_a_class_and_the_legend_counts_them(city, theme):
    drawn = picture(city, QUERY, view=View(theme=theme))
    assert len(drawn["of"]) == len(GRIDS) == len(drawn["words"] or GRIDS)
    assert sum(one["grids"] for one in drawn["classes"]) == sum(k != 255 for k in drawn["of"])
    assert json.loads(json.dumps(drawn, allow_nan=False, default=str))


def test_the_themes_show_what_is_in_the_grids(city):
    def values(theme):
        return theme_values(city, QUERY, view=View(theme=theme))[1].tolist()

    assert values("faults") == [0, 3, 3, 3]
    assert values("households") == [400, 380, 420, 2000]
    assert values("workers") == [1, 0, 2, 1]
    # Within 360 m of a pharmacy: c2 (200 of the 900 in w2) and c5; c6, where e1 and e2 overlap, counts for e1 alone.
    share = values("coverage")
    assert share == pytest.approx([0, 200 / 900, 500 / 1100, 0])


def test_a_picture_depends_on_the_question_only_where_its_theme_asks_it(city):
    other = QUERY.but(minutes=15)
    assert picture_key(city, QUERY, view=View()) == picture_key(city, other, view=View())
    asking = View(theme="coverage")
    assert picture_key(city, QUERY, view=asking) != picture_key(city, other, view=asking)


def test_the_card_of_a_fault_says_what_was_found_and_draws_before_and_after(city):
    name = ident(city, "overlap")
    card = grids_card.card_of(city, QUERY, view=View(), picked={"kind": "fault", "id": name, "stamp": stamp(city)})
    assert card is not None and card.title == "重叠" and card.severity == "重度" and card.repairable
    rows = dict(card.rows)
    assert rows["编号"] == name and "㎡" in rows["面积"] and rows["建议修复"].startswith("划清重叠部分")
    assert HTML in rows["涉及网格"] + rows["网格"]
    shapes = card.drawing["shapes"]
    assert shapes["before"] and shapes["after"] and shapes["before"] != shapes["after"]
    (south, west), (north, east) = card.drawing["bounds"]
    assert south < north and west < east


def test_the_card_of_a_grid_lists_its_figures_and_faults(city):
    card = grids_card.card_of(city, QUERY, view=View(), picked={"kind": "grid", "row": 3, "stamp": stamp(city)})
    assert card is not None and card.title == HTML and not card.repairable
    rows = dict(card.rows)
    assert rows["户数"] == "2,000 户" and rows["网格员"] == "1 名（赵六）" and "规模过大" in rows and "重叠" in rows


def test_what_is_not_there_opens_nothing_and_is_told(city):
    for picked in (
        {"kind": "fault", "id": "nonsense", "stamp": stamp(city)},
        {"kind": "grid", "row": 99, "stamp": stamp(city)},
        {"kind": "grid", "row": 0, "stamp": "older"},
        {"kind": "none"},
    ):
        assert grids_card.card_of(city, QUERY, view=View(), picked=picked) is None
    assert grids_card.grid_goal(city, "99") is None and grids_card.grid_goal(city, "-1") is None
    assert "nonsense" in grids_card.not_found(None, place=None, fault="nonsense")
    assert grids_card.not_found(None, place=None, fault="") == ""


def test_the_headline_counts_grids_communities_faults_and_workers(city):
    told = {row["title"]: row for row in grids_tiles.tile_rows(city, View())}
    assert told["服务网格"]["value"] == "4" and told["已划网格的村（社区）"]["value"] == "2"
    assert told["问题"]["value"] == "5" and told["未配齐网格员"]["value"] == "1"
    assert told["每个网格户数（中位数）"]["value"] == "410" and told["规模适度的网格"]["value"] == "75.0 %"
    assert all(row["definition"] and row["rows"] for row in told.values())


def test_what_was_not_reported_is_said_not_guessed():
    frame = grid_frame().assign(workers="", households=np.nan)
    silent = assemble_city(small_version({**grid_frames(), "grids": frame}))
    told = {row["title"]: row for row in grids_tiles.tile_rows(silent, View())}
    for title in ("未配齐网格员", "每个网格户数（中位数）", "规模适度的网格"):
        assert told[title]["value"] == "—" and "无法计算：缺少" in told[title]["note"]
    assert "缺少户数" in grids_rows.note(silent, View()) and "缺少网格员姓名" in grids_rows.note(silent, View())
    drawn = picture(silent, QUERY, view=View(theme="households"))
    assert drawn["classes"][-1] == {"title": "未填报户数", "colour": "#ffffff", "pattern": "hatch", "grids": 4}


def test_a_changed_setting_changes_the_faults_and_is_told(city):
    view = View.from_words({"check": "urban_households_most:410"})
    assert {"too_large"} < {*faults(city, view.settings())["kind"]} and len(grids_rows.fault_rows(city, view)) == 6
    assert "410" in grids_rows.note(city, view)
    shown = {row["key"]: row for row in grids_rows.setting_rows(view)}
    assert shown["urban_households_most"]["changed"] and not shown["tolerance_m2"]["changed"]
    assert all(row["source"] and row["status"] for row in shown.values())


def test_the_need_per_grid_follows_question_and_place(city):
    whole = grids_rows.need_rows(city, QUERY, View(tab="need"))
    assert [row["row"] for row in whole] == ["0", "1", "2", "3"]
    assert whole[1]["people"] == 900 and whole[1]["reached"] == 200
    east = grids_rows.need_rows(city, QUERY, View(tab="need", place=EAST))
    assert [row["row"] for row in east] == ["2", "3"]
    assert {column["field"] for column in grids_rows.need_columns()} <= set(whole[0])


@pytest.mark.parametrize("export", grids_export.EXPORTS, ids=lambda one: one.key)
def test_every_export_holds_all_faults_or_all_grids_and_runs_nothing(city, export):
    body, name = grids_export.file_of(city, QUERY, view=View(kind="gap"), export=export)
    assert name.endswith(f".{export.ending}") and "/" not in name
    if export.ending == "geojson":
        assert len(json.loads(body)["features"]) == (5 if export.stem == "网格问题" else 4)
    elif export.ending == "csv":
        text = body.decode("utf-8-sig")
        assert ",=" not in text and not text.startswith("=")
    else:
        assert body[:2] == b"PK"


@pytest.fixture
def desk(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/grids.db")
    publish(engine, grid_frames(), city=CityFacts(name="小城", synthetic=True, metric_crs=METRIC))
    yield desk_of(engine)
    engine.dispose()


def test_a_draft_repairs_what_was_chosen_and_leaves_the_current_version_alone(desk):
    city = load_city(desk.store)
    wanted = grids_draft.wanted_faults(
        city, View(), scope="chosen", chosen=[ident(city, "gap"), ident(city, "no_worker")]
    )
    version, repair = grids_draft.make(city, View(), wanted=wanted, desk=desk, author=" 王某 ", note="")
    made = grids_draft.told_of(city, desk, version=version, repair=repair)
    assert current_version(desk.store) == city.version != version
    assert (len(made.done), len(made.left)) == (1, 1) and made.done[0][0] == "空隙" and "须人工" in made.left[0][2]
    assert dict(made.rows)["经办人"] == "王某" and version in made.command and made.number == 2
    grids = load_version(desk.store, version).frames["grids"]
    west = grids[grids["unit"] == WEST]
    whole = shapely.union_all(np.asarray(west.geometry))
    assert city.units.geometry.loc[WEST].symmetric_difference(whole).area < 1e-12
    listed = {row["id"]: row for row in grids_draft.version_rows(desk)}
    assert listed[version]["state"] == "草稿" and listed[city.version]["current"]
    assert city.version in grids_draft.adopting_words(desk, version)
    desk.adopt(version, base=city.version)
    assert {row["id"]: row["state"] for row in grids_draft.version_rows(desk)} == {
        version: "当前",
        city.version: "历史",
    }
    assert "gap" not in set(faults(load_city(desk.store))["kind"])
    desk.adopt(city.version)
    assert current_version(desk.store) == city.version


def test_a_draft_without_a_name_a_choice_or_an_effect_is_refused(desk):
    city = load_city(desk.store)
    gap, worker = ident(city, "gap"), ident(city, "no_worker")
    with pytest.raises(GeodataError, match="经办人"):
        grids_draft.make(city, View(), wanted=[gap], desk=desk, author="  ", note="")
    with pytest.raises(GeodataError, match="均未能修复"):
        grids_draft.make(city, View(), wanted=[worker], desk=desk, author="王某", note="")
    with pytest.raises(GeodataError, match="尚未列入"):
        grids_draft.wanted_faults(city, View(), scope="chosen", chosen=["nonsense"])
    with pytest.raises(GeodataError, match="只能查看"):
        grids_draft.make(city, View(), wanted=[gap], desk=Desk(), author="王某", note="")
    assert len(desk.versions()) == 1
    assert set(grids_draft.wanted_faults(city, View(), scope="all", chosen=None)) == {
        ident(city, kind) for kind in ("gap", "overlap", "too_large")
    }


def test_only_a_pressed_button_asks_for_a_version():
    pressed = {"type": grids_ids.VERSION, "key": "abc"}
    assert grids_draft.asked_version(pressed, made=None, value=1) == "abc"
    assert grids_draft.asked_version(pressed, made=None, value=None) == ""
    assert grids_draft.asked_version(grids_ids.ADOPT, made={"version": "d"}, value=1) == "d"
    assert grids_draft.asked_version(grids_ids.ADOPT, made=None, value=1) == ""
