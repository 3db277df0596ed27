"""The columns of every table of supply and demand: headings, how values are written, and what they mean."""

from __future__ import annotations

from layers.sheets import Column

UNIT_COLUMNS: tuple[Column, ...] = (
    Column("code", "代码", help="区划代码；空白行是未落入任何单元的格点和设施"),
    Column("name", "名称"),
    Column("level", "级别"),
    Column("demand", "需求", "count", "所选人群的人口 × 需求率"),
    Column("facilities", "设施数", "count", "位于单元内的设施"),
    Column("unknown", "缺少容量的设施", "count", "没有容量数据、未计入供给的设施；不作估计"),
    Column("capacity", "容量", "count", "位于单元内、有容量数据的设施的容量之和"),
)
ASSIGNMENT_COLUMNS: tuple[Column, ...] = (
    Column("served", "有位置", "count", "均衡分配下得到位置的人，可在单元以外的设施"),
    Column("unserved", "无位置", "count", "需求 − 有位置"),
    Column("out_of_reach", "其中：时限内没有设施", "count"),
    Column("full", "其中：容量已用尽", "count", "时限内有设施，但已无空余容量"),
    Column("undecided", "其中：无法计算", "count", "时限内的设施均缺少容量"),
    Column("share", "有位置占比", "share", "有位置 ÷（需求 − 无法计算）；分母为零时空缺"),
    Column("minutes", "平均步行分钟", "number", "有位置的人的平均步行时间"),
    Column("overload", "超载", "count", "单元内设施：人人都去最近一处时超出容量的人数之和"),
    Column("overloaded", "超载设施", "count", "单元内超载大于零的设施"),
)
E2SFCA_COLUMNS: tuple[Column, ...] = (
    Column(
        "access_1000",
        "千人可及容量",
        "number",
        "E2SFCA，按人口加权平均；时限内没有设施的人计 0，无法计算的人不计",
    ),
    Column("out_of_reach", "时限内没有设施", "count", "时限内没有任何设施的人，千人可及容量为 0"),
    Column("undecided", "无法计算", "count", "时限内的设施均缺少容量的人"),
)
PLACE_COLUMNS: tuple[Column, ...] = (
    Column("id", "设施编号"),
    Column("name", "名称"),
    Column("community", "村（社区）代码"),
    Column("community_name", "村（社区）"),
    Column("capacity", "容量", "count", "缺少容量的设施空缺，不作估计"),
)
LOAD_COLUMNS: tuple[Column, ...] = (
    Column("nearest", "就近人数", "count", "人人都去最近一处时来这里的人"),
    Column("overload", "超载", "count", "就近人数超出容量的部分"),
    Column("load", "均衡人数", "count", "均衡分配下来这里的人，不超过容量"),
    Column("spare", "余量", "count", "容量 − 均衡人数"),
)
RATIO_COLUMNS: tuple[Column, ...] = (
    Column(
        "ratio_1000",
        "千人供给比",
        "number",
        "E2SFCA 第一步：容量 ÷ 加权需求 × 1000；无人可达或缺少容量时空缺",
    ),
)
FACILITY_COLUMNS: tuple[Column, ...] = (*PLACE_COLUMNS, *LOAD_COLUMNS, *RATIO_COLUMNS)
CELL_COLUMNS: tuple[Column, ...] = (
    Column("id", "格点编号"),
    Column("demand", "需求", "number", "所选人群的人口 × 需求率"),
)
CELL_ASSIGNMENT_COLUMNS: tuple[Column, ...] = (
    Column("served", "有位置", "number"),
    Column("unserved", "无位置", "number"),
    Column("minutes", "平均步行分钟", "number", "有位置的人的平均步行时间"),
    Column("reason", "无位置的原因"),
)
CELL_E2SFCA_COLUMNS: tuple[Column, ...] = (
    Column("access_1000", "千人可及容量", "number", "时限内没有设施时为 0，无法计算时空缺"),
    Column("access", "人均可及容量", "number"),
    Column("facilities", "时限内设施数", "count", "有容量数据的设施"),
    Column("state", "说明"),
)
COLUMNS: dict[tuple[str, str], tuple[Column, ...]] = {
    ("assignment", "unit"): (*UNIT_COLUMNS, *ASSIGNMENT_COLUMNS),
    ("assignment", "facility"): (*PLACE_COLUMNS, *LOAD_COLUMNS),
    ("assignment", "cell"): (*CELL_COLUMNS, *CELL_ASSIGNMENT_COLUMNS),
    ("e2sfca", "unit"): (*UNIT_COLUMNS, *E2SFCA_COLUMNS),
    ("e2sfca", "facility"): (*PLACE_COLUMNS, *RATIO_COLUMNS),
    ("e2sfca", "cell"): (*CELL_COLUMNS, *CELL_E2SFCA_COLUMNS),
}
"""Columns by measure and by what a row is: a unit, a facility or a cell."""
