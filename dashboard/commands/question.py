"""The options by which a subcommand is asked a question, and how they become a Query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from geodata.city import City
from geodata.elements import element
from geodata.errors import GeodataError
from geodata.groups import GROUPS
from geodata.schema import LEVEL_WORDS
from geodata.walkers import walkers
from layers.query import UNITS, VIEWS, Query

CELL_WORDS = ("格点", "网格点", "cells")
FALLBACK_MIN = 15.0


def _listed(pairs: Any) -> str:
    return "、".join(f"{key}（{title}）" for key, title in pairs)


@dataclass(frozen=True)
class Choice:
    """An option of the question: its flags, field of the Query, help, and what click needs to know beyond."""

    flags: tuple[str, ...]
    field: str
    help: str
    more: tuple[tuple[str, Any], ...] = ()


CHOICES: tuple[Choice, ...] = (
    Choice(("--element", "-e"), "element", "服务要素：键、名称或别名，见 elements 命令", (("required", True),)),
    Choice(
        ("--minutes", "-m"),
        "minutes",
        "步行时间（分钟，不超过 60）；默认取要素所属生活圈层级，没有层级的取 15",
        (("type", float),),
    ),
    Choice(("--walker", "-w"), "walker", f"步行者：{_listed((w.key, w.title) for w in walkers())}"),
    Choice(("--group", "-g"), "group", f"人群：{_listed((g.key, g.title) for g in GROUPS)}"),
    Choice(("--by",), "unit", f"统计单元：{_listed(UNITS.items())}"),
    Choice(("--speed",), "speed_m_s", "步行速度（米/秒），代替步行者的默认速度", (("type", float),)),
    Choice(
        ("--inclusive",),
        "inclusive",
        "上级设施可代替下级设施（默认按非包含规则不代替）",
        (("is_flag", True), ("default", None)),
    ),
)


def asks(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the question, the version and the snap limit to a subcommand."""
    return asking()(command)


def asking(*fields: str, **other: Mapping[str, Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds the options as :func:`asks` does, with other words (``help``, ``show_default``) for a field.

    With ``fields`` only the options of these fields of the question are added.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        command = click.option("--version", metavar="ID", help="数据版本；默认当前版本")(command)
        return choosing(*fields, **other)(snapping(command))

    return decorate


def choosing(*fields: str, **other: Mapping[str, Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds the options of these fields of the question, of all without any, and no others."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        defaults = {"walker": Query.walker, "group": Query.group, "unit": Query.unit}
        for choice in reversed([one for one in CHOICES if one.field in fields or not fields]):
            told = {"help": choice.help, "show_default": defaults.get(choice.field, False), **dict(choice.more)}
            command = click.option(*choice.flags, choice.field, **{**told, **other.get(choice.field, {})})(command)
        return command

    return decorate


def planning(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option of the scenario to a subcommand."""
    told = "在此方案下计算：编号@保存次数，或尚未保存的改动文件（*.json）；默认现状"
    return click.option("--scenario", metavar="方案", help=told)(command)


def snapping(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option of the snap limit to a subcommand."""
    return click.option(
        "--max-snap", type=float, metavar="米", help="接入道路的最大距离（米）；默认取设置"
    )(command)  # fmt: skip


def question(city: City, *, view: str = Query.view, circle: str = Query.circle, **given: Any) -> Query:
    """Return the Query of what was given on the command line; None stands for the default.

    Its scenario is that of the city, where it is saved.

    Raises
    ------
    UnknownKey
        a name that is in no catalogue
    UsageError
        a number out of its range
    """
    rule = element(city.catalogue, given["element"]) if given.get("element") else None
    values = {name: value for name, value in given.items() if value is not None and name != "element"}
    values["scenario"] = "" if city.scenario is None else city.scenario.reference
    if rule is not None:
        values = {"minutes": float(rule.minutes or FALLBACK_MIN), "element": rule.key, **values}
    if "unit" in values:
        values["unit"] = level_word(values["unit"])
    try:
        return Query(**{**values, "view": view, "circle": circle})
    except GeodataError as error:
        raise click.UsageError(str(error)) from error


def level_word(word: str) -> str:
    """Return the key of a unit level given by key, title or a usual spelling; the word itself where none fits."""
    words = {**{title: key for key, title in UNITS.items()}, **dict(LEVEL_WORDS), **dict.fromkeys(CELL_WORDS, "cell")}
    return words.get(word.strip(), word.strip())


def view_help() -> str:
    """Return the views with their titles, for help texts."""
    return _listed(VIEWS.items())
