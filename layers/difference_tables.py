"""The tables of a difference to take away: by unit, group, walking time and cell, and all elements at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.schema import LEVEL_TITLES
from geodata.walkers import Walker
from layers.difference_words import caption_of
from layers.scale import classify, minute_scale
from layers.scenario_difference import Difference, cell_difference, summary
from layers.sheets import Column, Sheet, csv_of, xlsx_of

COVERED_COLUMNS: tuple[Column, ...] = (
    Column("people_before", "前人口", "count"),
    Column("people_after", "后人口", "count"),
    Column("covered_before", "前覆盖人口", "count", "步行时间不超过所选分钟数的人口"),
    Column("covered_after", "后覆盖人口", "count"),
    Column("gained", "新增覆盖人口", "count", "后可达而前不可达的人口，含新增住宅的人口"),
    Column("lost", "失去覆盖人口", "count", "前可达而后不可达的人口"),
    Column("share_before", "前覆盖占比", "share"),
    Column("share_after", "后覆盖占比", "share"),
)
WALK_COLUMNS: tuple[Column, ...] = (
    Column("shorter", "步行缩短人口", "count", "到最近设施的步行时间比前缩短的人口"),
    Column("longer", "步行延长人口", "count", "到最近设施的步行时间比前延长的人口"),
)
MEAN_COLUMNS: tuple[Column, ...] = (
    Column("walk_before", "前平均步行分钟", "amount", "按人口平均；60 分钟内不可达的按 60 分钟计"),
    Column("walk_after", "后平均步行分钟", "amount"),
)
NEWCOMERS: tuple[Column, ...] = (
    Column("newcomers", "新增住宅人口", "count", "方案新增住宅小区的人口；负数为减少"),
    Column("newcomers_covered", "其中可达", "count"),
)
UNIT_COLUMNS: tuple[Column, ...] = (
    Column("code", "代码", help="区划代码；空白行是未落入任何单元的格点"),
    Column("name", "名称"),
    Column("level", "级别"),
    *COVERED_COLUMNS,
    *WALK_COLUMNS,
    *MEAN_COLUMNS,
    *NEWCOMERS,
)
GROUP_COLUMNS: tuple[Column, ...] = (
    Column("title", "人群"), *COVERED_COLUMNS, *WALK_COLUMNS, *MEAN_COLUMNS, *NEWCOMERS
)  # fmt: skip
CELL_COLUMNS: tuple[Column, ...] = (
    Column("id", "格点编号"),
    Column("community", "村（社区）代码"),
    Column("people_before", "前人口", "number"),
    Column("people_after", "后人口", "number"),
    Column("minutes_before", "前步行分钟", "number", "60 分钟内不可达时空缺"),
    Column("minutes_after", "后步行分钟", "number", "60 分钟内不可达时空缺"),
    Column("gained", "新增覆盖人口", "number"),
    Column("lost", "失去覆盖人口", "number"),
)
ELEMENT_COLUMNS: tuple[Column, ...] = (
    Column("key", "要素"),
    Column("name", "名称"),
    Column("minutes", "时限（分钟）", "number", "要素所属生活圈的分钟数；没有层级的取 15"),
    *COVERED_COLUMNS,
    *WALK_COLUMNS,
    Column("facilities_before", "前设施数", "count"),
    Column("facilities_after", "后设施数", "count"),
)


WALKING_COLUMNS: tuple[Column, ...] = (
    Column("title", "步行时间", help="到最近设施的步行时间，按地图图例分级"),
    Column("people_before", "前人口", "count"),
    Column("people_after", "后人口", "count"),
    Column("change", "增减人口", "count"),
)


def walking_table(found: Difference) -> pd.DataFrame:
    """Return the people of the group by class of walking time, as in the legend of the map.

    Columns: ``title``, ``people_before``, ``people_after``, ``change`` (after − before; all add up to the newcomers).
    """
    scale = minute_scale(found.query.minutes)
    sides = ((found.people_before, found.seconds_before), (found.people_after, found.seconds_after))
    here = [
        np.bincount(classify(scale, seconds / 60), weights=people, minlength=len(scale.classes))
        for people, seconds in sides
    ]
    titles = [one.title for one in scale.classes]
    return pd.DataFrame(
        {"title": titles, "people_before": here[0], "people_after": here[1], "change": here[1] - here[0]}
    )


def sheets_of(found: Difference) -> list[Sheet]:
    """Return the tables of a difference: units, groups, walking times; cells where the element is not sensitive."""
    units = found.units.assign(level=found.units["level"].map(LEVEL_TITLES))
    made = [
        Sheet("分单元", units, UNIT_COLUMNS),
        Sheet("分人群", found.groups, GROUP_COLUMNS),
        Sheet("分步行时间", walking_table(found), WALKING_COLUMNS),
    ]
    if found.rule.sensitive:
        return made
    return [*made, Sheet("变化的格点", cell_difference(found), CELL_COLUMNS)]


def summary_sheet(before: City, after: City, *, walker: Walker, group_key: str = "all") -> Sheet:
    """Return the table of all elements, see :func:`layers.scenario_difference.summary`."""
    return Sheet("全部要素", summary(before, after, walker=walker, group_key=group_key), ELEMENT_COLUMNS)


def difference_csv(found: Difference) -> bytes:
    """Return the units, groups and cells of a difference as CSV (see :func:`layers.sheets.csv_of`)."""
    return csv_of(sheets_of(found), caption_of(found))


def difference_xlsx(found: Difference) -> bytes:
    """Return the tables of a difference and that of all elements as a workbook."""
    sides, query = found.sides, found.query
    every = summary_sheet(sides.before, sides.after, walker=query.who(), group_key=query.group)
    return xlsx_of([*sheets_of(found), every], caption_of(found))
