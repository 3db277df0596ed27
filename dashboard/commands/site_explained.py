"""What ``yikezhong site`` tells besides the plan: near-ties, a point, the infeasible, phases, curves, measures, houses.

One of these options at a time; without any of them the command prints the plan itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import shapely

from dashboard.commands.formats import aligned, csv_text, geojson_text, records
from geodata.city import City
from geodata.scenario import read_edits
from layers.query import Query
from layers.siting.ask import Ask
from layers.siting.assets import assets
from layers.siting.curve import curve
from layers.siting.explain import SHARE, near_ties
from layers.siting.explained import (
    Explained,
    asked_facts,
    explained_csv,
    explained_run,
    explained_xlsx,
    told_assets,
    told_curve,
    told_infeasible,
    told_measures,
    told_phases,
    told_point,
    told_ties,
)
from layers.siting.infeasible import infeasible_demand
from layers.siting.measures import CONFIRMED, measures
from layers.siting.phases import COUNTS, phases
from layers.siting.plan import Plan, plan
from layers.siting.unit_costs import UNIT_COSTS_FILE, read_unit_costs
from layers.siting.why_not import why_not

LONGEST = 200


@dataclass(frozen=True)
class Way:
    """One way to explain: its flag, the name of its value, help, and what click needs to know beyond."""

    flag: str
    field: str
    help: str
    more: tuple[tuple[str, Any], ...] = ()


FLAG = (("is_flag", True),)
WAYS: tuple[Way, ...] = (
    Way(
        "--near-ties",
        "near_ties",
        f"近优替换点：以不超过此比例的损失可替换各选中点的候选点（不写数为 {SHARE:g}）",
        (("is_flag", False), ("flag_value", str(SHARE)), ("metavar", "[比例]")),
    ),
    Way("--why-not", "why_not", "为什么不选此处：任一点的作用和不选的原因", (("metavar", "经度,纬度"),)),
    Way("--infeasible", "infeasible", "不能覆盖的人口、离得多远，以及最小的放宽（分钟、处数、预算）", FLAG),
    Way(
        "--phases",
        "phases",
        f"分期：近期包含于远期的方案和嵌套的代价（不写数为 {','.join(map(str, COUNTS))}）",
        (("is_flag", False), ("flag_value", ",".join(map(str, COUNTS))), ("metavar", "[处数,处数…]")),
    ),
    Way("--curve", "curve", "效果随处数变化的曲线，如 1-10 或 1,2,5", (("metavar", "处数"),)),
    Way("--budget-curve", "budget_curve", "效果随预算变化的曲线，如 50,100,200（万元）", (("metavar", "万元"),)),
    Way("--measures", "measures", "路网措施（开门、过街、打通）与新建设施按每万元新增人口比较，--budget 内组合", FLAG),
    Way(
        "--assets", "assets", "闲置用房能补足该村（社区）每百户面积缺口多少；不用 --element", (("metavar", "单元代码"),)
    ),
    Way(
        "--show-unit-costs",
        "show_unit_costs",
        "输出内置的措施单价表（YAML），按本地造价修改后用 --unit-costs 读入",
        FLAG,
    ),
)
NO_ELEMENT = frozenset({"assets", "show_unit_costs"})
"""Options for which no element is asked."""
BESIDE: tuple[Way, ...] = (
    Way(
        "--give",
        "given",
        "自定的措施：改动的 JSON 文件（见 scenario 命令），与 --measures 同用",
        (("metavar", "文件"),),
    ),
    Way(
        "--unit-costs",
        "unit_costs",
        "措施单价表（YAML），代替未经核实的占位值，与 --measures 同用",
        (("metavar", "文件"),),
    ),
    Way(
        "--confirm",
        "confirm",
        f"完整重算确认排在最前的几项，与 --measures 同用；默认 {CONFIRMED}",
        (("type", click.IntRange(0, 50)),),
    ),
)

EXPLAINED: frozenset[str] = frozenset(way.field for way in (*WAYS, *BESIDE))
"""Options that are no part of the question itself."""


def explaining(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that ask for an explanation to a subcommand."""
    for way in reversed((*WAYS, *BESIDE)):
        command = click.option(way.flag, way.field, help=way.help, **dict(way.more))(command)
    return command


