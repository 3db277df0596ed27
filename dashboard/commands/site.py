"""``yikezhong site``: where new facilities should go, how good that is, and how well it is proven."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import shapely

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, geojson_text, records
from dashboard.commands.question import asking, planning
from dashboard.commands.site_explained import (
    EXPLAINED,
    NO_ELEMENT,
    cost_table,
    explained,
    explaining,
    facts_of,
    house_list,
    sizes_given,
    taken,
    written,
)
from dashboard.commands.spoken import SpokenCommand
from geodata.city import City
from geodata.elements import element
from geodata.errors import GeodataError
from layers.siting.answer import STATUSES
from layers.siting.ask import EXISTING, NODES, PRESETS, SITE_KINDS, SITES, STANDARD, Ask
from layers.siting.candidates import KINDS
from layers.siting.plan import Plan, plan
from layers.siting.plan_tables import CHOSEN_COLUMNS, chosen_table, plan_csv, plan_facts, plan_run, plan_xlsx
from layers.siting.problem import MODELS
from layers.siting.spots import spots_from

FALLBACK_MIN = 15.0
ON_A_TERMINAL = ("order", "id", "name", "kind", "gain", "people", "older", "children", "cost_wan")


def _listed(pairs: Mapping[Any, str]) -> str:
    return "、".join(f"{key}（{title}）" for key, title in pairs.items())


@dataclass(frozen=True)
class Choice:
    """An option: its flag, the field of the question, help, and what click needs to know beyond."""

    flag: str
    field: str
    help: str
    more: tuple[tuple[str, Any], ...] = ()


NUMBER, MANY = (("type", float),), (("multiple", True),)
CHOICES: tuple[Choice, ...] = (
    Choice(
        "--model",
        "model",
        f"模型：{_listed(MODELS)}",
        (("type", click.Choice([str(key) for key in MODELS])), ("default", "mclp"), ("show_default", True)),
    ),
    Choice("--count", "count", "新增处数（--fixed free 时含保留的现有设施）；lscp 不用", (("type", int),)),
    Choice("--budget", "budget_wan", "预算（万元）", NUMBER),
    Choice("--default-cost", "default_cost_wan", "没有费用的候选点按此费用计（万元）", NUMBER),
    Choice(
        "--candidates",
        "candidates",
        f"候选点：{SITES}（地块与闲置用房；只取一类写 {'、'.join(f'{SITES}:{kind}' for kind in SITE_KINDS)}）、"
        f"{NODES}:单元代码（其中全部路网节点），或点文件（CSV、XLSX、GeoJSON 等）",
        (("default", SITES), ("show_default", True)),
    ),
    Choice("--datum", "datum", "点文件的坐标系，文件自带时可省略，例如 WGS-84、GCJ-02"),
    Choice("--thin", "thin_m", "路网节点的最小间距（米），更密的剔除并计数", NUMBER),
    Choice(
        "--fixed",
        "existing",
        f"现有设施：existing（{EXISTING['fixed']}）、free（{EXISTING['free']}）、none（{EXISTING['none']}）",
        (("type", click.Choice(["existing", "free", "none"])), ("default", "existing"), ("show_default", True)),
    ),
    Choice("--within", "within", "只为此单元内的人口选址：单元代码"),
    Choice(
        "--weight",
        "weights",
        "人群权重，可多次使用：人群=权重，all=其余人群的权重；或方案名 "
        + _listed({key: title for key, (title, _) in PRESETS.items()}),
        MANY,
    ),
    Choice("--require", "required", "必选的候选点编号，可多次使用", MANY),
    Choice("--forbid", "forbidden", "禁选的候选点编号，可多次使用", MANY),
    Choice("--capacity", "capacity", "单处可服务的人数", NUMBER),
    Choice("--existing-capacity", "existing_capacity", "数据没有容量的现有设施按此人数计", NUMBER),
    Choice(
        "--min-area", "min_area_m2", f"最小面积（㎡），或 {STANDARD}（要素目录所定）；用房按建筑面积，地块按用地面积"
    ),
    Choice("--apart", "apart_m", "新增设施之间及与保留的现有设施的最小直线距离（米）", NUMBER),
    Choice("--quota", "quotas", "单元内新增处数，可多次使用：单元代码=至少，或 单元代码=至少:至多", MANY),
    Choice("--beside", "beside", "须毗邻另一要素的现有设施：要素=直线距离（米）"),
    Choice("--also", "also", "综合体的其他功能，可多次使用：要素，或 要素=权重", MANY),
    Choice("--gap", "goal_gap", "与最优值的差距不超过此比例即停止，0 为求到最优", NUMBER),
    Choice("--time-limit", "time_limit_s", "求解时间上限（秒），到时给出已找到的最好方案及其界", NUMBER),
    Choice("--seed", "seed", "搜索的随机种子", (("type", int),)),
)


def siting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a siting question, the version and the snap limit to a subcommand."""
    for choice in reversed(CHOICES):
        command = click.option(choice.flag, choice.field, help=choice.help, **dict(choice.more))(command)
    return asking("element", "minutes", "walker", "speed_m_s", "inclusive", element={"required": False})(command)


def asked(city: City, given: Mapping[str, Any]) -> Ask:
    """Return the question that was put by the options; None and () stand for the default.

    Raises
    ------
    UsageError
        A value does not fit, or two contradict each other.
    GeodataError
        The file of candidates is refused, or there is no such element.
    """
    told = {name: value for name, value in given.items() if value not in (None, (), "") and name not in EXPLAINED}
    datum, rule = told.pop("datum", None), element(city.catalogue, str(told["element"]))
    told = {"minutes": float(rule.minutes or FALLBACK_MIN), **told, "element": rule.key}
    told["existing"] = {"existing": "fixed"}.get(told["existing"], told["existing"])
    told["candidates"] = _candidates(str(told["candidates"]), datum)
    try:
        return Ask(**{name: PARTS[name](value) if name in PARTS else value for name, value in told.items()})
    except GeodataError as error:
        raise click.UsageError(str(error)) from error


