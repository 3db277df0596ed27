"""Explanations of siting as tables to take away: for the screen, for CSV and workbooks with Chinese headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from geodata.city import City
from geodata.edits import Edit
from layers.captions import REVIEW_MARK, REVIEW_NUMBER, Caption, provisos, sources
from layers.run import code_version, id_of
from layers.sheets import Column, Sheet, csv_of, xlsx_of
from layers.siting.ask import Ask
from layers.siting.assets import ASSET_COLUMNS, SET_COLUMNS, Assets
from layers.siting.curve import CURVE_COLUMNS, Curve
from layers.siting.explain import TIE_COLUMNS, NearTies
from layers.siting.infeasible import LOST_COLUMNS, RELAXATION_COLUMNS, Infeasible
from layers.siting.measure_words import CHOICE_COLUMNS, MEASURE_COLUMNS, choice_table, cost_words
from layers.siting.measures import Measures
from layers.siting.phases import PHASE_COLUMNS, Phases
from layers.siting.why_not_words import FIGURES, WhyNot

STEP_COLUMNS: tuple[Column, ...] = (
    Column("minutes", "步行时间（分钟）", "number"),
    Column("people", "仍不可达人口", "count"),
)
SITE_COLUMNS: tuple[Column, ...] = (
    Column("order_title", "嵌套方式"),
    Column("phase", "期", "count"),
    Column("id", "编号"),
    Column("name", "名称"),
    Column("cost_wan", "费用（万元）", "number"),
    Column("lon", "经度", help="度，WGS-84"),
    Column("lat", "纬度", help="度，WGS-84"),
)


@dataclass(frozen=True, eq=False)
class Explained:
    """An explanation ready to be told.

    Attributes
    ----------
    title : in Chinese
    sheets : its tables, the main one first; columns ``lon, lat`` of that, where it has them, are degrees
    sentences : in Chinese
    facts : what a program may want beside the rows, as plain values
    edits : the edits that make what is proposed; empty where nothing is
    """

    title: str
    sheets: tuple[Sheet, ...]
    sentences: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()


def told_ties(found: NearTies) -> Explained:
    """Return near-ties as tables."""
    facts = {"share": found.share, "complete": found.complete}
    return Explained("近优替换点", (Sheet("近优替换点", found.frame, TIE_COLUMNS),), found.sentences, facts)


def told_point(found: WhyNot) -> Explained:
    """Return what a point would do as a table."""
    facts = {"lon": found.lon, "lat": found.lat, "weakest": found.weakest, "candidate": found.candidate}
    facts |= {"place": found.place, "barred": list(found.barred)}
    return Explained("为什么不选此处", (Sheet("此处", found.frame(), FIGURES),), (found.sentence,), facts)


def told_infeasible(found: Infeasible) -> Explained:
    """Return whom nothing covers, and the relaxations, as tables."""
    sheets = (
        Sheet("不能覆盖的人口", found.frame, LOST_COLUMNS),
        Sheet("最小放宽", found.table(), RELAXATION_COLUMNS),
        Sheet("放宽步行时间", found.steps, STEP_COLUMNS),
    )
    facts = {"people": found.people, "beyond": found.beyond, "relaxations": [asdict(one) for one in found.relaxations]}
    return Explained("不能覆盖的人口与最小放宽", sheets, found.sentences, facts)


def told_phases(found: Phases) -> Explained:
    """Return nested plans as tables."""
    titles = found.frame.drop_duplicates("order").set_index("order")["order_title"]
    sites = found.sites.assign(order_title=found.sites["order"].map(titles))
    sheets = (Sheet("分期", found.frame, PHASE_COLUMNS), Sheet("各期点位", sites, SITE_COLUMNS))
    return Explained("分期方案与嵌套的代价", sheets, found.sentences, {"best": found.best})


def told_curve(found: Curve) -> Explained:
    """Return a curve as a table."""
    facts = {"by": found.by, "before": found.before, "people": found.people, "complete": found.complete}
    word = "数量" if found.by == "count" else "预算"
    return Explained(f"效果随{word}变化", (Sheet("曲线", found.frame, CURVE_COLUMNS),), found.sentences, facts)


def told_measures(found: Measures) -> Explained:
    """Return measures as tables: alone, and the choices for the budget."""
    ranking = found.ranking.assign(cost_status=found.ranking["cost_status"].map(cost_words))
    sheets = [Sheet("措施排序", ranking, MEASURE_COLUMNS)]
    for name, one in (("组合", found.mixed), ("只建设施", found.facilities_only), ("只改路网", found.measures_only)):
        if one is not None:
            sheets.append(Sheet(name, choice_table(one), CHOICE_COLUMNS))
    mixed = found.mixed
    facts = {
        "before": found.before,
        "people": found.people,
        "mixed": [] if mixed is None else [one.id for one in mixed.offers],
        "mixed_gain": None if mixed is None else mixed.gain,
        "mixed_confirmed": mixed is not None and found.mixed_gain == mixed.gain,
        "left_out": found.left_out,
        "unverified": list(found.unverified),
    }
    return Explained("路网措施与新建设施比较", tuple(sheets), found.sentences, facts, found.edits())


def told_assets(found: Assets) -> Explained:
    """Return idle houses as tables."""
    sheets = (Sheet("闲置用房", found.frame, ASSET_COLUMNS), Sheet("组合", found.sets, SET_COLUMNS))
    facts = {
        "unit": found.unit,
        "rule": found.rule.key,
        "gap_m2": found.gap_m2,
        "chosen": list(found.chosen),
        "missing_m2": found.missing_m2,
        "cheapest": list(found.cheapest),
        "left_out": found.left_out,
    }
    return Explained(f"{found.name}的闲置用房与面积缺口", sheets, found.sentences, facts)


def explained_run(city: City, asked: Mapping[str, Any]) -> str:
    """Return the id of the run: data version, code version, and what was asked, as plain values."""
    return id_of({"data": city.version, "code": code_version(), "explained": dict(asked)})


def asked_facts(ask: Ask, **more: Any) -> dict[str, Any]:
    """Return a question and what is asked of it, with the walker's figures, as plain values."""
    return {**ask.to_dict(), "walker_figures": asdict(ask.who()), **more}


def explained_caption(city: City, found: Explained, run: str) -> Caption:
    """Return the words around the tables of an explanation."""
    return Caption(
        title=found.title,
        subtitle=found.sentences[0].rstrip("。") if found.sentences else "",
        source=f"数据来源：{sources(city)}；数据版本 {city.version}",
        run=f"计算编号 {run}（程序版本 {code_version()}）",
        marks=(*provisos(city), REVIEW_MARK, REVIEW_NUMBER),
        notes=found.sentences,
    )


def explained_csv(city: City, found: Explained, run: str) -> bytes:
    """Return the tables of an explanation as CSV for spreadsheets."""
    return csv_of(_placed(found), explained_caption(city, found, run))


def explained_xlsx(city: City, found: Explained, run: str) -> bytes:
    """Return the tables of an explanation as a workbook."""
    return xlsx_of(_placed(found), explained_caption(city, found, run))


def _placed(found: Explained) -> list[Sheet]:
    """Return the tables with degrees as text of six decimals."""
    return [Sheet(one.name, _with_degrees(one.frame), one.columns) for one in found.sheets]


def _with_degrees(frame: pd.DataFrame) -> pd.DataFrame:
    shown = {name: [f"{value:.6f}" for value in frame[name]] for name in ("lon", "lat") if name in frame}
    return frame.assign(**{name: pd.array(values, dtype="str") for name, values in shown.items()})