def taken(given: dict[str, Any]) -> dict[str, Any]:
    """Take the options of explanations out of what was given on the command line, those that were not used apart."""
    found = {way.field: given.pop(way.field) for way in (*WAYS, *BESIDE)}
    found = {name: value for name, value in found.items() if value is not None and value is not False}
    ways = [way for way in WAYS if way.field in found]
    if len(ways) > 1:
        raise click.UsageError(f"{'、'.join(way.flag for way in ways)} 只能使用一个。")
    extra = [way.flag for way in BESIDE if way.field in found]
    if extra and "measures" not in found:
        raise click.UsageError(f"{'、'.join(extra)} 只与 --measures 同用。")
    return found


def sizes_given(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the number of sites that a question lacks because the explanation itself tells it."""
    if given.get("count") is not None or given.get("model") == "lscp":
        return {}
    if "curve" in wanted or "phases" in wanted:
        return {"count": max(_counts(wanted.get("curve") or wanted["phases"]))}
    if "budget_curve" in wanted and given.get("budget_wan") is None:
        return {"budget_wan": max(_numbers(wanted["budget_curve"]))}
    if "measures" in wanted and given.get("budget_wan") is None:
        return {"count": 1}
    return {}


def explained(city: City, ask: Ask, wanted: Mapping[str, Any], *, base: City | None = None) -> Explained:
    """Return the explanation that is wanted of a question; ``base`` of a city under a scenario confirms measures."""
    alone: dict[str, Callable[[Any], Explained]] = {
        "measures": lambda _: _measures(city, ask, wanted, base=base),
        "curve": lambda text: told_curve(curve(city, ask, counts=_counts(text))),
        "budget_curve": lambda text: told_curve(curve(city, ask, budgets=_numbers(text))),
        "phases": lambda text: told_phases(phases(city, ask, _counts(text))),
    }
    of_plan: dict[str, Callable[[Plan, Any], Explained]] = {
        "near_ties": lambda found, text: told_ties(near_ties(found, _share(text))),
        "why_not": lambda found, text: told_point(why_not(city, found, *_point(text))),
        "infeasible": lambda found, _: told_infeasible(infeasible_demand(city, found)),
    }
    for name, made in alone.items():
        if name in wanted:
            return made(wanted[name])
    (name,) = [one for one in of_plan if one in wanted]
    return of_plan[name](plan(city, ask), wanted[name])


def cost_table() -> bytes:
    """Return the packaged table of unit costs, to be edited."""
    return UNIT_COSTS_FILE.read_bytes()


def house_list(city: City, unit: str, given: Mapping[str, Any]) -> tuple[Explained, dict[str, Any]]:
    """Return the idle houses for a community, and what was asked; minutes, walker and speed may be given."""
    known = {name: given[name] for name in ("walker", "speed_m_s") if given.get(name) is not None}
    minutes = float(given.get("minutes") or 15.0)
    query = Query(**known)
    found = assets(city, unit.strip(), query, minutes=minutes)
    return told_assets(found), {"assets": unit, "minutes": minutes, "walker": query.walker, **known}


def written(city: City, found: Explained, asked: Mapping[str, Any], form: str) -> bytes:
    """Return an explanation in a format.

    Raises
    ------
    UsageError
        It has no places, so it cannot be GeoJSON; or it proposes nothing, so it has no edits.
    """
    run = explained_run(city, asked)
    forms: dict[str, Callable[[], bytes]] = {
        "table": lambda: _as_table(city, found, run).encode(),
        "json": lambda: _as_json(found, _about(city, found, asked, run)).encode(),
        "csv": lambda: csv_text(found.sheets[0].frame).encode(),
        "geojson": lambda: _as_geojson(found, _about(city, found, asked, run)).encode(),
        "sheet": lambda: explained_csv(city, found, run),
        "xlsx": lambda: explained_xlsx(city, found, run),
        "edits": lambda: _as_edits(found).encode(),
    }
    return forms[form]()


def _about(city: City, found: Explained, asked: Mapping[str, Any], run: str) -> dict[str, Any]:
    """Return what an explanation is about, as plain values."""
    data = {"city": city.name, "synthetic": city.synthetic, "version": city.version, "run": run, "title": found.title}
    data |= {"scenario": "" if city.scenario is None else city.scenario.mark}
    edits = {"edits": [one.to_dict() for one in found.edits]} if found.edits else {}
    told = {**data, "ask": dict(asked), **found.facts, "sentences": list(found.sentences), **edits}
    return {name: _plain(value) for name, value in told.items()}


def _as_json(found: Explained, about: Mapping[str, Any]) -> str:
    """Return the main table as rows and the others by their names."""
    main, *rest = found.sheets
    told = {**about, "rows": records(main.frame), "tables": {one.name: records(one.frame) for one in rest}}
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _as_edits(found: Explained) -> str:
    if not found.edits:
        raise click.UsageError(f"「{found.title}」没有可并入方案的改动；edits 用于方案本身和有预算的 --measures。")
    return json.dumps([one.to_dict() for one in found.edits], ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _as_geojson(found: Explained, about: Mapping[str, Any]) -> str:
    frame = found.sheets[0].frame
    if "lon" not in frame:
        raise click.UsageError(f"「{found.title}」没有点位，不能输出 geojson；可用 table、json、csv、sheet、xlsx。")
    return geojson_text(frame, list(shapely.points(frame[["lon", "lat"]].to_numpy())), about=about)


def _as_table(city: City, found: Explained, run: str) -> str:
    """Return all tables and sentences for a terminal; places are left to the other formats."""
    parts = []
    for one in found.sheets:
        columns = [column for column in one.columns if column.key not in ("lon", "lat")]
        cut = f"（前 {LONGEST} 行，共 {len(one.frame)} 行）\n" if len(one.frame) > LONGEST else ""
        body = aligned(one.frame.head(LONGEST), columns) if len(one.frame) else "（无）\n"
        parts.append(f"{one.name}\n{body}{cut}")
    mark = [] if city.scenario is None else [city.scenario.mark]
    return "\n".join([*parts, "\n".join((*mark, *found.sentences)), f"计算编号 {run}\n"])


def _plain(value: Any) -> Any:
    """Return a value as JSON takes it: what is missing or infinite is null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _measures(city: City, ask: Ask, wanted: Mapping[str, Any], *, base: City | None) -> Explained:
    own, costs = wanted.get("given"), wanted.get("unit_costs")
    found = measures(
        city,
        ask,
        given=() if own is None else read_edits(_read(own), file=Path(own).name),
        costs=None if costs is None else read_unit_costs(_read(costs)),
        confirm=wanted.get("confirm", CONFIRMED),
        base=base,
    )
    return told_measures(found)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"不能读取文件 {path}：需要 UTF-8 文本文件。") from error


