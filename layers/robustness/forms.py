"""The knife-edge list as a workbook to take into the field: a row for each thing to look at, with room for answers."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import xlsxwriter

from geodata.city import City
from geodata.errors import GeodataError
from layers.captions import SYNTHETIC_NOTE, sources
from layers.robustness.advice import advice
from layers.robustness.flips import Robustness
from layers.run import code_version

FORM = 1
"""Layout of the form; one of a later layout is refused when it is read back."""

SHEET, ABOUT_SHEET, KEY_SHEET = "核实表", "说明", "_run"
ANSWERS = ("是", "否", "已关闭")
MOST_ROWS = 5000
MOST_NAMED = 5
KINDS: dict[str, str] = {"facility": "设施", "unit": "单元"}


@dataclass(frozen=True)
class FormColumn:
    """A column of the form.

    ``role``: ``told`` is what the data say (locked), ``answer`` is to be filled in, ``hidden`` carries the record.
    ``field`` is the column of the layer an answer is about, ``of`` the kinds of row it is asked of; ``check`` how Excel
    checks what is typed: ``list``, ``number``, ``lon``, ``lat``, ``date`` or nothing.
    """

    key: str
    title: str
    width: int
    role: Literal["told", "answer", "hidden"] = "told"
    field: str = ""
    of: tuple[str, ...] = ("facility", "unit")
    check: str = ""


COLUMNS: tuple[FormColumn, ...] = (
    FormColumn("number", "序号", 6),
    FormColumn("kind", "对象", 6),
    FormColumn("name", "名称", 26),
    FormColumn("element", "服务要素", 14),
    FormColumn("units", "涉及单元", 26),
    FormColumn("people", "涉及人口", 9),
    FormColumn("flip_share", "结论改变的比例", 9),
    FormColumn("check", "核实内容", 44),
    FormColumn("status", "登记状态", 9),
    FormColumn("lon", "登记经度", 11),
    FormColumn("lat", "登记纬度", 11),
    FormColumn("floor_area_m2", "登记建筑面积（㎡）", 11),
    FormColumn("capacity", "登记容量", 9),
    FormColumn("households", "登记户数", 9),
    FormColumn("now_status", "是否存在并开放", 10, "answer", "status", ("facility",), "list"),
    FormColumn("now_lon", "核实经度", 11, "answer", "lon", ("facility",), "lon"),
    FormColumn("now_lat", "核实纬度", 11, "answer", "lat", ("facility",), "lat"),
    FormColumn("now_floor_area_m2", "核实建筑面积（㎡）", 11, "answer", "floor_area_m2", ("facility",), "number"),
    FormColumn("now_capacity", "核实容量", 9, "answer", "capacity", ("facility",), "number"),
    FormColumn("now_households", "核实户数", 9, "answer", "households", ("unit",), "number"),
    FormColumn("author", "核实人", 10, "answer"),
    FormColumn("date", "核实日期", 12, "answer", check="date"),
    FormColumn("note", "备注", 30, "answer"),
    FormColumn("record", "记录", 8, "hidden"),
)
STATUS_TITLES: dict[str, str] = {"open": "开放", "closed": "已关闭", "planned": "规划", "": "未登记"}
LIMITS: dict[str, tuple[float, float, str]] = {
    "number": (0.0, 1e9, "请填写不小于 0 的数。"),
    "lon": (73.0, 136.0, "请填写经度（度，WGS-84 或 CGCS2000），例如 112.735120。"),
    "lat": (3.0, 54.0, "请填写纬度（度，WGS-84 或 CGCS2000），例如 37.687450。"),
}


def form_rows(city: City, found: Robustness) -> pd.DataFrame:
    """Return what there is to look at: each facility and each unit of the knife-edge list once, the surest flips first.

    Columns are the keys of :data:`COLUMNS` that are not answers; numbers are NaN where the data do not tell. Facilities
    of sensitive elements are never among them.
    """
    edge = found.table[found.table["knife_edge"]].reset_index(drop=True)
    plain = edge.assign(without_facility=False)  # whether a facility is open is asked of every one of them
    about = {kind: pd.Series(advice(plain, found.spreads, about=(kind,)), dtype="str") for kind in KINDS}
    made = [*_facilities(city, edge, about["facility"]), *_units(city, edge, about["unit"])]
    made.sort(key=lambda row: (-row["flip_share"], row["kind"], row["record"]))
    told = [column.key for column in COLUMNS if column.role != "answer"]
    return pd.DataFrame(made, columns=told).assign(number=np.arange(1, len(made) + 1))


def _facilities(city: City, edge: pd.DataFrame, words: pd.Series) -> list[dict[str, Any]]:
    titles = {element.key: element.name for element in city.catalogue.elements}
    rows = []
    for _, group in edge[edge["facility_row"] >= 0].groupby("facility_row"):
        place = city.facilities.iloc[int(group["facility_row"].iloc[0])]
        name = str(place["name"] or "") or titles[place["element"]]
        before = {key: _plain(place.get(key)) for key in ("status", "lon", "lat", "floor_area_m2", "capacity")}
        own = _union(words[group.index])
        rows.append(
            {
                **_shared(group), "kind": KINDS["facility"], "name": name, "element": titles[place["element"]],
                "check": f"核实{name}是否存在并开放、位置是否准确" + (f"；{own}" if own else ""),
                **{key: before[key] for key in ("lon", "lat", "floor_area_m2", "capacity")},
                "status": STATUS_TITLES.get(str(before["status"] or ""), str(before["status"])), "households": None,
                "record": _record("facilities", (str(place["id"]), str(place["element"])), before),
            }
        )  # fmt: skip
    return rows


def _units(city: City, edge: pd.DataFrame, words: pd.Series) -> list[dict[str, Any]]:
    rows = []
    for code, group in edge[edge["level"] != "facility"].groupby("code"):
        unit = city.units.loc[str(code)]
        before = {"households": _plain(unit.get("households"))}
        own = _union(words[group.index])
        rows.append(
            {
                **_shared(group), "kind": KINDS["unit"], "name": str(unit["name"] or ""), "element": "",
                "check": own or "核实户数", **dict.fromkeys(("status", "lon", "lat", "floor_area_m2", "capacity")),
                "status": "", "households": before["households"], "record": _record("units", (str(code),), before),
            }
        )  # fmt: skip
    return rows


def _shared(group: pd.DataFrame) -> dict[str, Any]:
    """Return what a thing to look at takes from the verdicts that hang on it."""
    once = group.drop_duplicates("code")
    names = [str(name) for name in once["name"]]
    shown = "、".join(names[:MOST_NAMED]) + (f" 等 {len(names)} 个" if len(names) > MOST_NAMED else "")
    return {"units": shown, "people": float(once["people"].sum()), "flip_share": float(group["flip_share"].max())}


def _union(words: pd.Series) -> str:
    return "；".join(dict.fromkeys(part for text in words for part in text.split("；") if part))


def _plain(value: Any) -> str | float | None:
    """Return a value as a correction names it: text, float, or None for nothing."""
    if value is None or pd.isna(value) or value == "":
        return None
    return value if isinstance(value, str) else float(value)


def _record(layer: str, row: tuple[str, ...], before: dict[str, str | float | None]) -> str:
    return json.dumps({"layer": layer, "row": list(row), "before": before}, ensure_ascii=False, sort_keys=True)


def form_bytes(city: City, found: Robustness) -> bytes:
    """Return the form as a workbook: a locked table with room for answers, its explanation, and the hidden run.

    Everything is written as text or number; nothing in it is run as a formula.

    Raises
    ------
    GeodataError
        There is nothing to look at, or more than a form can hold.
    """
    rows = form_rows(city, found)
    if not len(rows):
        raise GeodataError("没有处于临界的单元，不需要核实表。")
    if len(rows) > MOST_ROWS:
        raise GeodataError(f"需要核实的对象有 {len(rows):,} 个，超过一张表的上限 {MOST_ROWS:,}；请选定一条规则。")
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": f"{city.name} 实地核实表", "comments": f"计算编号 {found.run}"})
        _write_rows(book, rows)
        _write_about(book, city, found)
        _write_key(book, city, found)
    return out.getvalue()


def _write_rows(book: Any, rows: pd.DataFrame) -> None:
    sheet = book.add_worksheet(SHEET)
    head = book.add_format({"bold": True, "bg_color": "#e7eef6", "bottom": 1, "text_wrap": True, "valign": "top"})
    asked = book.add_format({"bold": True, "bg_color": "#fff2cc", "bottom": 1, "text_wrap": True, "valign": "top"})
    wrapped = {"text_wrap": True, "valign": "top"}
    looks = {"told": book.add_format(wrapped), "share": book.add_format({**wrapped, "num_format": "0%"}),
             "place": book.add_format({**wrapped, "num_format": "0.000000"}),
             "open": book.add_format({**wrapped, "locked": False, "border": 4}),
             "date": book.add_format({**wrapped, "locked": False, "border": 4, "num_format": "yyyy-mm-dd"}),
             "barred": book.add_format({"bg_color": "#ececec"})}  # fmt: skip
    for at, column in enumerate(COLUMNS):
        sheet.set_column(at, at, column.width, None, {"hidden": column.role == "hidden"})
        sheet.write_string(0, at, column.title, asked if column.role == "answer" else head)
        if column.role == "answer":
            _open_answers(sheet, at, column, rows, looks=looks)
        else:
            _write_told(sheet, at, column, rows, looks=looks)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _write_told(sheet: Any, at: int, column: FormColumn, rows: pd.DataFrame, *, looks: dict[str, Any]) -> None:
    look = looks.get({"flip_share": "share", "lon": "place", "lat": "place"}.get(column.key, "told"))
    for line, value in enumerate(rows[column.key].tolist(), start=1):
        if isinstance(value, str):
            sheet.write_string(line, at, value, look)
        elif value is not None and np.isfinite(value):
            sheet.write_number(line, at, value, look)


def _open_answers(sheet: Any, at: int, column: FormColumn, rows: pd.DataFrame, *, looks: dict[str, Any]) -> None:
    """Unlock the cells where an answer is asked for, and let Excel check what is typed."""
    asked = [{title: key for key, title in KINDS.items()}[kind] in column.of for kind in rows["kind"]]
    for line, yes in enumerate(asked, start=1):
        sheet.write_blank(
            line, at, None, looks["date" if column.check == "date" else "open"] if yes else looks["barred"]
        )
    told: dict[str, Any] | None = None
    if column.check == "list":
        told = {"validate": "list", "source": list(ANSWERS), "error_message": f"请选择：{'、'.join(ANSWERS)}。"}
    elif column.check in LIMITS:
        least, most, words = LIMITS[column.check]
        told = {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most, "error_message": words}
    if told:
        sheet.data_validation(1, at, len(rows), at, {**told, "error_title": column.title})


def _write_about(book: Any, city: City, found: Robustness) -> None:
    """Write what the form is about and how to fill it in."""
    sheet = book.add_worksheet(ABOUT_SHEET)
    sheet.set_column(0, 0, 110)
    factors = "；".join(f"{one.title} {one.told}（{one.source}）" for one in found.spreads)
    lines = [
        f"{city.name} 实地核实表", *([SYNTHETIC_NOTE] if city.synthetic else []),
        "本表列出结论处于临界的单元：输入数据在合理范围内变动时，达标与否可能改变。请核实列出的对象。",
        f"计算 {found.runs} 次，结论改变的比例不低于 {found.edge:.0%} 的列入；不确定因素：{factors}。",
        "填写黄色表头的列；没有变化的可以只填“是”，不需要核实的行留空。每一行填写了内容的，须写明核实人和核实日期。",
        f"“是否存在并开放”填 {'、'.join(ANSWERS)}；经纬度为 WGS-84 或 CGCS2000 坐标（度），"
        "不要填写高德、百度坐标；面积为建筑面积（㎡）。",
        "填好后由数据管理员读回：发现的问题逐行列出，全部无误后作为更正发布为新的数据版本。",
        f"数据来源：{sources(city)}；数据版本 {found.version}", f"计算编号 {found.run}（程序版本 {code_version()}）",
    ]  # fmt: skip
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)


def _write_key(book: Any, city: City, found: Robustness) -> None:
    sheet = book.add_worksheet(KEY_SHEET)
    facts = {"form": FORM, "run": found.run, "version": found.version, "city": city.name, "seed": found.seed}
    sheet.write_string(0, 0, json.dumps(facts, ensure_ascii=False, sort_keys=True))
    sheet.very_hidden()
