"""The form in which a bureau or a county files its targets: a workbook with locked headings, definitions and checks."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import xlsxwriter

from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from geodata.filing import Filing, divided, latest
from geodata.target_record import Target
from geodata.targets import Plan, bureaus
from layers.captions import SYNTHETIC_NOTE
from layers.gaps.subjects import subjects
from layers.run import code_version
from layers.targets.board import NO_BUREAU
from layers.targets.readings import values
from layers.targets.tally import city_code, county_codes

FORM = 1
"""Layout of the form; one of a later layout is refused when it is read back."""

SHEET, ABOUT_SHEET, KEY_SHEET = "填报表", "说明", "_form"
MOST = 1e9
Role = Literal["told", "answer", "hidden"]


@dataclass(frozen=True)
class FormColumn:
    """A column of the form: told to the one who fills it in (locked), answered (open), or hidden."""

    key: str
    title: str
    width: int
    role: Role = "told"


COLUMNS: tuple[FormColumn, ...] = (
    FormColumn("number", "序号", 6),
    FormColumn("title", "目标", 30),
    FormColumn("definition", "指标口径", 40),
    FormColumn("requirement", "要求", 18),
    FormColumn("due", "完成期限", 11),
    FormColumn("unit_name", "填报单位", 12),
    FormColumn("unit", "计量单位", 10),
    FormColumn("before", "已填报", 22),
    FormColumn("day", "数值截止日期", 13, "answer"),
    FormColumn("part", "数值（占比填分子）", 12, "answer"),
    FormColumn("whole", "分母", 11, "answer"),
    FormColumn("document", "来源文件", 24, "answer"),
    FormColumn("attachment", "附件名称", 18, "answer"),
    FormColumn("author", "填报人", 10, "answer"),
    FormColumn("reason", "更正原因", 20, "answer"),
    FormColumn("record", "记录", 8, "hidden"),
)
ANSWERS = tuple(column for column in COLUMNS if column.role == "answer")
WHOLES: dict[str, tuple[str, bool | None]] = {
    "township": ("township", None),
    "community_or_village": ("community", None),
    "urban_community": ("community", True),
    "rural_community": ("community", False),
    "village": ("community", False),
}
"""By the level of a target the units that its denominator counts: their level, and whether only urban or rural ones."""
ALL_OF_THEM = ("÷ 118", "÷ 总数", "÷ 社区数", "÷ 行政村数", "）数 ÷ 总数")


@dataclass(frozen=True)
class FormRow:
    """A row of the form: a target of one unit; a target of several parts has a row for each."""

    target: Target
    unit: str
    unit_name: str
    part: str = ""
    whole: float | None = None
    before: str = ""

    @property
    def record(self) -> str:
        """What the row is about, as it is read back."""
        return json.dumps({"target": self.target.key, "unit": self.unit, "part": self.part}, ensure_ascii=False)


def to_file(city: City, plan: Plan) -> tuple[Target, ...]:
    """Return the targets that have to be filed, because the layers do not tell them."""
    return tuple(one for one in plan.targets if one.compute is None or values(city, one, ()).lacking)


def form_rows(
    city: City, plan: Plan, filings: Iterable[Filing], *, bureau: str = "", county: str = ""
) -> list[FormRow]:
    """Return the rows of a form: what a bureau answers for, or what a county files.

    A bureau files for all counties and the city, a county (by code or name) for itself.

    Raises
    ------
    UnknownKey
        There is no such bureau in the plan, or no such county.
    GeodataError
        Neither is named, or nothing is to be filed.
    """
    if not (bureau or county):
        raise GeodataError("填报表需要指定责任单位或县（区、市）。")
    wanted = [one for one in to_file(city, plan) if not bureau or bureau in (one.bureaus or (NO_BUREAU,))]
    units = _units(city, county)
    if bureau and bureau not in {*bureaus(plan.targets), NO_BUREAU}:
        raise UnknownKey(f"规划中没有责任单位「{bureau}」；可用：{'、'.join(bureaus(plan.targets))}。")
    whole = city_code(city)
    held = latest(filings)
    made = []
    for one in wanted:
        own = [unit for unit in units if (unit[0] == whole) == (one.level == "city")]
        for code, name in own:
            parts = [name for name, _ in one.parts] or [""]
            before = _before(one, [f for f in held.values() if (f.target, f.unit) == (one.key, code)])
            made += [FormRow(one, code, name, part, known_whole(city, one, code), before) for part in parts]
    if not made:
        raise GeodataError(f"「{bureau or county}」没有需要填报的目标：相关目标都由图层计算。")
    return made


def _units(city: City, county: str) -> list[tuple[str, str]]:
    names = city.units["name"].fillna("").astype(str)
    found = [(code, names.get(code, code)) for code in county_codes(city)]
    if not county:
        return [*found, (city_code(city), city.name)]
    own = [one for one in found if county in one]
    if not own:
        raise UnknownKey(f"没有县（区、市）「{county}」；可用：{'、'.join(name for _, name in found)}。")
    return own


def known_whole(city: City, target: Target, code: str) -> float | None:
    """Return the denominator of a target in a unit where the data tell it; None where they do not."""
    if not divided(target) or target.level not in WHOLES or not target.definition.endswith(ALL_OF_THEM):
        return None
    level, urban = WHOLES[target.level]
    frame = subjects(city, level).frame
    own = frame[frame["county"] == code]
    kept = own if urban is None else own[own["urban"] == float(urban)]
    return float(len(kept)) or None


def _before(target: Target, filings: Sequence[Filing]) -> str:
    if not filings:
        return ""
    last = max(filings, key=lambda one: one.day)
    if target.parts:
        return f"{last.day}：" + "、".join(f"{name} {number:g}" for name, number in last.parts)
    return f"{last.day}：{last.part:,.10g}" + ("" if last.whole is None else f" ÷ {last.whole:,.10g}")


def form_bytes(
    city: City, plan: Plan, filings: Iterable[Filing], *, bureau: str = "", county: str = "", day: date
) -> bytes:
    """Return the form as a workbook, with ``day`` as the day its numbers are of unless that is changed.

    Everything is written as text or number; nothing in it is run as a formula.
    """
    rows = form_rows(city, plan, filings, bureau=bureau, county=county)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    who = bureau or rows[0].unit_name
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": f"{city.name} {who} 规划目标填报表"})
        _write_rows(book, rows, day)
        _write_about(book, city, plan, who)
        key = book.add_worksheet(KEY_SHEET)
        facts = {"form": FORM, "plan": plan.number, "city": city.name, "who": who}
        key.write_string(0, 0, json.dumps(facts, ensure_ascii=False, sort_keys=True))
        key.very_hidden()
    return out.getvalue()


def _write_rows(book: Any, rows: Sequence[FormRow], day: date) -> None:
    sheet = book.add_worksheet(SHEET)
    wrapped = {"text_wrap": True, "valign": "top"}
    opened = {**wrapped, "locked": False, "border": 4}
    looks = {
        "told": book.add_format(wrapped),
        "answer": book.add_format(opened),
        "date": book.add_format({**opened, "num_format": "yyyy-mm-dd"}),
        "barred": book.add_format({"bg_color": "#ececec"}),
    }
    heads = {
        "told": book.add_format({"bold": True, "bg_color": "#e7eef6", "bottom": 1, **wrapped}),
        "answer": book.add_format({"bold": True, "bg_color": "#fff2cc", "bottom": 1, **wrapped}),
    }
    for at, column in enumerate(COLUMNS):
        sheet.set_column(at, at, column.width, None, {"hidden": column.role == "hidden"})
        sheet.write_string(0, at, column.title, heads["answer" if column.role == "answer" else "told"])
    for line, row in enumerate(rows, start=1):
        _write_row(sheet, line, row, looks=looks, day=day)
    _check(sheet, len(rows))
    sheet.freeze_panes(1, 2)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _write_row(sheet: Any, line: int, row: FormRow, *, looks: dict[str, Any], day: date) -> None:
    one = row.target
    told = {
        "number": str(line), "title": one.title + (f"：{row.part}" if row.part else ""), "definition": one.definition,
        "requirement": one.requirement, "due": one.due.isoformat(), "unit_name": row.unit_name,
        "unit": _counted_in(one), "before": row.before, "record": row.record,
    }  # fmt: skip
    for at, column in enumerate(COLUMNS):
        if column.key in told:
            sheet.write_string(line, at, told[column.key], looks["told"])
        elif column.key == "day":
            sheet.write_datetime(line, at, day, looks["date"])
        elif column.key == "whole" and not divided(one):
            sheet.write_blank(line, at, None, looks["barred"])
        elif column.key == "whole" and row.whole is not None:
            sheet.write_number(line, at, row.whole, looks["answer"])
        else:
            sheet.write_blank(line, at, None, looks["answer"])


def _counted_in(target: Target) -> str:
    if divided(target):
        return "分子、分母"
    if target.parts:
        return target.unit.split("/", maxsplit=1)[0]
    return "1 有、0 无" if target.counts_counties else target.unit


def _check(sheet: Any, count: int) -> None:
    """Let Excel check what is typed."""
    at = {column.key: place for place, column in enumerate(COLUMNS)}
    number = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": MOST}
    for key in ("part", "whole"):
        sheet.data_validation(1, at[key], count, at[key], {**number, "error_message": "请填写不小于 0 的数。"})
    days = {"validate": "date", "criteria": "between", "minimum": date(2020, 1, 1), "maximum": date(2099, 12, 31)}
    sheet.data_validation(1, at["day"], count, at["day"], {**days, "error_message": "请填写日期，例如 2025-06-30。"})
    files = ["正式文件", "统计报表", "工作台账"]
    loose = {"validate": "list", "source": files, "error_type": "information", "error_message": "也可以填写文件名称。"}
    sheet.data_validation(1, at["document"], count, at["document"], loose)


def _write_about(book: Any, city: City, plan: Plan, who: str) -> None:
    sheet = book.add_worksheet(ABOUT_SHEET)
    sheet.set_column(0, 0, 110)
    lines = [
        f"{city.name} 规划目标填报表：{who}", *([SYNTHETIC_NOTE] if city.synthetic else []),
        f"依据《{plan.title}》（{plan.number}）。由图层计算的目标不需要填报，不在表中。",
        "填写黄色表头的列；没有数值的行留空，留空即未报送，不会按 0 计。",
        "占比类目标填分子和分母，不要填百分数；其他目标只填数值，分母一列为灰色。",
        "分母已按数据中的单元数预填，与实际不符时请改为实际数。",
        "每一行填写了数值的，须写明数值截止日期、来源文件和填报人。",
        "同一目标、同一截止日期已经填报过而数值不同的，须写明更正原因；原来的填报会保留，不会被覆盖。",
        "填好后由数据管理员读回；发现的问题逐行列出，全部无误后才入库。",
        f"程序版本 {code_version()}",
    ]  # fmt: skip
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)