def _counts(text: str) -> list[int]:
    """Return whole numbers: ``1-10``, ``1,2,5`` or both together."""
    made: list[int] = []
    for part in text.replace("，", ",").split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or (dash and int(last) - int(first) > LONGEST):
            raise click.UsageError(f"处数「{text}」不可用；需要如 1-10 或 1,2,5 的整数。")
        made += range(int(first), int(last or first) + 1)
    return made


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.replace("，", ",").split(",")]
    except ValueError as error:
        raise click.UsageError(f"「{text}」不可用；需要用逗号分开的数。") from error


def _share(text: str) -> float:
    (share,) = _numbers(text) if len(_numbers(text)) == 1 else (float("nan"),)
    return share


def _point(text: str) -> tuple[float, float]:
    numbers = _numbers(text)
    if len(numbers) != 2 or not (-180 <= numbers[0] <= 180 and -90 <= numbers[1] <= 90):
        raise click.UsageError(f"位置「{text}」不可用；需要 经度,纬度。")
    return numbers[0], numbers[1]


def facts_of(ask: Ask, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was asked, as plain values, for the run; the contents of files count, not their names."""
    files = {name: _read(wanted[name]) for name in ("given", "unit_costs") if name in wanted}
    return asked_facts(ask, **{**wanted, **files})