def _candidates(word: str, datum: str | None) -> Any:
    """Return a word for candidates of the data as it is; read anything else as a file."""
    if word.partition(":")[0] in (SITES, NODES) and not Path(word).exists():
        if datum:
            raise click.UsageError("--datum 只用于点文件。")
        return word
    return spots_from(word, reference=datum)


def _parted(text: str, *, sign: str = "=") -> tuple[str, str]:
    name, _, value = text.partition(sign)
    return name.strip(), value.strip()


def _number(text: str, *, of: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise click.UsageError(f"「{of}」不可用；需要 名称=数。") from error


def _weights(texts: tuple[str, ...]) -> Any:
    if len(texts) == 1 and "=" not in texts[0]:
        return texts[0].strip()
    return tuple((name, _number(value, of=text)) for text in texts for name, value in [_parted(text)])


def _quotas(texts: tuple[str, ...]) -> Any:
    made = []
    for text in texts:
        code, value = _parted(text)
        least, most = _parted(value, sign=":")
        made.append((code, _number(least, of=text), _number(most, of=text) if most else None))
    return tuple(made)


def _beside(text: str) -> Any:
    name, value = _parted(text)
    return (name, _number(value, of=text))


def _also(texts: tuple[str, ...]) -> Any:
    parted = [(text, *_parted(text)) for text in texts]
    return tuple((name, _number(value, of=text)) if value else (name,) for text, name, value in parted)


def _area(text: str) -> Any:
    return text if text == STANDARD else _number(text, of=text)


PARTS: dict[str, Callable[[Any], Any]] = {
    "weights": _weights, "quotas": _quotas, "beside": _beside, "also": _also, "min_area_m2": _area,
}  # fmt: skip


def _as_table(city: City, found: Plan) -> str:
    frame = chosen_table(found)
    columns = [column for key in ON_A_TERMINAL for column in CHOSEN_COLUMNS if column.key == key]
    body = aligned(frame.assign(kind=frame["kind"].map(KINDS)), columns) if len(frame) else ""
    proof = f"{STATUSES[found.answer.status]}，用时 {found.answer.seconds:.1f} 秒"
    lines = "\n".join(found.sentences)
    return f"{body}\n{lines}\n{proof}\n计算编号 {plan_run(city, found.ask)}\n"


def _as_json(city: City, found: Plan) -> str:
    facts = {**plan_facts(city, found), "rows": records(chosen_table(found))}
    return json.dumps(facts, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _as_geojson(city: City, found: Plan) -> str:
    frame = chosen_table(found)
    return geojson_text(frame, list(shapely.points(frame[["lon", "lat"]].to_numpy())), about=plan_facts(city, found))


def _as_edits(found: Plan) -> str:
    return json.dumps([one.to_dict() for one in found.edits()], ensure_ascii=False, allow_nan=False, indent=1) + "\n"


FORMATS: dict[str, Callable[[City, Plan], bytes]] = {
    "table": lambda city, found: _as_table(city, found).encode(),
    "json": lambda city, found: _as_json(city, found).encode(),
    "geojson": lambda city, found: _as_geojson(city, found).encode(),
    "csv": lambda _city, found: csv_text(chosen_table(found)).encode(),
    "sheet": plan_csv,
    "xlsx": plan_xlsx,
    "edits": lambda _city, found: _as_edits(found).encode(),
}

HELP = """选址：新增设施放在哪里最好，好到什么程度，是否已证明。

输出目标值 value、界 bound（任何方案都不会更好）、差距 gap、选中的点 chosen 及其边际收益 gains，
新增可达人口（总、60 岁及以上、0–14 岁）、公平性的前后对比和可并入方案的改动 edits。
csv 为选中的点一行一处；sheet 为中文表头的 CSV，xlsx 为工作簿，二者另含结果和求解过程。
edits 只含改动，可交给 scenario create --edits。
--near-ties、--why-not、--infeasible、--phases、--curve、--budget-curve、--measures、--assets 输出解释和比较，一次一个。
"""


@click.command("site", cls=SpokenCommand, help=HELP)
@siting
@explaining
@planning
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def command(
    console: Console, /, form: str, out: str | None, version: str | None, scenario: str | None, **given: Any
) -> None:
    """Print the plan of one question, or what else is asked of it."""
    wanted = taken(given)
    if not given["element"] and not NO_ELEMENT & wanted.keys():
        raise click.UsageError("缺少选项 '--element' / '-e'。")
    if "show_unit_costs" in wanted:
        deliver(cost_table(), out)
        return
    snap = given.pop("max_snap")
    city = console.city(version, max_snap_m=snap, scenario=scenario)
    if "assets" in wanted:
        found, facts = house_list(city, wanted["assets"], given)
        deliver(written(city, found, facts, form), out)
        return
    ask = asked(city, {**given, **sizes_given(given, wanted)})
    if wanted:
        planned = city.scenario is not None and "measures" in wanted
        base = console.city(city.base, max_snap_m=snap) if planned else None
        deliver(written(city, explained(city, ask, wanted, base=base), facts_of(ask, wanted), form), out)
        return
    deliver(FORMATS[form](city, plan(city, ask)), out)
