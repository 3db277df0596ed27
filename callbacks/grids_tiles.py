"""The headline figures of the page of service grids, each with its definition, basis and how sure that is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from callbacks.captions import status_title
from callbacks.grids_view import View
from geodata.city import City
from layers.captions import provisos
from layers.gridcheck import faults
from layers.gridcheck.kinds import SEVERITIES
from layers.gridcheck.layout import Layout, layout_of
from layers.gridcheck.settings import PLAN, CheckSettings, grid_setting
from layers.wording import percent

Row = dict[str, Any]


def tile_rows(city: City, view: View) -> list[Row]:
    """Return the six headline figures of the whole city; each has a line of ``note`` and the rows of its definition."""
    here, settings = layout_of(city), view.settings()
    found = faults(city, settings)
    kinds: dict[Any, int] = found["kind"].value_counts().to_dict()
    rows = [
        _grids(here),
        _communities(here),
        _faults(found),
        _workers(here, settings, kinds),
        _households(here),
        _moderate(here, settings, kinds),
    ]
    return [{**row, "rows": [*row["rows"], *_about(city)]} for row in rows]


def _about(city: City) -> list[tuple[str, str]]:
    facts = city.layers.get("grids", {})
    about = [("数据版本", f"{city.version}（网格图层 {facts.get('layer_version', '—')}）")]
    return [*about, *(("提示", words) for words in provisos(city))]


def _tile(title: str, *rows: tuple[str, str], value: str, unit: str, note: str, definition: str) -> Row:
    return {"title": title, "value": value, "unit": unit, "note": note, "definition": definition, "rows": list(rows)}


def _grids(here: Layout) -> Row:
    named = len({int(home) for home in here.home if home >= 0})
    return _tile(
        "服务网格",
        ("归属", "按填写的社区代码；未填写的按编码前 12 位；填写的代码不存在的按主要位置"),
        value=f"{here.count:,}",
        unit="个",
        note=f"分属 {named:,} 个村（社区）",
        definition="网格图层中的全部记录，含图形有问题的",
    )


def _communities(here: Layout) -> Row:
    whole = len(here.communities.code)
    there = len({int(home) for home in here.home if home >= 0})
    return _tile(
        "已划网格的村（社区）",
        ("依据", f"{PLAN}：无缝覆盖"),
        ("占比", percent(there / whole) if whole else "无法计算：缺少村（社区）单元"),
        value=f"{there:,}",
        unit=f"/ {whole:,}",
        note=f"未划网格 {whole - there:,} 个",
        definition="至少有一个网格归属的村（社区）数，与单元图层中的全部村（社区）数",
    )


def _faults(found: pd.DataFrame) -> Row:
    severity = found["severity"].value_counts()
    return _tile(
        "问题",
        ("依据", f"{PLAN}：规模适度、界限清晰、无缝覆盖"),
        ("程度", "按问题类别确定，是本项目的划分"),
        value=f"{len(found):,}",
        unit="项",
        note=" · ".join(f"{title} {int(severity.get(key, 0)):,}" for key, title in SEVERITIES.items()),
        definition="按当前检查设置发现的全部问题，一处一项；类别见左侧列表",
    )


def _workers(here: Layout, settings: CheckSettings, kinds: dict[Any, int]) -> Row:
    asked = grid_setting("workers_per_grid")
    known = bool(np.isfinite(here.workers).any())
    return _tile(
        "未配齐网格员",
        ("依据", f"{asked.source}（{status_title(asked.status)}）"),
        ("计数", "按网格员姓名计，多人以顿号分开"),
        value=f"{kinds.get('no_worker', 0):,}" if known else "—",
        unit="个网格" if known else "",
        note=f"重复配备 {kinds.get('two_workers', 0):,} 个" if known else "无法计算：缺少网格员姓名",
        definition=f"网格员少于 {settings.workers_per_grid:g} 名的网格数；多于的为重复配备",
    )


def _households(here: Layout) -> Row:
    known = here.households[np.isfinite(here.households)]
    missing = here.count - len(known)
    words = f"{known.min():,.0f}–{known.max():,.0f} 户" if len(known) else "无法计算：缺少户数"
    return _tile(
        "每个网格户数（中位数）",
        ("未填报", f"{missing:,} 个网格没有户数，不参与计算"),
        value=f"{np.median(known):,.0f}" if len(known) else "—",
        unit="户" if len(known) else "",
        note=f"{words}；{missing:,} 个未填报" if missing and len(known) else words,
        definition="填报了户数的网格，户数的中位数、最小值与最大值",
    )


def _moderate(here: Layout, settings: CheckSettings, kinds: dict[Any, int]) -> Row:
    known = int(np.isfinite(here.households).sum())
    faulty = kinds.get("too_large", 0) + kinds.get("too_small", 0)
    most = grid_setting("urban_households_most")
    urban = f"{settings.urban_households_least:g}–{settings.urban_households_most:g} 户"
    return _tile(
        "规模适度的网格",
        ("城市规模带", f"{urban}（{most.source}；{status_title(most.status)}）"),
        ("农村规模带", f"{settings.rural_households_least:g}–{settings.rural_households_most:g} 户（同上）"),
        value=percent(1 - faulty / known) if known else "—",
        unit="",
        note=f"过大或过小 {faulty:,} 个" if known else "无法计算：缺少户数",
        definition="没有“规模过大”“规模过小”问题的网格，占填报了户数的网格",
    )
