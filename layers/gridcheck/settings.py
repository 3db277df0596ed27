"""The settings of the check of service grids: one record each, with unit, source of the default, and how sure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from geodata.errors import GeodataError, UnknownKey

PLAN = "市政办发〔2022〕44号 三(二)3"
MODERATE = f"{PLAN}「规模适度」未给出数值；本项目设定"
CODING = "GB/T 34300-2017 未能核对原文：12 位区划代码加网格顺序码"


@dataclass(frozen=True)
class CheckSettings:
    """What the check holds grids against; 0 in a band or a limit of households or people means: not judged.

    Units are those of the records in :data:`GRID_SETTINGS`; the class carries the defaults.
    """

    tolerance_m: float = 0.05
    tolerance_m2: float = 1.0
    sliver_width_m: float = 3.0
    code_digits: float = 3.0
    urban_households_least: float = 100.0
    urban_households_most: float = 700.0
    rural_households_least: float = 50.0
    rural_households_most: float = 700.0
    people_least: float = 0.0
    people_most: float = 0.0
    workers_per_grid: float = 1.0
    households_per_worker_most: float = 0.0
    households_wanted: float = 400.0

    def __post_init__(self) -> None:
        for one in GRID_SETTINGS:
            one.check(getattr(self, one.key))


@dataclass(frozen=True)
class GridSetting:
    """A setting: key in :class:`CheckSettings`, title, unit, range, step on screen, source, status, and what it means.

    ``status`` is a key of :data:`geodata.elements.STATUSES`. ``whole`` settings take whole numbers only.
    """

    key: str
    title: str
    unit: str
    least: float
    most: float
    step: float
    source: str
    status: str
    help: str
    whole: bool = False

    @property
    def default(self) -> float:
        """Value where nothing else is said."""
        return float(getattr(CheckSettings, self.key))

    def check(self, value: float) -> None:
        """Raise GeodataError unless ``value`` is a number in range."""
        kind = "整数" if self.whole else "数"
        fits = isinstance(value, (int, float)) and math.isfinite(value) and self.least <= value <= self.most
        if not fits or (self.whole and value != int(value)):
            raise GeodataError(
                f"网格检查设置「{self.title}」不可用：{value}；"
                f"需要 {self.least:g} 至 {self.most:g} {self.unit}的{kind}。"
            )


_NONE = "；0 为不判定"
GRID_SETTINGS: tuple[GridSetting, ...] = (
    GridSetting(
        "urban_households_least",
        "城市网格最少户数",
        "户",
        0,
        2000,
        10,
        MODERATE,
        "unverified",
        "常见提法为 300—500 户（未核实），低于其三分之一的才列为问题；整个社区只有一个网格的不判" + _NONE,
        whole=True,
    ),
    GridSetting(
        "urban_households_most",
        "城市网格最多户数",
        "户",
        0,
        5000,
        10,
        MODERATE,
        "unverified",
        "常见提法为 300—500 户（未核实），超过上限四成的才列为问题" + _NONE,
        whole=True,
    ),
    GridSetting(
        "rural_households_least",
        "农村网格最少户数",
        "户",
        0,
        2000,
        10,
        MODERATE,
        "unverified",
        "农村按村民小组、自然村划分，只列出明显过小的；整个村只有一个网格的不判" + _NONE,
        whole=True,
    ),
    GridSetting(
        "rural_households_most",
        "农村网格最多户数",
        "户",
        0,
        5000,
        10,
        MODERATE,
        "unverified",
        "农村按村民小组、自然村划分，暂取与城市相同的上限" + _NONE,
        whole=True,
    ),
    GridSetting(
        "people_least",
        "网格最少人口",
        "人",
        0,
        10_000,
        50,
        MODERATE,
        "unverified",
        "默认不按人口判定" + _NONE,
        whole=True,
    ),
    GridSetting(
        "people_most",
        "网格最多人口",
        "人",
        0,
        20_000,
        50,
        MODERATE,
        "unverified",
        "常见提法为 1000 人左右（未核实），默认不按人口判定" + _NONE,
        whole=True,
    ),
    GridSetting(
        "workers_per_grid",
        "每个网格的网格员数",
        "名",
        1,
        10,
        1,
        f"{PLAN}「配齐配强网格员队伍」，按一格一员理解",
        "derived",
        "少于此数为未配齐，多于此数为重复配备",
        whole=True,
    ),
    GridSetting(
        "households_per_worker_most",
        "每名网格员最多户数",
        "户",
        0,
        5000,
        10,
        f"{PLAN}未给出数值",
        "unverified",
        "默认不判定" + _NONE,
        whole=True,
    ),
    GridSetting(
        "households_wanted",
        "拆分后每个网格的户数",
        "户",
        50,
        2000,
        10,
        MODERATE,
        "unverified",
        "只用于修复：拆分过大的网格时，各部分接近此数",
        whole=True,
    ),
    GridSetting(
        "sliver_width_m",
        "细碎图形的宽度",
        "米",
        0.1,
        50,
        0.5,
        "本项目设定",
        "derived",
        "最宽处不超过此数的重叠、空隙和越界列为细碎图形，一般是描绘误差",
    ),
    GridSetting(
        "tolerance_m",
        "边界容差",
        "米",
        0.001,
        5,
        0.01,
        "本项目设定",
        "derived",
        "最宽处不超过此数的重叠、空隙和越界视为边界一致：同一条线的折点不同或经过坐标换算",
    ),
    GridSetting(
        "tolerance_m2", "面积容差", "㎡", 0.01, 1000, 1, "本项目设定", "derived", "小于此面积的重叠、空隙和越界不列出"
    ),
    GridSetting(
        "code_digits",
        "网格顺序码位数",
        "位",
        1,
        8,
        1,
        CODING,
        "recall",
        "网格编码为所属社区 12 位区划代码加此位数的顺序码",
        whole=True,
    ),
)
_BY_KEY = {one.key: one for one in GRID_SETTINGS}


def grid_setting(key: str) -> GridSetting:
    """Return a setting by key or title; raises UnknownKey."""
    found = _BY_KEY.get(key) or next((one for one in GRID_SETTINGS if one.title == key), None)
    if found is None:
        raise UnknownKey(f"没有网格检查设置「{key}」；可用的设置：{'、'.join(_BY_KEY)}。")
    return found


def check_settings(values: Mapping[str, float]) -> CheckSettings:
    """Return the defaults with some values (by key or title) changed; raises UnknownKey, GeodataError."""
    return replace(CheckSettings(), **{grid_setting(key).key: float(value) for key, value in values.items()})


def settings_from_words(text: str) -> CheckSettings:
    """Read ``key:value,key:value``; what is unknown, no number or out of range keeps its default."""
    kept: dict[str, float] = {}
    for word in text.split(","):
        key, _, value = word.partition(":")
        try:
            number = float(value)
            _BY_KEY[key].check(number)
        except (KeyError, ValueError, GeodataError):
            continue
        kept[key] = number
    return replace(CheckSettings(), **kept)


def words_of_settings(settings: CheckSettings) -> str:
    """Return the changed settings as ``key:value,key:value``, "" for the defaults; reads back as the same settings."""
    usual = asdict(CheckSettings())
    changed = {key: value for key, value in asdict(settings).items() if value != usual[key]}
    return ",".join(f"{key}:{float(value):.12g}" for key, value in changed.items())
